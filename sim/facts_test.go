package sim_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"skylab/sim"
	"skylab/sim/cloud/entra"
	"skylab/sim/kit/full"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/machine/shell"
	"skylab/sim/ojson"
)

// The facts of facts/azure-wire.md §1 to §4 that are refusals, each asked of a
// fresh linux-vm lab with the machine's own curl, so that status line, header
// spelling, header order and body are what a learner sees.

// desk is a fresh lab with what the rows speak of.
type desk struct {
	lab  *sim.Lab
	vars map[string]string // {name} in a row
	hide []string          // value, name, … for what is shown
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	l, err := sim.New(context.Background(), sim.Options{Kit: full.Kit(), Seed: "facts", At: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{lab: l, vars: map[string]string{"imds": "http://169.254.169.254/metadata", "entra": "https://login.microsoftonline.com", "arm": "https://management.azure.com"}}
	for _, target := range []blade.Action{{Path: "/"}, {Target: "nav.groups"}} {
		if _, err := l.Portal().Do(t.Context(), target); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range l.Exchanges().State().Exchanges {
		for _, f := range e.Request.Fields {
			if f.Name == "Authorization" && strings.HasPrefix(e.Request.URL, d.vars["arm"]) {
				d.vars["admin"] = strings.TrimPrefix(f.Value, "Bearer ")
			}
		}
	}
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(d.run(t, "myVM", "curl -s -H Metadata:true '{imds}/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/'")), &body); err != nil || d.vars["admin"] == "" {
		t.Fatalf("no tokens: %v", err)
	}
	d.vars["vm"] = body.Token
	claims := payload(t, body.Token)
	d.vars["s"] = d.run(t, "myVM", "curl -s -H Metadata:true '{imds}/instance/compute/subscriptionId?api-version=2021-02-01&format=text'")
	d.vars["t"], d.vars["oid"], d.vars["appid"] = claims.Str("tid"), claims.Str("oid"), claims.Str("appid")
	for _, name := range []string{"s", "t", "oid", "appid"} {
		d.hide = append(d.hide, d.vars[name], "{"+name+"}")
	}
	d.vars["group"] = d.vars["arm"] + "/subscriptions/" + d.vars["s"] + "/resourceGroups/myResourceGroup"
	d.vars["machine"] = d.vars["group"] + "/providers/Microsoft.Compute/virtualMachines/myVM"
	d.vars["roles"] = d.vars["group"] + "/providers/Microsoft.Authorization/roleAssignments"
	// Tokens that are wrong in one way each, signed with the simulation's key.
	key, err := entra.SimulationKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ojson.Object){
		"expired":  func(o *ojson.Object) { o.Set("exp", l.Clock().Now().Add(-time.Hour).Unix()) },
		"audience": func(o *ojson.Object) { o.Set("aud", "https://vault.azure.net") },
		"issuer":   func(o *ojson.Object) { o.Set("iss", "https://sts.windows.net/00000000-0000-0000-0000-000000000000/") },
		"early":    func(o *ojson.Object) { o.Set("nbf", l.Clock().Now().Add(time.Hour).Unix()) },
	} {
		changed := claims.Clone()
		change(changed)
		if d.vars[name], err = key.Sign(changed); err != nil {
			t.Fatal(err)
		}
	}
	d.vars["forged"] = body.Token[:len(body.Token)-8] + "AAAAAAAA"
	return d
}

func payload(t *testing.T, token string) *ojson.Object {
	t.Helper()
	o := &ojson.Object{}
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = o.UnmarshalJSON(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var variable = regexp.MustCompile(`\{([a-z]+)\}`)

// run runs a line on a machine, with variables filled in.
func (d *desk) run(t *testing.T, machine, text string) string {
	t.Helper()
	text = variable.ReplaceAllStringFunc(text, func(s string) string {
		if v, ok := d.vars[s[1:len(s)-1]]; ok {
			return v
		}
		return s
	})
	var out bytes.Buffer
	if _, err := d.lab.Script(context.Background(), machine, text, shell.Streams{Out: &out, Err: &out}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// masks make what changes from answer to answer equal.
var masks = []struct {
	form *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "{guid}"},
	{regexp.MustCompile(`(?m)^Date: .*$`), "Date: {date}"},
	{regexp.MustCompile(`:\d{8}T\d{6}Z:`), ":{time}:"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ`), "{time}"},
	{regexp.MustCompile(`11/24/2026 \d{1,2}:\d\d:\d\d [AP]M`), "{clock}"},
	{regexp.MustCompile(`(remaining-subscription-\w+): \d+`), "$1: {n}"},
}

func (d *desk) masked(s string) string {
	s = strings.NewReplacer(d.hide...).Replace(s)
	for _, m := range masks {
		s = m.form.ReplaceAllString(s, m.with)
	}
	return s
}

// The headers of the services, a field a line. IMDS and Entra send just these;
// Resource Manager at least these, in this order.
const (
	imdsHeaders = "Content-Type: application/json; charset=utf-8\nServer: IMDS/150.870.65.1854\nx-ms-request-id: {guid}\nDate: {date}\nContent-Length: "
	armHeaders  = "Cache-Control: no-cache\nPragma: no-cache\nContent-Type: application/json; charset=utf-8\nExpires: -1\nx-ms-failure-cause: gateway\n" +
		"x-ms-request-id: {guid}\nx-ms-correlation-request-id: {guid}\nx-ms-routing-request-id: WESTUS:{time}:{guid}\nStrict-Transport-Security: max-age=31536000; includeSubDomains\nX-Content-Type-Options: nosniff\nDate: {date}\nContent-Length: "
	entraHeaders = "Cache-Control: no-store, no-cache\nPragma: no-cache\nContent-Type: application/json; charset=utf-8\nExpires: -1\nStrict-Transport-Security: max-age=31536000; includeSubDomains\nX-Content-Type-Options: nosniff\nP3P: CP=\"DSP CUR OTPi IND OTRi ONL FIN\"\nx-ms-request-id: {guid}\nDate: {date}\nContent-Length: "
)

// row is a refusal. The command comes after "curl -si"; the body stands without
// a service's frame around it where frame is set.
type row struct {
	name, section string
	on            string // the machine
	before        string // commands that make the world so
	command       string
	status        string
	headers       string
	length        string // of the body, where the facts give it
	body          string
}

func imdsRow(name, query, header, status, length, body string) row {
	return row{name: name, section: "1.2", on: "myVM", command: header + " '{imds}" + query + "'", status: status, headers: imdsHeaders, length: length, body: body}
}

// armRow has its code and message in Resource Manager's frame.
func armRow(section, name, command, status, code, message string) row {
	return row{name: name, section: section, on: "laptop", command: command, status: status, headers: armHeaders, body: `{"error":{"code":"` + code + `","message":"` + message + `"}}`}
}

// refused is an armRow of §4.2: 401 with its challenge. tenant is "{t}" where
// the path names a subscription, otherwise "".
func refused(name, command, tenant, code, message, description string) row {
	r := armRow("4.2", name, command, "401 Unauthorized", code, message)
	if description == "" {
		description = message
	}
	r.headers = strings.Replace(r.headers, "x-ms-failure-cause", `WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/`+tenant+`", error="invalid_token", error_description="`+description+"\"\nx-ms-failure-cause", 1)
	return r
}

const (
	tokenQuery  = "/identity/oauth2/token?api-version=2018-02-01"
	forARM      = "&resource=https://management.azure.com/"
	metadata    = "-H Metadata:true"
	read        = "'{group}?api-version=2016-09-01'"
	noAudience  = "The access token has been obtained for wrong audience or resource 'https://vault.azure.net'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'."
	wrongTenant = "The access token is from the wrong issuer 'https://sts.windows.net/{guid}/'. It must match the tenant 'https://sts.windows.net/{t}/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/{t}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later."
	noHeader    = "Authentication failed. The 'Authorization' header is missing."
	noHeaderWhy = "The authentication failed because of missing 'Authorization' header."
	badHeader   = "Authentication failed. The 'Authorization' header is provided in an invalid format."
	notAllowed  = "The client '{appid}' with object id '{oid}' does not have authorization to perform action '%A' over scope '%S' or the scope is invalid. If access was recently granted, please refresh your credentials."
	noPrincipal = "Principal 99999999111141118111111111111111 does not exist in the directory {t}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"
	asAdmin     = "-H 'Authorization: Bearer {admin}' "
	asVM        = "-H 'Authorization: Bearer {vm}' "
	one         = "/11111111-1111-4111-8111-111111111111?api-version=2022-04-01'"
	two         = "/22222222-2222-4222-8222-222222222222?api-version=2022-04-01'"
	reader      = `-d '{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"{oid}"}}' `
	secondUser  = "curl -s -X PUT " + asAdmin + `-d '{"location":"westus"}' '{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/another?api-version=2023-01-31'` + "\n"
	twoUsers    = "curl -s -X PATCH " + asAdmin + `-d '{"identity":{"type":"UserAssigned","userAssignedIdentities":{"/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/another":{},"/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity":{}}}}' '{machine}?api-version=2018-06-01'` + "\n"
	attach      = `-d '{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity":{}}}}' '{machine}?api-version=2018-06-01'`
	noIdentity  = "curl -s -X PATCH " + asAdmin + `-d '{"identity":{"type":"None"}}' '{machine}?api-version=2018-06-01'` + "\n"
)

// asContributor lets the VM change itself, but assign no identity.
var asContributor = "curl -s -X PUT " + asAdmin + strings.Replace(reader, "acdd72a7-3385-48ef-bd42-f606fba81ae7", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", 1) + "'{roles}" + one + "\n"

func denied(name, command, action, scope string) row {
	return armRow("4.3", name, asVM+command, "403 Forbidden", "AuthorizationFailed", strings.NewReplacer("%A", action, "%S", scope).Replace(notAllowed))
}

func invalid(text string) string {
	return `{"error":"invalid_request","error_description":"` + text + `"}`
}

// unknownResource is Entra's body, which IMDS passes on.
func unknownResource(resource string) string {
	return `{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named ` + resource + ` was not found in the tenant named {t}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant. Trace ID: {guid} Correlation ID: {guid} Timestamp: {time}","error_codes":[500011],"timestamp":"{time}","trace_id":"{guid}","correlation_id":"{guid}","error_uri":"https://*.microsoft*.com/error?code=500011"}`
}

const badRequest, version = "400 Bad Request", `{ "error": "Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds", "newest-versions": [ "2025-04-07", "2024-07-17", "2024-03-15" ] }`

var rows = []row{
	// §1.2, with the lengths that the facts give.
	imdsRow("no header, no query", "/identity/oauth2/token", "", badRequest, "88", invalid("Required metadata header not specified")),
	imdsRow("no header", tokenQuery+forARM, "", badRequest, "88", invalid("Required metadata header not specified")),
	imdsRow("wrong header", tokenQuery+forARM, "-H 'Metadata: yes'", badRequest, "88", invalid("Required metadata header not specified")),
	imdsRow("forwarded", tokenQuery+forARM, metadata+" -H 'X-Forwarded-For: 1.2.3.4'", badRequest, "88", invalid("Required metadata header not specified")),
	imdsRow("no resource", tokenQuery, metadata, badRequest, "", invalid("Required query variable 'resource' is missing")),
	imdsRow("unknown client", tokenQuery+forARM+"&client_id=99999999-1111-4111-8111-111111111111", metadata, badRequest, "68", invalid("Identity not found")),
	imdsRow("unknown object", tokenQuery+forARM+"&object_id=99999999-1111-4111-8111-111111111111", metadata, badRequest, "68", invalid("Identity not found")),
	imdsRow("not assigned", tokenQuery+forARM+"&mi_res_id=/subscriptions/{s}/resourcegroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity", metadata, badRequest, "68", invalid("Identity not found")),
	imdsRow("unknown resource", tokenQuery+"&resource=https://nosuch.example", metadata, badRequest, "", unknownResource("https://nosuch.example")),
	imdsRow("a scope", tokenQuery+"&resource=https://management.azure.com/.default", metadata, badRequest, "", unknownResource("https://management.azure.com/.default")),
	imdsRow("no version", "/identity/oauth2/token?resource=x", metadata, badRequest, "", version),
	imdsRow("no GET", tokenQuery+forARM, metadata+" -X POST", "405 Method Not Allowed", "", `{"error":"method_not_allowed","error_description":"The request method is not supported."}`),
	{name: "no identity", section: "1.2", on: "myVM", before: noIdentity, command: metadata + " '{imds}" + tokenQuery + forARM + "'", status: badRequest, headers: imdsHeaders, length: "68", body: invalid("Identity not found")},
	{name: "several identities", section: "1.2", on: "myVM", before: secondUser + twoUsers, command: metadata + " '{imds}" + tokenQuery + forARM + "'", status: badRequest, headers: imdsHeaders, length: "168", body: invalid("Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request")},
	// §1.4 to §1.6.
	imdsRow("instance, no header", "/instance?api-version=2021-02-01", "", badRequest, "", `{ "error": "Bad request: . Required metadata header not specified" }`),
	imdsRow("instance, unknown version", "/instance?api-version=2019-01-01", metadata, badRequest, "", version),
	imdsRow("metadata alone", "", metadata, badRequest, "", version),
	imdsRow("a leaf as JSON", "/instance/compute/vmId?api-version=2021-02-01", metadata, badRequest, "", `{ "error": "Bad request. JSON output is not supported for leaf nodes" }`),
	imdsRow("nothing there", "/instance/compute/none?api-version=2021-02-01", metadata, "404 Not Found", "", `{ "error": "Not found. Invalid resource requested" }`),
	imdsRow("attested, no header", "/attested/document?api-version=2021-02-01", "", badRequest, "", `{ "error": "Bad request: . Required metadata header not specified" }`),
	// §3.3.
	{name: "a tenant that is none", section: "3.3", on: "laptop", command: "-d 'grant_type=client_credentials' '{entra}/99999999-1111-4111-8111-111111111111/oauth2/token'", status: badRequest, headers: entraHeaders,
		body: `{"error":"invalid_tenant","error_description":"AADSTS90002: Tenant '{guid}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. Trace ID: {guid} Correlation ID: {guid} Timestamp: {time}","error_codes":[90002],"timestamp":"{time}","trace_id":"{guid}","correlation_id":"{guid}","error_uri":"https://*.microsoft*.com/error?code=90002"}`},
	// §4.2.
	refused("no token", read, "{t}", "AuthenticationFailed", noHeader, noHeaderWhy),
	refused("no token, no subscription", "'{arm}/subscriptions?api-version=2020-01-01'", "", "AuthenticationFailed", noHeader, noHeaderWhy),
	refused("basic", "-H 'Authorization: Basic eA==' "+read, "{t}", "AuthenticationFailedInvalidHeader", badHeader, ""),
	refused("no scheme", "-H 'Authorization: {vm}' "+read, "{t}", "AuthenticationFailedInvalidHeader", badHeader, ""),
	refused("no JWT", "-H 'Authorization: Bearer x' "+read, "{t}", "InvalidAuthenticationToken", "The access token is invalid.", ""),
	refused("forged", "-H 'Authorization: Bearer {forged}' "+read, "{t}", "InvalidAuthenticationToken", "The access token is invalid.", ""),
	refused("not valid yet", "-H 'Authorization: Bearer {early}' "+read, "{t}", "InvalidAuthenticationToken", "The access token is invalid.", ""),
	refused("expired", "-H 'Authorization: Bearer {expired}' "+read, "{t}", "ExpiredAuthenticationToken", "The access token expiry UTC time '{clock}' is earlier than current UTC time '{clock}'.", ""),
	refused("for the vault", "-H 'Authorization: Bearer {audience}' "+read, "{t}", "InvalidAuthenticationTokenAudience", noAudience, ""),
	refused("another issuer", "-H 'Authorization: Bearer {issuer}' "+read, "{t}", "InvalidAuthenticationTokenTenant", wrongTenant, ""),
	// §4.3.
	denied("no role", read, "Microsoft.Resources/subscriptions/resourceGroups/read", "/subscriptions/{s}/resourceGroups/myResourceGroup"),
	denied("before existence", "'{arm}/subscriptions/{s}/resourceGroups/none?api-version=2016-09-01'", "Microsoft.Resources/subscriptions/resourceGroups/read", "/subscriptions/{s}/resourceGroups/none"),
	denied("a machine", "'{machine}?api-version=2024-07-01'", "Microsoft.Compute/virtualMachines/read", "/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM"),
	denied("an action", "-X POST -d '' '{machine}/start?api-version=2024-07-01'", "Microsoft.Compute/virtualMachines/start/action", "/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM"),
	withBefore(asContributor, armRow("4.3", "linked", asVM+"-X PATCH "+attach, "403 Forbidden", "LinkedAuthorizationFailed", "The client '*' with object id '{oid}' has permission to perform action 'Microsoft.Compute/virtualMachines/write' on scope '/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM'; however, it does not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '/subscriptions/{s}/resourcegroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity' or the linked scope(s) are invalid.")),
	// §4.4.
	armRow("4.4", "no version", asAdmin+"'{group}'", badRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."),
	armRow("4.4", "no group", asAdmin+"'{arm}/subscriptions/{s}/resourceGroups/none?api-version=2021-04-01'", "404 Not Found", "ResourceGroupNotFound", "Resource group 'none' could not be found."),
	// The group is spelled as the caller did, or all in lower case.
	armRow("4.4", "no machine", asAdmin+"'{group}/providers/Microsoft.Compute/virtualMachines/none?api-version=2024-07-01'", "404 Not Found", "ResourceNotFound", "The Resource 'Microsoft.Compute/virtualMachines/none' under resource group 'my*roup' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"),
	armRow("4.4", "no subscription", asAdmin+"'{arm}/subscriptions/99999999-1111-4111-8111-111111111111/resourceGroups?api-version=2021-04-01'", "404 Not Found", "SubscriptionNotFound", "The subscription '{guid}' could not be found."),
	armRow("4.4", "a placeholder", asAdmin+"'{arm}/subscriptions/SUBSCRIPTION-ID/resourceGroups/x?api-version=2021-04-01'", badRequest, "InvalidSubscriptionId", "The provided subscription identifier 'SUBSCRIPTION-ID' is malformed or invalid."),
	armRow("4.4", "no namespace", asAdmin+"'{group}/providers/Microsoft.Nowhere/x?api-version=2021-04-01'", "404 Not Found", "InvalidResourceNamespace", "The resource namespace 'Microsoft.Nowhere' is invalid."),
	armRow("4.4", "no location", asAdmin+"-X PUT -d '{}' '{arm}/subscriptions/{s}/resourceGroups/new?api-version=2021-04-01'", badRequest, "LocationRequired", "The location property is required for this definition."),
	armRow("4.4", "another version", asAdmin+"'{group}?api-version=2016-09-99'", badRequest, "InvalidApiVersionParameter", "The api-version '2016-09-99' is invalid. The supported versions are '202*,2016-09-01,*'."),
	armRow("4.4", "a type's version", asAdmin+"'{machine}?api-version=2016-09-99'", badRequest, "NoRegisteredProviderFound", "No registered resource provider found for location '*' and API version '2016-09-99' for type 'virtualMachines'. The supported api-versions are '2015-06-15, 2016-*'. The supported locations are '*'."),
	armRow("4.4", "no JSON", asAdmin+"-X PUT -d '{' '{arm}/subscriptions/{s}/resourceGroups/new?api-version=2021-04-01'", badRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '*'."),
	armRow("4.4", "a group that moves", asAdmin+"-X PUT -d '{\"location\":\"eastus\"}' '{group}?api-version=2021-04-01'", "409 Conflict", "InvalidResourceGroupLocation", "*"),
	// §4.7.
	armRow("4.7", "a value that is none", asAdmin+"-X PATCH "+strings.Replace(attach, ":{}", ":\"x\"", 1), badRequest, "InvalidIdentityValues", "Invalid value for the identities '/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity'. The 'UserAssignedIdentities' property keys should only be empty json objects, null or the resource existing property."),
	armRow("4.7", "an identity that is none", asAdmin+"-X PATCH "+strings.Replace(attach, "otherIdentity", "none", 1), badRequest, "FailedIdentityOperation", "Identity operation for resource '/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{\\\"error\\\":{\\\"code\\\":\\\"BadRequest\\\",\\\"message\\\":\\\"Resource '/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none' was not found.\\\"}}'.'*"),
	// §4.9.
	armRow("4.9", "nobody", asAdmin+"-X PUT "+strings.Replace(reader, "{oid}", "99999999-1111-4111-8111-111111111111", 1)+"'{roles}"+one, badRequest, "PrincipalNotFound", noPrincipal),
	withBefore("curl -s -X PUT "+asAdmin+reader+"'{roles}"+one+"\n", armRow("4.9", "assigned twice", asAdmin+"-X PUT "+reader+"'{roles}"+two, "409 Conflict", "RoleAssignmentExists", "The role assignment already exists. The ID of the existing role assignment is 11111111111141118111111111111111.")),
	withBefore("curl -s -X PUT "+asAdmin+reader+"'{roles}"+one+"\n", armRow("4.9", "changed", asAdmin+"-X PUT "+strings.Replace(reader, "acdd72a7-3385-48ef-bd42-f606fba81ae7", "b24988ac-6180-42a0-ab88-20f7382dd24c", 1)+"'{roles}"+one, badRequest, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")),
}

func withBefore(before string, r row) row {
	r.before = before
	return r
}

func TestNoWrongRows(t *testing.T) {
	for _, r := range rows {
		t.Run(r.section+" "+r.name, func(t *testing.T) {
			d := newDesk(t)
			if r.before != "" {
				if out := d.run(t, "laptop", r.before+"\nsleep 60"); strings.Contains(out, `"error"`) {
					t.Fatalf("before it: %s", out)
				}
			}
			raw := d.run(t, r.on, "curl -si "+r.command)
			head, body, _ := strings.Cut(raw, "\r\n\r\n")
			lines := strings.Split(strings.ReplaceAll(d.masked(strings.ReplaceAll(head, "\r\n", "\n")), "\n ", " "), "\n")
			if lines[0] != "HTTP/1.1 "+r.status {
				t.Errorf("status %q, want %q", lines[0], r.status)
			}
			compareHeaders(t, lines[1:], r)
			if got := d.masked(body); !sameText(got, r.body) {
				t.Errorf("body\n got %s\nwant %s", got, r.body)
			}
		})
	}
}

// compareHeaders wants just the row's fields in their spelling and order; of
// Resource Manager, which adds fields of its types, at least those.
func compareHeaders(t *testing.T, got []string, r row) {
	t.Helper()
	if r.length != "" && !slices.Contains(got, "Content-Length: "+r.length) {
		t.Errorf("the body does not have %s bytes: %s", r.length, got[len(got)-1])
	}
	for i, l := range got {
		if strings.HasPrefix(l, "Content-Length: ") {
			got[i] = "Content-Length: "
		}
	}
	want := strings.Split(r.headers, "\n")
	if r.headers != strings.TrimPrefix(r.headers, "Cache-Control: no-cache\n") { // Resource Manager
		at := 0
		for _, l := range got {
			if at < len(want) && l == want[at] {
				at++
			}
		}
		if at < len(want) {
			t.Errorf("the header lacks %q, or has it at another place:\n%s", want[at], strings.Join(got, "\n"))
		}
		return
	}
	if strings.Join(got, "\n") != r.headers {
		t.Errorf("header\n%s\nwant\n%s", strings.Join(got, "\n"), r.headers)
	}
}

// sameText compares; a star stands for any text.
func sameText(got, want string) bool {
	parts := strings.Split(want, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`^` + strings.Join(parts, `.*`) + `$`).MatchString(got)
}

// TestAudiencesOfResourceManager is facts/azure-wire.md §3.4: the four spellings
// are good, and each token's audience is the string that was asked for.
func TestAudiencesOfResourceManager(t *testing.T) {
	d := newDesk(t)
	for resource, want := range map[string]string{
		"https://management.azure.com": "200", "https://management.azure.com/": "200", "https://management.core.windows.net": "200", "https://management.core.windows.net/": "200",
		"https://vault.azure.net": "401", "https://storage.azure.com/": "401", "https://graph.microsoft.com": "401",
	} {
		var body struct {
			Token    string `json:"access_token"`
			Resource string `json:"resource"`
		}
		out := d.run(t, "myVM", "curl -s "+metadata+" '{imds}"+tokenQuery+"&resource="+resource+"'")
		if err := json.Unmarshal([]byte(out), &body); err != nil || body.Resource != resource || payload(t, body.Token).Str("aud") != resource {
			t.Errorf("%s: %v %s", resource, err, out)
			continue
		}
		d.vars["token"] = body.Token
		if got := d.run(t, "myVM", "curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer {token}' '{arm}/subscriptions?api-version=2020-01-01'"); got != want {
			t.Errorf("%s: %s", resource, got)
		}
	}
	if got := d.run(t, "myVM", "curl -s "+asVM+"'{arm}/subscriptions?api-version=2020-01-01'"); got != `{"value":[],"count":{"type":"Total","value":0}}` {
		t.Errorf("the subscriptions of a caller without a role: %s", got)
	}
	if got := d.run(t, "laptop", "curl -sI "+asAdmin+"'{arm}/subscriptions/{s}/resourceGroups/none?api-version=2021-04-01'"); !strings.HasPrefix(got, "HTTP/1.1 404 Not Found\r\n") || !strings.HasSuffix(got, "\r\n\r\n") {
		t.Errorf("HEAD of a group that is not there: %s", got)
	}
}

// TestRateOfTheMetadataService is facts/azure-wire.md §1.1, by commands: the
// sixth request of a second is refused, and a second later all is well.
func TestRateOfTheMetadataService(t *testing.T) {
	d := newDesk(t)
	d.lab.Clock().Advance(time.Minute)
	const ask = "curl -s -o /dev/null -w '%{http_code} ' -H Metadata:true {imds}/versions"
	if got := d.run(t, "myVM", "for i in 1 2 3 4 5 6; do "+ask+"; done; sleep 1; "+ask); got != "200 200 200 200 200 429 200 " {
		t.Errorf("%s", got)
	}
}
