package entra

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Handler serves the token service's endpoints under /{tenant}, where {tenant}
// is the tenant's id, its domain, or common, organizations, consumers.
func (e *Entra) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/discovery/keys", e.serveKeys)
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", e.serveKeys)
	mux.HandleFunc("GET /{tenant}/.well-known/openid-configuration", e.serveConfigV1)
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", e.serveConfigV2)
	mux.HandleFunc("GET /{tenant}/discovery/instance", e.serveInstance)
	mux.HandleFunc("GET /{tenant}/oauth2/authorize", e.serveAuthorize)
	mux.HandleFunc("GET /{tenant}/oauth2/v2.0/authorize", e.serveAuthorize)
	mux.HandleFunc("POST /{tenant}/oauth2/devicecode", e.serveDeviceCode)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/devicecode", e.serveDeviceCode)
	mux.HandleFunc("GET /device", e.serveDevicePage)
	mux.HandleFunc("GET /{tenant}/oauth2/deviceauth", e.serveDevicePage)
	mux.HandleFunc("POST /{tenant}/oauth2/deviceauth", e.enterCode)
	mux.HandleFunc("POST /{tenant}/oauth2/token", e.serveToken)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", e.serveToken)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("P3P", `CP="DSP CUR OTPi IND OTRi ONL FIN"`)
		h.Set("x-ms-request-id", e.ids.GUID("entra.request"))
		mux.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, status int, cache string, v any) {
	b, err := ojson.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("entra: marshal an answer: %v", err)) // our own data
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", cache)
	if cache == "no-store, no-cache" {
		w.Header().Set("Pragma", "no-cache")
		w.Header().Set("Expires", "-1")
	} else {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	w.WriteHeader(status)
	w.Write(b)
}

// discoveryCache is how long Entra lets clients keep its discovery documents.
const discoveryCache = "max-age=86400, private"

func (e *Entra) serveKeys(w http.ResponseWriter, r *http.Request) {
	issuer := ""
	if strings.Contains(r.URL.Path, "/v2.0/") {
		issuer = "https://login.microsoftonline.com/" + e.TenantID() + "/v2.0"
	}
	writeJSON(w, http.StatusOK, discoveryCache, ojson.Obj("keys", []any{e.key.jwk(issuer)}))
}

// tenantOf resolves the tenant of a path; common and its like are this tenant.
func (e *Entra) tenantOf(r *http.Request) (string, bool) {
	asked := strings.ToLower(r.PathValue("tenant"))
	s := e.State()
	switch asked {
	case s.TenantID, s.Domain, "common", "organizations":
		return s.TenantID, true
	}
	return asked, false
}

func strs(list ...string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// serveConfigV2 answers in the order of facts/azure-wire.md §3.3.
func (e *Entra) serveConfigV2(w http.ResponseWriter, r *http.Request) {
	tid, ok := e.tenantOf(r)
	if !ok {
		e.fail(w, r, unknownTenant(tid))
		return
	}
	path := r.PathValue("tenant")
	if path == "common" || path == "organizations" {
		tid = path
	}
	base := "https://login.microsoftonline.com/" + tid
	issuer := base + "/v2.0"
	if tid == path && tid != e.TenantID() {
		issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
	}
	writeJSON(w, http.StatusOK, discoveryCache, ojson.Obj(
		"token_endpoint", base+"/oauth2/v2.0/token", "token_endpoint_auth_methods_supported", strs("client_secret_post", "private_key_jwt", "client_secret_basic"),
		"jwks_uri", base+"/discovery/v2.0/keys", "response_modes_supported", strs("query", "fragment", "form_post"), "subject_types_supported", strs("pairwise"),
		"id_token_signing_alg_values_supported", strs("RS256"), "response_types_supported", strs("code", "id_token", "code id_token", "id_token token"),
		"scopes_supported", strs("openid", "profile", "email", "offline_access"), "issuer", issuer, "request_uri_parameter_supported", false,
		"userinfo_endpoint", "https://graph.microsoft.com/oidc/userinfo", "authorization_endpoint", base+"/oauth2/v2.0/authorize",
		"device_authorization_endpoint", base+"/oauth2/v2.0/devicecode", "http_logout_supported", true, "frontchannel_logout_supported", true,
		"end_session_endpoint", base+"/oauth2/v2.0/logout",
		"claims_supported", strs("sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"),
		"kerberos_endpoint", base+"/kerberos", "tenant_region_scope", "NA", "cloud_instance_name", "microsoftonline.com", "cloud_graph_host_name", "graph.windows.net",
		"msgraph_host", "graph.microsoft.com", "rbac_url", "https://pas.windows.net"))
}

func (e *Entra) serveConfigV1(w http.ResponseWriter, r *http.Request) {
	tid, ok := e.tenantOf(r)
	if !ok {
		e.fail(w, r, unknownTenant(tid))
		return
	}
	base := "https://login.microsoftonline.com/" + r.PathValue("tenant")
	writeJSON(w, http.StatusOK, discoveryCache, ojson.Obj(
		"token_endpoint", base+"/oauth2/token", "token_endpoint_auth_methods_supported", strs("client_secret_post", "private_key_jwt", "client_secret_basic"),
		"jwks_uri", "https://login.microsoftonline.com/common/discovery/keys", "response_modes_supported", strs("query", "fragment", "form_post"),
		"subject_types_supported", strs("pairwise"), "id_token_signing_alg_values_supported", strs("RS256"),
		"response_types_supported", strs("code", "id_token", "code id_token", "token id_token", "token"), "scopes_supported", strs("openid"),
		"issuer", e.issuer(), "authorization_endpoint", base+"/oauth2/authorize", "device_authorization_endpoint", base+"/oauth2/devicecode",
		"end_session_endpoint", base+"/oauth2/logout", "tenant_region_scope", "NA", "cloud_instance_name", "microsoftonline.com",
		"cloud_graph_host_name", "graph.windows.net", "msgraph_host", "graph.microsoft.com", "rbac_url", "https://pas.windows.net"))
}

func (e *Entra) serveInstance(w http.ResponseWriter, r *http.Request) {
	version := r.URL.Query().Get("api-version")
	out := ojson.Obj("tenant_discovery_endpoint", "https://login.microsoftonline.com/"+r.PathValue("tenant")+"/v2.0/.well-known/openid-configuration", "api-version", version)
	if version != "1.0" {
		out.Set("metadata", []any{ojson.Obj("preferred_network", "login.microsoftonline.com", "preferred_cache", "login.windows.net",
			"aliases", strs("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"))})
	}
	writeJSON(w, http.StatusOK, discoveryCache, out)
}

// oauthError is an answer of the token service that refuses.
type oauthError struct {
	status int
	id     string // "invalid_resource"
	code   int    // AADSTS…
	text   string
}

func unknownTenant(t string) oauthError {
	return oauthError{http.StatusBadRequest, "invalid_tenant", 90002, fmt.Sprintf("Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", t)}
}

func missingParameter(name string) oauthError {
	return oauthError{http.StatusBadRequest, "invalid_request", 900144, fmt.Sprintf("The request body must contain the following parameter: '%s'.", name)}
}

// fail answers with an error in the order of facts/azure-wire.md §1.2.
func (e *Entra) fail(w http.ResponseWriter, r *http.Request, x oauthError) {
	trace, correlation := w.Header().Get("x-ms-request-id"), r.Header.Get("client-request-id")
	if correlation == "" {
		correlation = e.ids.GUID("entra.correlation")
	}
	stamp := e.clock.Now().Format("2006-01-02 15:04:05Z")
	if x.code == 0 { // not an error of Entra's
		network.AddNote(r.Context(), exchange.Note{Kind: "entra.refused", Text: x.text})
		writeJSON(w, x.status, "no-store, no-cache", ojson.Obj("error", x.id, "error_description", x.text))
		return
	}
	network.AddNote(r.Context(), exchange.Note{Kind: "entra.refused", Text: fmt.Sprintf("AADSTS%d: %s", x.code, x.text), Data: map[string]any{"code": x.code}})
	writeJSON(w, x.status, "no-store, no-cache", ojson.Obj("error", x.id,
		"error_description", fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", x.code, x.text, trace, correlation, stamp),
		"error_codes", []any{x.code}, "timestamp", stamp, "trace_id", trace, "correlation_id", correlation,
		"error_uri", fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", x.code)))
}

// maxForm is the most bytes of a token request.
const maxForm = 64 << 10

func (e *Entra) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		e.fail(w, r, missingParameter("grant_type"))
		return
	}
	tid, ok := e.tenantOf(r)
	if !ok {
		e.fail(w, r, unknownTenant(tid))
		return
	}
	form := r.PostForm
	switch grant := form.Get("grant_type"); {
	case grant == "client_credentials":
		e.clientCredentials(w, r, form)
	case grant == "authorization_code":
		e.redeemCode(w, r, form)
	case grant == "refresh_token":
		e.redeemRefresh(w, r, form)
	case grant == deviceGrant || grant == "device_code":
		e.redeemDevice(w, r, form)
	case grant == "":
		e.fail(w, r, missingParameter("grant_type"))
	case slices.Contains(otherGrants, grant):
		e.fail(w, r, oauthError{status: http.StatusNotImplemented, id: "not_simulated", text: "skylab: grant_type=" + grant + " is real but not simulated here"})
	default:
		e.fail(w, r, oauthError{http.StatusBadRequest, "unsupported_grant_type", 70003, fmt.Sprintf("The app requested an unsupported grant type '%s'.", grant)})
	}
}

// otherGrants are grants that Entra has and we have not.
var otherGrants = []string{"password", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:ietf:params:oauth:grant-type:saml1_1-bearer", "urn:ietf:params:oauth:grant-type:token-exchange"}

// isV2 tells whether a request came to an endpoint of version 2.
func isV2(r *http.Request) bool { return strings.Contains(r.URL.Path, "/v2.0/") }
