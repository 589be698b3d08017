package arm

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"skylab/sim/cloud/identity"
)

// authenticate is facts/azure-wire.md §4.2.
func (a *ARM) authenticate(c *call) error {
	if c.claims != nil { // an inner call's caller is known
		return nil
	}
	header := c.Header.Get("Authorization")
	tenant := ""
	if _, ok := c.vars["subscription"]; ok {
		tenant = a.Directory.TenantID()
	}
	refuse := func(code, message, description string) error {
		c.w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization_uri="https://login.windows.net/%s", error="invalid_token", error_description="%s"`, tenant, description))
		return failf(http.StatusUnauthorized, code, "%s", message)
	}
	if header == "" {
		return refuse("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.", "The authentication failed because of missing 'Authorization' header.")
	}
	scheme, token, ok := strings.Cut(header, " ")
	if token = strings.TrimSpace(token); !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		const text = "Authentication failed. The 'Authorization' header is provided in an invalid format."
		return refuse("AuthenticationFailedInvalidHeader", text, text)
	}
	claims, err := a.Verifier.Verify(c.Context(), token, Audiences)
	var te *identity.TokenError
	switch {
	case err == nil:
		c.claims = claims
		return nil
	case !errors.As(err, &te):
		return fmt.Errorf("verify the token: %w", err)
	}
	code, message := "InvalidAuthenticationToken", "The access token is invalid."
	switch te.Reason {
	case identity.Expired:
		code, message = "ExpiredAuthenticationToken", fmt.Sprintf("The access token expiry UTC time '%s' is earlier than current UTC time '%s'.", clockText(te.Claims.Expires), clockText(a.Clock.Now()))
	case identity.BadAudience:
		code, message = "InvalidAuthenticationTokenAudience", fmt.Sprintf("The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'.", te.Claims.Audience, strings.Join(Audiences, "','"))
	case identity.BadIssuer:
		own := a.Directory.TenantID()
		code, message = "InvalidAuthenticationTokenTenant", fmt.Sprintf("The access token is from the wrong issuer '%s'. It must match the tenant 'https://sts.windows.net/%s/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/%s' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.", te.Claims.Issuer, own, own)
	}
	return refuse(code, message, message)
}

// clockText prints a time as these errors do: M/d/yyyy h:mm:ss tt.
func clockText(t time.Time) string { return t.UTC().Format("1/2/2006 3:04:05 PM") }
