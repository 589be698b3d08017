package az

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
	"skylab/sim/ojson"
)

const (
	fakeSub    = "98f51385-2edc-4b79-bed9-7718de4cb861"
	fakeTenant = "733a8f0e-ec41-4e69-8ad8-971fc4b533f8"
)

// fake is a small Azure with the data of the one against which the recordings
// were made: it answers the requests of az and keeps what they change.
type fake struct {
	groups     []string
	identities map[string]*ojson.Object
	vm         *ojson.Object
	requests   []string
}

func newFake() *fake {
	v, err := ojson.Decode([]byte(strings.ReplaceAll(fakeVM, "{g}", "/subscriptions/"+fakeSub+"/resourceGroups/DevTest")))
	if err != nil {
		panic(err)
	}
	return &fake{groups: []string{"DevTest"}, identities: map[string]*ojson.Object{}, vm: v.(*ojson.Object)}
}

const fakeVM = `{"id":"{g}/providers/Microsoft.Compute/virtualMachines/myVM","name":"myVM","type":"Microsoft.Compute/virtualMachines","location":"westus","tags":{"env":"dev"},
"identity":{"type":"SystemAssigned, UserAssigned","principalId":"6891c322-314a-4e85-b129-52cf2daf47bd","tenantId":"` + fakeTenant + `","userAssignedIdentities":{"{g}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1":{"principalId":"e591178e-b785-43c8-95d2-1397559b2fb9","clientId":"af825a31-b0e0-471f-baea-96de555632f9"}}},
"properties":{"hardwareProfile":{"vmSize":"Standard_D2_v2"},"networkProfile":{"networkInterfaces":[{"id":"{g}/providers/Microsoft.Network/networkInterfaces/myNic","properties":{"primary":true}}]},
"osProfile":{"adminUsername":"azureuser","allowExtensionOperations":true,"computerName":"myVM","requireGuestProvisionSignal":true,"secrets":[],"windowsConfiguration":{"enableAutomaticUpdates":true,"provisionVMAgent":true}},"provisioningState":"Succeeded",
"storageProfile":{"dataDisks":[],"imageReference":{"exactVersion":"14393.5","offer":"WindowsServer","publisher":"MicrosoftWindowsServer","sku":"2016-Datacenter","version":"latest"},
"osDisk":{"caching":"ReadWrite","createOption":"FromImage","deleteOption":"Detach","diskSizeGB":127,"managedDisk":{"id":"{g}/providers/Microsoft.Compute/disks/myVM3osdisk","storageAccountType":"Standard_LRS"},"name":"myVM3osdisk","osType":"Windows"}},
"timeCreated":"2019-03-26T10:00:00.0000000+00:00","vmId":"00000000-0000-0000-0000-000000000001"}}`

func (f *fake) Dial(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("no connections")
}
func (f *fake) Resolve(string) (string, error) { return "", errors.New("no names") }
func (f *fake) Caller() exchange.Caller        { return exchange.Caller{} }
func (f *fake) group(name string) *ojson.Object {
	return ojson.Obj("id", "/subscriptions/"+fakeSub+"/resourceGroups/"+name, "name", name, "type", "Microsoft.Resources/resourceGroups", "properties", ojson.Obj("provisioningState", "Succeeded"), "location", "westus")
}

func notFound(code, format string, args ...any) (int, any) {
	return 404, ojson.Obj("error", ojson.Obj("code", code, "message", fmt.Sprintf(format, args...)))
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
	}
	f.requests = append(f.requests, r.Method+" "+r.URL.String()+" "+body)
	status, v := f.answer(r, body)
	data, _ := ojson.Marshal(v)
	if v == nil {
		data = nil
	}
	if s, ok := v.(string); ok {
		data = []byte(s)
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(data))}, nil
}

func (f *fake) answer(r *http.Request, body string) (int, any) {
	in := ojson.New()
	if v, err := ojson.Decode([]byte(body)); err == nil {
		in, _ = v.(*ojson.Object)
	}
	p := strings.ToLower(r.URL.Path)
	name := r.URL.EscapedPath()[strings.LastIndexByte(r.URL.EscapedPath(), '/')+1:]
	switch {
	case r.URL.Host == "169.254.169.254":
		part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		return 200, ojson.Obj("access_token", part(`{"alg":"none"}`)+"."+part(`{"tid":"`+fakeTenant+`","oid":"o"}`)+".x", "expires_on", "1795392222")
	case r.URL.Host == "graph.microsoft.com" && strings.HasSuffix(p, "/serviceprincipals") && strings.Contains(r.URL.RawQuery, "startswith"):
		return 200, ojson.Obj("value", []any{ojson.Obj("@odata.type", "#microsoft.graph.servicePrincipal", "id", "6891c322-314a-4e85-b129-52cf2daf47bd", "appId", "1ef89848-e14b-465f-8780-bf541d325cd5", "displayName", "myVM",
			"servicePrincipalType", "ManagedIdentity", "servicePrincipalNames", []any{"1ef89848-e14b-465f-8780-bf541d325cd5"})})
	case r.URL.Host == "graph.microsoft.com" && strings.HasSuffix(p, "/getbyids"):
		return 200, ojson.Obj("value", []any{ojson.Obj("@odata.type", "#microsoft.graph.servicePrincipal", "id", "6891c322-314a-4e85-b129-52cf2daf47bd")})
	case r.URL.Host == "graph.microsoft.com":
		return 200, ojson.Obj("value", []any{})
	case p == "/subscriptions":
		return 200, ojson.Obj("value", []any{ojson.Obj("subscriptionId", fakeSub, "displayName", "Woodgrove IT Production Environment", "state", "Enabled", "tenantId", fakeTenant, "managedByTenants", []any{})})
	case strings.Contains(p, "/x/forbidden"):
		return 403, `{"error": {"code": "AuthorizationFailed", "message": "The client 'x' with object id 'x' does not have authorization to perform action 'Microsoft.Foo/read' over scope '/subscriptions/x' or the scope is invalid. If access was recently granted, please refresh your credentials."}}`
	case strings.HasSuffix(p, "/resourcegroups"):
		list := []any{}
		for _, g := range f.groups {
			list = append(list, f.group(g))
		}
		return 200, ojson.Obj("value", list)
	case strings.HasSuffix(p, "/resources"):
		list := []any{}
		if strings.Contains(r.URL.Query().Get("$filter"), "'myVM'") {
			o := f.vm.Clone()
			o.Delete("properties")
			list = append(list, o)
		}
		return 200, ojson.Obj("value", list)
	case strings.Contains(p, "/roledefinitions"):
		return 200, ojson.Obj("value", []any{ojson.Obj("id", "/subscriptions/"+fakeSub+"/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7", "properties", ojson.Obj("roleName", "Reader"))})
	case strings.Contains(p, "/roleassignments/"):
		scope := r.URL.EscapedPath()[:strings.Index(r.URL.EscapedPath(), "/providers/Microsoft.Authorization")]
		given := in.Obj("properties")
		return 201, ojson.Obj("id", r.URL.EscapedPath(), "name", name, "type", "Microsoft.Authorization/roleAssignments", "properties", ojson.Obj("roleDefinitionId", given.Str("roleDefinitionId"), "principalId", given.Str("principalId"),
			"principalType", given.Str("principalType"), "scope", scope, "createdOn", "2019-03-26T10:00:00Z", "updatedOn", "2019-03-26T10:00:00Z", "updatedBy", "x"))
	case strings.Contains(p, "/userassignedidentities"):
		return f.identity(r.Method, p, name)
	case strings.Contains(p, "/virtualmachines/"):
		return f.machine(r.Method, name, in)
	case strings.Contains(p, "/resourcegroups/"):
		for _, g := range f.groups {
			if strings.EqualFold(g, name) {
				return 200, f.group(g)
			}
		}
		if r.Method == http.MethodPut {
			f.groups = append(f.groups, name)
			if strings.Contains(name, "%") { // it is not listed later
				f.groups = f.groups[:len(f.groups)-1]
			}
			return 201, f.group(name)
		}
		return notFound("ResourceGroupNotFound", "Resource group '%s' could not be found.", name)
	}
	return notFound("NotFound", "%s", p)
}

const moreHelp = " under resource group 'DevTest' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"

func (f *fake) identity(method, p, name string) (int, any) {
	switch {
	case method == http.MethodPut:
		f.identities[name] = ojson.Obj("id", "/subscriptions/"+fakeSub+"/resourcegroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"+name, "name", name, "type", "Microsoft.ManagedIdentity/userAssignedIdentities", "location", "westus", "tags", ojson.New(),
			"properties", ojson.Obj("tenantId", fakeTenant, "principalId", "e5fdfdc1-ed84-4d48-8551-fe9fb9dedf11", "clientId", "73444643-8088-4d70-9532-c3a0fdc190f0"))
		return 201, f.identities[name]
	case strings.HasSuffix(p, "identities"):
		list := []any{}
		for _, i := range f.identities {
			list = append(list, i)
		}
		return 200, ojson.Obj("value", list)
	case method == http.MethodDelete:
		delete(f.identities, name)
		return 200, nil
	case f.identities[name] == nil:
		return notFound("ResourceNotFound", "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/%s'"+moreHelp, name)
	}
	return 200, f.identities[name]
}

func (f *fake) machine(method, name string, in *ojson.Object) (int, any) {
	if name != "myVM" {
		return notFound("ResourceNotFound", "The Resource 'Microsoft.Compute/virtualMachines/%s'"+moreHelp, name)
	}
	switch method {
	case http.MethodPatch:
		f.vm.Set("identity", in.Obj("identity").Clone())
	case http.MethodPut:
		for _, k := range []string{"tags", "identity"} {
			v, _ := in.Get(k)
			f.vm.Set(k, v)
		}
	}
	return 200, f.vm
}

// box is a machine on which az runs.
type box struct {
	t     testing.TB
	fs    *vfs.View
	clock *clock.Clock
	ids   *ids.Source
	card  tool.Card
}

func newBox(t testing.TB, card tool.Card) *box {
	c := clock.New(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	b := &box{t: t, fs: vfs.New(c.Now, 0).As(vfs.Who{User: "root", Root: true}), clock: c, ids: ids.New("az"), card: card}
	for _, d := range []string{"/root", "/root/empty"} {
		if err := b.fs.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// run runs az with arguments and returns what it printed and its status.
func (b *box) run(ctx context.Context, environ []string, args ...string) (out, errs string, status int) {
	var o, e strings.Builder
	p := &tool.Process{Args: append([]string{"az"}, args...), Environ: append([]string{"HOME=/root"}, environ...), Dir: "/root", Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e, FS: b.fs, Card: b.card, Clock: b.clock, IDs: b.ids,
		Host: tool.Host{Hostname: "myVM", OS: "Linux", User: tool.User{Name: "root", Home: "/root"}}}
	status = run(ctx, p)
	return o.String(), e.String(), status
}
