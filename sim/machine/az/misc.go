package az

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"skylab/sim/machine/az/model"
	"skylab/sim/ojson"
)

var miscCommands = map[string]command{
	"rest": cmdRest, "version": cmdVersion,
}

const telemetryVersion = "1.0.8"

func cmdVersion(c *call) (any, error) {
	c.raw = true
	return ojson.Obj("azure-cli", Version, "azure-cli-core", Version, "azure-cli-telemetry", telemetryVersion, "extensions", ojson.New()), nil
}

// printVersions is az --version.
func (c *call) printVersions() {
	fmt.Fprintf(c.p.Stdout, `azure-cli                         %s

core                              %s
telemetry                          %s

Dependencies:
msal                              1.21.0
azure-mgmt-resource               22.0.0

Python location '/usr/bin/python3'
Extensions directory '%s'

Python (Linux) 3.11.2 (main, Mar 13 2023, 12:18:29) [GCC 12.2.0]

Legal docs and information: aka.ms/AzureCliLegal


`, Version, Version, telemetryVersion, path.Join(c.configDir(), "cliextensions"))
}

// resourceForURL is the resource whose token goes with a request of az rest; ""
// if the address tells none.
func resourceForURL(u string) string {
	low := strings.ToLower(u)
	if strings.HasPrefix(low, armHost) {
		return armResource
	}
	for _, r := range []string{"https://datalake.azure.net/", "https://graph.windows.net/", "https://api.loganalytics.io", "https://api.applicationinsights.io", "https://attest.azure.net", "https://batch.core.windows.net/",
		"https://gallery.azure.com/", "https://login.microsoftonline.com", "https://management.core.windows.net/", "https://rest.media.azure.net", "https://graph.microsoft.com/", "https://ossrdbms-aad.database.windows.net", "https://dev.azuresynapse.net"} {
		if strings.HasPrefix(low, strings.ToLower(r)) {
			return r
		}
	}
	return ""
}

var subscriptionInURL = regexp.MustCompile(`(?i)/subscriptions/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`)

// keyValues reads words that are KEY=VALUE or JSON objects.
func keyValues(words []string) (*ojson.Object, error) {
	out := ojson.New()
	for _, w := range words {
		if o, ok := model.Literal(w).(*ojson.Object); ok {
			for _, m := range o.Members() {
				out.Set(m.Key, m.Value)
			}
			continue
		}
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			return nil, unexpected("ValueError: not enough values to unpack (expected 2, got 1)")
		}
		out.Set(k, v)
	}
	return out, nil
}

func cmdRest(c *call) (any, error) {
	c.raw = true
	headers, err := keyValues(c.list("headers"))
	if err != nil {
		return nil, err
	}
	params, err := keyValues(c.list("uri_parameters"))
	if err != nil {
		return nil, err
	}
	u := c.str("url")
	if !strings.Contains(u, "://") {
		u = armHost + u
	}
	if strings.Contains(u, "{subscriptionId}") {
		sub, err := c.subscription()
		if err != nil {
			return nil, err
		}
		u = strings.ReplaceAll(u, "{subscriptionId}", sub)
	}
	r := request{method: strings.ToUpper(or(c.str("method"), "get")), header: http.Header{}}
	for _, m := range headers.Members() {
		r.header.Set(m.Key, text(m.Value))
	}
	agent := "python/3.11.2 (Linux-5.15.0-1034-azure-x86_64-with-glibc2.36) " + userAgent
	r.header.Set("User-Agent", strings.TrimSpace(agent+" "+r.header.Get("User-Agent")))
	if r.header.Get("x-ms-client-request-id") == "" {
		r.header.Set("x-ms-client-request-id", c.p.IDs.GUID("az.request"))
	}
	if body := c.str("body"); c.line.Has("body") {
		if data, err := c.readText(strings.TrimPrefix(body, "@")); err == nil && strings.HasPrefix(body, "@") {
			body = data
		}
		v := model.Literal(body)
		if _, plain := v.(string); !plain {
			data, err := ojson.Marshal(v)
			if err != nil {
				return nil, failf("%s", err)
			}
			body = string(pythonJSON(data))
			if r.header.Get("Content-Type") == "" {
				r.header.Set("Content-Type", "application/json")
			}
		}
		r.body = []byte(body)
	}
	r.header.Set("CommandName", c.cmd.Path)
	r.header.Set("ParameterSetName", strings.Join(parameterNames(c.words), " "))
	if u, err = withParameters(u, params); err != nil {
		return nil, err
	}
	r.url = u
	if err := c.restToken(&r); err != nil {
		return nil, err
	}
	res, err := c.send(r)
	if err != nil {
		return nil, connection(err, u)
	}
	if !res.ok() {
		return nil, restError(res)
	}
	if out := c.str("output_file"); out != "" {
		return nil, c.p.FS.WriteFile(c.path(out), res.body, 0o644)
	}
	if len(res.body) == 0 {
		return nil, nil
	}
	v, err := ojson.Decode(res.body)
	if err != nil {
		c.warn("Not a json response, outputting to stdout. For binary data suggest use \"--output-file\" to write to a file")
		fmt.Fprintf(c.p.Stdout, "%s\n", res.body)
		return nil, nil
	}
	return v, nil
}

func withParameters(u string, params *ojson.Object) (string, error) {
	parsed, err := url.Parse(escape(u))
	if err != nil || parsed.Host == "" {
		return "", failf("Invalid URL '%s': No host supplied", u)
	}
	for _, m := range params.Members() {
		if parsed.RawQuery != "" {
			parsed.RawQuery += "&"
		}
		parsed.RawQuery += url.QueryEscape(m.Key) + "=" + url.QueryEscape(text(m.Value))
	}
	return parsed.String(), nil
}

// restToken gives a request the token of its address.
func (c *call) restToken(r *request) error {
	if c.flag("skip_authorization_header") || r.header.Get("Authorization") != "" || !strings.HasPrefix(strings.ToLower(r.url), "https://") {
		return nil
	}
	resource := or(c.str("resource"), resourceForURL(r.url))
	if resource == "" {
		c.warn("Can't derive appropriate Azure AD resource from --url to acquire an access token. If access token is required, use --resource to specify the resource")
		return nil
	}
	account := ""
	if m := subscriptionInURL.FindStringSubmatch(r.url); m != nil && strings.HasPrefix(strings.ToLower(r.url), armHost) {
		account = m[1]
	}
	t, err := c.token(resource, account, "")
	if err != nil {
		return err
	}
	r.header.Set("Authorization", "Bearer "+t.access)
	return nil
}

// restError is the error of an answer to az rest or Graph: the reason and the
// body as it came.
func restError(res *response) error {
	f := &fault{text: res.reason, exit: 1, status: res.status}
	if len(res.body) > 0 {
		f.text += "(" + string(res.body) + ")"
	}
	if o := res.object().Obj("error"); strings.HasPrefix(o.Str("message"), "skylab: ") {
		f.text, f.plain = o.Str("message"), true
	}
	if res.status == http.StatusUnauthorized && res.header.Get("WWW-Authenticate") != "" {
		f.advice = []string{"Interactive authentication is needed. Please run:\naz logout\naz login"}
	}
	return f
}
