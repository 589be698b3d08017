package imds

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"skylab/sim/ojson"
)

// selectors are the query parameters that name an identity; the last two are
// the same one.
var selectors = []string{"client_id", "object_id", "msi_res_id", "mi_res_id"}

// token is facts/azure-wire.md §1.2.
func (s *IMDS) token(w http.ResponseWriter, r *http.Request, vm VM, q url.Values) {
	if !s.NeverThrottle && s.throttled(vm.ID, Rate) {
		note(r, "imds.throttle", fmt.Sprintf("More than %d token requests came from this VM within a second.", Rate), nil)
		refuse(w, http.StatusTooManyRequests, "too_many_requests", "Temporarily throttled, too many requests")
		return
	}
	resource := q.Get("resource")
	if resource == "" {
		refuse(w, http.StatusBadRequest, "invalid_request", "Required query variable 'resource' is missing")
		return
	}
	if v := q.Get("bypass_cache"); v != "" && v != "true" {
		refuse(w, http.StatusBadRequest, "invalid_request", "Query variable 'bypass_cache' must be true if it is given")
		return
	}
	id, why, problem := choose(vm, q)
	if problem != "" {
		note(r, "imds.identity", why, nil)
		refuse(w, http.StatusBadRequest, "invalid_request", problem)
		return
	}
	note(r, "imds.identity", why, map[string]any{"principalId": id.PrincipalID, "clientId": id.ClientID, "resourceId": id.ResourceID})
	now := s.Clock.Now()
	key := strings.ToLower(vm.ID + " " + id.ClientID + " " + resource)
	s.mu.Lock()
	cached, hit := s.state.Cache[key]
	s.mu.Unlock()
	hit = hit && now.Unix() < cached.ExpiresOn && cached.Resource == resource && q.Get("bypass_cache") == ""
	if hit {
		note(r, "imds.cache", "The token came from the metadata service's cache, so Entra was not asked.", map[string]any{"hit": true, "until": cached.ExpiresOn})
	} else {
		note(r, "imds.cache", "No token was cached for this identity and resource, so Entra was asked.", map[string]any{"hit": false})
		status, body, err := s.Issuer.Token(r, vm, id, resource)
		switch {
		case err != nil:
			refuse(w, http.StatusServiceUnavailable, "service_unavailable", "The identity service could not be reached")
			return
		case status != http.StatusOK:
			answer(w, http.StatusBadRequest, body)
			return
		}
		cached = Cached{Token: body.Str("access_token"), Resource: resource, NotBefore: number(body.Str("not_before")), ExpiresOn: number(body.Str("expires_on"))}
		s.mu.Lock()
		s.state.Cache[key] = cached
		s.mu.Unlock()
	}
	left := cached.ExpiresOn - s.Clock.Now().Unix()
	answer(w, http.StatusOK, ojson.Obj("access_token", cached.Token, "client_id", id.ClientID, "expires_in", strconv.FormatInt(left, 10),
		"expires_on", strconv.FormatInt(cached.ExpiresOn, 10), "ext_expires_in", "86399", "not_before", strconv.FormatInt(cached.NotBefore, 10),
		"resource", resource, "token_type", "Bearer"))
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// choose picks the identity that a request means: the one it names, otherwise
// the system-assigned one, otherwise the only user-assigned one.
func choose(vm VM, q url.Values) (id Identity, why, problem string) {
	name, value := "", ""
	for _, s := range selectors {
		if q.Has(s) {
			if name != "" {
				return id, "The request names an identity twice, by " + name + " and by " + s + ".", "Only one of client_id, object_id and msi_res_id may be specified"
			}
			name, value = s, q.Get(s)
		}
	}
	all := vm.User
	if vm.System != nil {
		all = append([]Identity{*vm.System}, all...)
	}
	const none = "Identity not found"
	switch {
	case name != "":
		for _, id := range all {
			has := map[string]string{"client_id": id.ClientID, "object_id": id.PrincipalID}[name]
			if strings.HasSuffix(name, "res_id") {
				has = id.ResourceID
			}
			if has != "" && strings.EqualFold(has, value) {
				return id, "The request names this identity by " + name + ".", ""
			}
		}
		return id, "No identity of this VM has the " + name + " that the request names.", none
	case vm.System != nil:
		return *vm.System, "The request names no identity, so the VM's system-assigned one is used.", ""
	case len(vm.User) == 1:
		return vm.User[0], "The request names no identity and the VM has just one, user-assigned, so that is used.", ""
	case len(vm.User) > 1:
		return id, "The request names no identity, and the VM has several user-assigned ones and no system-assigned one.", "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"
	}
	return id, "The VM has no managed identity.", none
}

// throttled counts a request under a key and tells whether it is one too many
// for a second.
func (s *IMDS) throttled(key string, rate int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	var recent []string
	for _, at := range s.state.Calls[key] {
		if t, err := time.Parse(time.RFC3339Nano, at); err == nil && now.Sub(t) < time.Second {
			recent = append(recent, at)
		}
	}
	if len(recent) >= rate {
		s.state.Calls[key] = recent
		return true
	}
	s.state.Calls[key] = append(recent, now.Format(time.RFC3339Nano))
	return false
}
