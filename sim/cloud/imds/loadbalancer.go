package imds

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"skylab/sim/ojson"
)

// loadBalancer tells of public addresses of the Standard SKU, which the network
// puts before a VM as a balancer's. There are no balancers with rules in a lab.
func (s *IMDS) loadBalancer(w http.ResponseWriter, r *http.Request, vm VM, q url.Values) {
	at := strings.TrimSuffix(r.URL.Path, "/")
	switch format := q.Get("format"); {
	case !strings.EqualFold(at, "/metadata/loadbalancer"):
		plain(w, http.StatusNotFound, fmt.Sprintf("API is not found: Path = %q, Method = %q", r.URL.Path, r.Method))
		return
	case r.Method != http.MethodGet:
		plain(w, http.StatusMethodNotAllowed, fmt.Sprintf("Http method is not allowed: Path = %q, Method = %q", r.URL.Path, r.Method))
		return
	case format != "" && !strings.EqualFold(format, "json"):
		plain(w, http.StatusBadRequest, fmt.Sprintf("Parameter value %q is not allowed for parameter \"format\". Please fix the request and retry.", format))
		return
	}
	addresses := []any{}
	for _, n := range vm.Network {
		if n.Standard && n.PublicIP != "" {
			addresses = append(addresses, ojson.Obj("frontendIpAddress", n.PublicIP, "privateIpAddress", n.PrivateIP))
		}
	}
	if len(addresses) == 0 {
		plain(w, http.StatusNotFound, "No load balancer metadata is found. Please check if your VM is using any non-basic SKU load balancer and retry later.")
		return
	}
	answer(w, http.StatusOK, ojson.Obj("loadbalancer", ojson.Obj("publicIpAddresses", addresses, "inboundRules", []any{}, "outboundRules", []any{})))
}
