package imds

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"skylab/sim/clock"
	"skylab/sim/cloud/entra"
	"skylab/sim/ids"
	"skylab/sim/ojson"
)

// EntraIssuer asks Entra's token endpoint over the network, proving itself with
// the platform's key.
type EntraIssuer struct {
	Transport http.RoundTripper // the platform's own card
	Key       *entra.Key
	Clock     *clock.Clock
	IDs       *ids.Source
}

// Token implements [Issuer]. The exchange becomes a child of r's.
func (e EntraIssuer) Token(r *http.Request, vm VM, id Identity, resource string) (int, *ojson.Object, error) {
	endpoint := "https://login.microsoftonline.com/" + vm.TenantID + "/oauth2/token"
	proof, err := entra.Assertion(e.Key, id.ClientID, vm.ID, endpoint, e.IDs.GUID("imds.assertion"), e.Clock.Now())
	if err != nil {
		return 0, nil, fmt.Errorf("prove the platform to Entra: %w", err)
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id.ClientID}, "resource": {resource},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {proof},
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, fmt.Errorf("ask Entra for a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := e.Transport.RoundTrip(req)
	if err != nil {
		return 0, nil, fmt.Errorf("ask Entra for a token: %w", err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("read Entra's answer: %w", err)
	}
	body := &ojson.Object{}
	if err := body.UnmarshalJSON(data); err != nil {
		return 0, nil, fmt.Errorf("read Entra's answer: %w", err)
	}
	return res.StatusCode, body, nil
}
