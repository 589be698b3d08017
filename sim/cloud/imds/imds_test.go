package imds_test

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"skylab/sim/clock"
	"skylab/sim/cloud/entra"
	"skylab/sim/cloud/imds"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

const (
	vmID = "/subscriptions/s/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM"
	uaID = "/subscriptions/s/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
)

type world struct {
	clock *clock.Clock
	ring  *exchange.Ring
	net   *network.Network
	vm    imds.VM
	has   bool
}

func (w *world) VM(id string) (imds.VM, bool) { return w.vm, w.has && id == w.vm.ID }

// newWorld has a VM with a system-assigned and n user-assigned identities.
func newWorld(t *testing.T, system bool, user int) *world {
	t.Helper()
	w := &world{clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)), ring: exchange.NewRing(100), has: true}
	w.net = network.New(w.clock, w.ring)
	source := ids.New("test")
	e, err := entra.New(entra.Options{Clock: w.clock, IDs: source})
	if err != nil {
		t.Fatal(err)
	}
	w.vm = imds.VM{ID: vmID, TenantID: e.TenantID(), Compute: imds.Compute{Name: "myVM", Location: "westus", OSType: "Linux", VMID: "vm-guid", ResourceGroup: "myResourceGroup", Tags: [][2]string{{"a", "1"}, {"b", "2"}}},
		Network: []imds.Interface{{PrivateIP: "10.0.0.4", Subnet: "10.0.0.0", Prefix: "24", MAC: "000D3AD030AD", PublicIP: "13.64.1.1", Standard: true}}}
	add := func(name, id string, explicit bool) imds.Identity {
		p, err := e.CreateManagedIdentity(name, id, explicit)
		if err != nil {
			t.Fatal(err)
		}
		return imds.Identity{PrincipalID: p.ID, ClientID: p.AppID}
	}
	if system {
		id := add("myVM", vmID, false)
		w.vm.System = &id
	}
	for i := range user {
		name := string(rune('a' + i))
		id := add(name, uaID+name, true)
		id.ResourceID = uaID + name
		w.vm.User = append(w.vm.User, id)
	}
	for _, h := range e.Hosts() {
		w.net.Attach(h)
	}
	fabric, err := entra.FabricKey()
	if err != nil {
		t.Fatal(err)
	}
	w.net.Attach(imds.New(imds.Options{Clock: w.clock, IDs: source, Source: w, Issuer: imds.EntraIssuer{
		Transport: w.net.Card(exchange.Caller{Machine: "platform", Address: "168.63.129.16"}), Key: fabric, Clock: w.clock, IDs: source}}).Host())
	return w
}

func (w *world) get(t *testing.T, path string, header ...string) (*http.Response, string) {
	t.Helper()
	return w.do(t, "GET", "http://169.254.169.254"+path, header...)
}

func (w *world) do(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	return w.send(t, method, url, "", header...)
}

func (w *world) send(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := w.card().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(res.Body)
	return res, string(b)
}

// card is the VM's own.
func (w *world) card() *network.Card {
	return w.net.Card(exchange.Caller{Machine: "myVM", Address: "10.0.0.4", Resource: vmID})
}

const tokenPath = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="

func TestRefusals(t *testing.T) {
	invalid := func(text string) string {
		return `{"error":"invalid_request","error_description":"` + text + `"}`
	}
	const (
		arm        = "https://management.azure.com/"
		badVersion = `{ "error": "Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds", "newest-versions": [ "2025-04-07", "2024-07-17", "2024-03-15" ] }`
	)
	for name, c := range map[string]struct {
		system bool
		user   int
		path   string
		header []string
		status int
		body   string
	}{
		"no header":           {true, 0, tokenPath + arm, nil, 400, invalid("Required metadata header not specified")},
		"header before all":   {true, 0, "/metadata/identity/oauth2/token", nil, 400, invalid("Required metadata header not specified")},
		"wrong header":        {true, 0, tokenPath + arm, []string{"Metadata", "yes"}, 400, invalid("Required metadata header not specified")},
		"forwarded":           {true, 0, tokenPath + arm, []string{"Metadata", "true", "X-Forwarded-For", "1.2.3.4"}, 400, invalid("Required metadata header not specified")},
		"no resource":         {true, 0, "/metadata/identity/oauth2/token?api-version=2018-02-01", []string{"Metadata", "true"}, 400, invalid("Required query variable 'resource' is missing")},
		"no identity":         {false, 0, tokenPath + arm, []string{"Metadata", "true"}, 400, invalid("Identity not found")},
		"unknown client":      {true, 1, tokenPath + arm + "&client_id=00000000-0000-0000-0000-000000000000", []string{"Metadata", "true"}, 400, invalid("Identity not found")},
		"several":             {false, 2, tokenPath + arm, []string{"Metadata", "true"}, 400, invalid("Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request")},
		"two selectors":       {true, 1, tokenPath + arm + "&client_id=x&msi_res_id=y", []string{"Metadata", "true"}, 400, invalid("Only one of client_id, object_id and msi_res_id may be specified")},
		"no header, instance": {true, 0, "/metadata/instance?api-version=2021-02-01", nil, 400, `{ "error": "Bad request: . Required metadata header not specified" }`},
		"no version":          {true, 0, "/metadata/instance", []string{"Metadata", "true"}, 400, `{ "error": "Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds", "newest-versions": [ "2025-04-07", "2024-07-17", "2024-03-15" ] }`},
		"leaf as json":        {true, 0, "/metadata/instance/compute/vmId?api-version=2021-02-01", []string{"Metadata", "true"}, 400, `{ "error": "Bad request. JSON output is not supported for leaf nodes" }`},
		"leaf as text":        {true, 0, "/metadata/instance/compute/vmId?api-version=2021-02-01&format=text", []string{"Metadata", "TRUE"}, 200, "vm-guid"},
		"names":               {true, 0, "/metadata/instance/network/interface/0?api-version=2021-02-01&format=text", []string{"Metadata", "true"}, 200, "ipv4/\nipv6/\nmacAddress"},
		"a field to come":     {true, 0, "/metadata/instance/compute/zone?api-version=2017-08-01&format=text", []string{"Metadata", "true"}, 404, `{ "error": "Not found. Invalid resource requested" }`},
		"network, whole":      {true, 0, "/metadata/instance/network?api-version=2017-08-01", []string{"Metadata", "true"}, 200, `{"interface":[{"ipv4":{"ipAddress":[{"privateIpAddress":"10.0.0.4","publicIpAddress":""}],"subnet":[{"address":"10.0.0.0","prefix":"24"}]},"ipv6":{"ipAddress":[]},"macAddress":"000D3AD030AD"}]}`},
		"nowhere":             {true, 0, "/metadata/nowhere?api-version=2018-02-01", []string{"Metadata", "true"}, 404, `{ "error": "Not found" }`},

		"forwarded, instance": {true, 0, "/metadata/instance?api-version=2021-02-01", []string{"Metadata", "true", "X-Forwarded-For", "1.2.3.4"}, 400, `{ "error": "Bad request: . Required metadata header not specified" }`},
		"repeated":            {true, 0, tokenPath + arm + "&resource=x", []string{"Metadata", "true"}, 400, invalid("Query parameter 'resource' is duplicated")},
		"repeated, instance":  {true, 0, "/metadata/instance?api-version=2021-02-01&api-version=2021-02-01", []string{"Metadata", "true"}, 400, `{ "error": "Bad request. Query parameter 'api-version' is duplicated" }`},
		"malformed":           {true, 0, "/metadata/instance?api-version=2021-02-01&x=%zz", []string{"Metadata", "true"}, 400, `{ "error": "Bad request. Query is malformed" }`},
		"bypass":              {true, 0, tokenPath + arm + "&bypass_cache=false", []string{"Metadata", "true"}, 400, invalid("Query variable 'bypass_cache' must be true if it is given")},
		"no version, token":   {true, 0, "/metadata/identity/oauth2/token?resource=" + arm, []string{"Metadata", "true"}, 400, badVersion},
		"early for tokens":    {true, 0, "/metadata/identity/oauth2/token?api-version=2017-12-01&resource=" + arm, []string{"Metadata", "true"}, 400, badVersion},
		"metadata itself":     {true, 0, "/metadata", []string{"Metadata", "true"}, 400, badVersion},
		"unknown version":     {true, 0, "/metadata/instance?api-version=2019-01-01", []string{"Metadata", "true"}, 400, badVersion},
		"early for instance":  {true, 0, "/metadata/instance?api-version=2017-03-01", []string{"Metadata", "true"}, 400, badVersion},
		"early for attested":  {true, 0, "/metadata/attested/document?api-version=2018-04-02", []string{"Metadata", "true"}, 400, badVersion},
		"early for balancer":  {true, 0, "/metadata/loadbalancer?api-version=2020-09-01", []string{"Metadata", "true"}, 400, badVersion},
		"no header, versions": {true, 0, "/metadata/versions", nil, 400, `{ "error": "Bad request: . Required metadata header not specified" }`},
		"info":                {true, 0, "/metadata/identity/info?api-version=2018-02-01", []string{"Metadata", "true"}, 200, `{"tenantId":"{tenant}"}`},
		"info, no identity":   {false, 0, "/metadata/identity/info?api-version=2018-02-01", []string{"Metadata", "true"}, 200, `{"tenantId":"{tenant}"}`},
		"identity":            {true, 0, "/metadata/identity?api-version=2021-12-13", []string{"Metadata", "true"}, 404, `{ "error": "Not Found" }`},
		"bound tokens":        {true, 0, "/metadata/identity/getPlatformMetadata?api-version=2025-04-07", []string{"Metadata", "true"}, 501, `{ "error": "skylab: /metadata/identity/getplatformmetadata is real but not simulated here" }`},
		"long nonce":          {true, 0, "/metadata/attested/document?api-version=2021-02-01&nonce=" + strings.Repeat("1", 33), []string{"Metadata", "true"}, 400, `{ "error": "Bad request. Query parameter 'nonce' must consist of up to 32 letters and digits" }`},
		"odd nonce":           {true, 0, "/metadata/attested/document?api-version=2021-02-01&nonce=a-b", []string{"Metadata", "true"}, 400, `{ "error": "Bad request. Query parameter 'nonce' must consist of up to 32 letters and digits" }`},
		"attested alone":      {true, 0, "/metadata/attested?api-version=2021-02-01", []string{"Metadata", "true"}, 404, `{ "error": "Not found" }`},
		"events":              {true, 0, "/metadata/scheduledevents?api-version=2020-07-01", []string{"Metadata", "true"}, 200, `{"DocumentIncarnation":1,"Events":[]}`},
		"events, their own":   {true, 0, "/metadata/scheduledevents?api-version=2017-11-01", []string{"Metadata", "true"}, 200, `{"DocumentIncarnation":1,"Events":[]}`},
		"events, not theirs":  {true, 0, "/metadata/scheduledevents?api-version=2021-12-13", []string{"Metadata", "true"}, 404, `{ "error": "Not found" }`},
		"events, no version":  {true, 0, "/metadata/scheduledevents", []string{"Metadata", "true"}, 400, badVersion},
		"balancer":            {true, 0, "/metadata/loadbalancer?api-version=2020-10-01&format=json", []string{"Metadata", "true"}, 200, `{"loadbalancer":{"publicIpAddresses":[{"frontendIpAddress":"13.64.1.1","privateIpAddress":"10.0.0.4"}],"inboundRules":[],"outboundRules":[]}}`},
		"balancer as text":    {true, 0, "/metadata/loadbalancer?api-version=2020-10-01&format=text", []string{"Metadata", "true"}, 400, `{ "error": "Parameter value \"text\" is not allowed for parameter \"format\". Please fix the request and retry." }`},
		"below balancer":      {true, 0, "/metadata/loadbalancer/x?api-version=2020-10-01", []string{"Metadata", "true"}, 404, `{ "error": "API is not found: Path = \"/metadata/loadbalancer/x\", Method = \"GET\"" }`},
		"odd format":          {true, 0, "/metadata/instance?api-version=2021-02-01&format=xml", []string{"Metadata", "true"}, 400, `{ "error": "Bad request. Format xml is not supported" }`},
		"other index":         {true, 0, "/metadata/instance/network/interface/1?api-version=2021-02-01", []string{"Metadata", "true"}, 404, `{ "error": "Not found. Invalid resource requested" }`},
		"tags":                {true, 0, "/metadata/instance/compute/tags?api-version=2021-02-01&format=text", []string{"Metadata", "true"}, 200, "a:1;b:2"},
		"tags as a list":      {true, 0, "/metadata/instance/compute/tagsList?api-version=2019-06-04", []string{"Metadata", "true"}, 200, `[{"name":"a","value":"1"},{"name":"b","value":"2"}]`},
		"extended":            {true, 0, "/metadata/instance/compute/name?api-version=2021-02-01&format=text&extended=true", []string{"Metadata", "true"}, 200, "myVM"},
		"early compute":       {false, 0, "/metadata/instance/compute?api-version=2017-04-02", []string{"Metadata", "true"}, 200, `{"location":"westus","name":"myVM","offer":"","osType":"Linux","platformFaultDomain":"0","platformUpdateDomain":"0","publisher":"","sku":"","version":"","vmId":"vm-guid","vmSize":""}`},
	} {
		w := newWorld(t, c.system, c.user)
		c.body = strings.ReplaceAll(c.body, "{tenant}", w.vm.TenantID)
		res, body := w.get(t, c.path, c.header...)
		if res.StatusCode != c.status || body != c.body {
			t.Errorf("%s: %s %s", name, res.Status, body)
		}
		if c.status == 400 && res.Status != "400 Bad Request" {
			t.Errorf("%s: reason phrase of %q", name, res.Status)
		}
	}
}

func TestTokenFieldsAndCache(t *testing.T) {
	w := newWorld(t, true, 1)
	res, body := w.get(t, tokenPath+"https%3A%2F%2Fmanagement.azure.com%2F", "Metadata", "true")
	form := `^\{"access_token":"eyJ[^"]+","client_id":"[0-9a-f-]{36}","expires_in":"86400","expires_on":"\d+","ext_expires_in":"86399","not_before":"\d+","resource":"https://management.azure.com/","token_type":"Bearer"\}$`
	if !regexp.MustCompile(form).MatchString(body) {
		t.Fatalf("%s %s", res.Status, body)
	}
	var names []string
	for _, f := range network.ResponseFields(res) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "Content-Type Server x-ms-request-id Date Content-Length" {
		t.Errorf("header fields %s", got)
	}
	w.clock.Advance(time.Hour)
	_, again := w.get(t, tokenPath+"https://management.azure.com/", "Metadata", "true")
	if token(t, again)["access_token"] != token(t, body)["access_token"] || token(t, again)["expires_in"] != "82799" && token(t, again)["expires_in"] != "82800" {
		t.Errorf("the cache was not used: %s", again)
	}
	list := w.ring.State().Exchanges
	if len(list) != 3 || list[1].Service != "Entra" || list[1].Parent != list[0].ID {
		t.Errorf("%d exchanges; Entra must have been asked once, on behalf of the first", len(list))
	}
	w.clock.Advance(24 * time.Hour)
	_, fresh := w.get(t, tokenPath+"https://management.azure.com/", "Metadata", "true")
	if token(t, fresh)["access_token"] == token(t, body)["access_token"] {
		t.Error("an expired token came from the cache")
	}
}

func token(t *testing.T, body string) map[string]string {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return m
}

// TestTokenVerifiesWithThePublishedKeys uses nothing of ours but the answers.
func TestTokenVerifiesWithThePublishedKeys(t *testing.T) {
	w := newWorld(t, true, 1)
	_, body := w.get(t, tokenPath+"https://management.azure.com&mi_res_id="+w.vm.User[0].ResourceID, "Metadata", "true")
	_, keys := w.do(t, "GET", "https://login.microsoftonline.com/common/discovery/keys")
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.Unmarshal([]byte(keys), &set); err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(w.clock.Now), jwt.WithAudience("https://management.azure.com")).ParseWithClaims(token(t, body)["access_token"], claims, func(tok *jwt.Token) (any, error) {
		n, _ := base64.RawURLEncoding.DecodeString(set.Keys[0].N)
		e, _ := base64.RawURLEncoding.DecodeString(set.Keys[0].E)
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if claims["oid"] != w.vm.User[0].PrincipalID || claims["xms_az_rid"] != strings.Replace(vmID, "resourceGroups", "resourcegroups", 1) {
		t.Errorf("claims %v", claims)
	}
}

func TestUnknownResourcePassesEntrasErrorOn(t *testing.T) {
	for _, resource := range []string{"https://nosuch.example", "https://management.azure.com/.default"} {
		res, body := newWorld(t, true, 0).get(t, tokenPath+resource, "Metadata", "true")
		if res.StatusCode != 400 || !strings.HasPrefix(body, `{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named `+resource+` was not found`) {
			t.Errorf("%s: %s %s", resource, res.Status, body)
		}
	}
}

func TestThrottleFollowsTheClock(t *testing.T) {
	w := newWorld(t, true, 0)
	// Exchanges take time of their own on a logical clock; a real second of a
	// burst is made by putting the clock back.
	at := w.clock.State()
	refused := 0
	for range imds.Rate + 5 {
		w.clock.Restore(at)
		if res, _ := w.get(t, tokenPath+"https://vault.azure.net", "Metadata", "true"); res.StatusCode == 429 {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d of %d were refused", refused, imds.Rate+5)
	}
	w.clock.Advance(2 * time.Second)
	if res, _ := w.get(t, tokenPath+"https://vault.azure.net", "Metadata", "true"); res.StatusCode != 200 {
		t.Errorf("after the burst: %s", res.Status)
	}
}

func TestOtherMethodsAndCards(t *testing.T) {
	w := newWorld(t, true, 0)
	if res, body := w.do(t, "POST", "http://169.254.169.254"+tokenPath+"x", "Metadata", "true"); res.StatusCode != 405 {
		t.Errorf("POST: %s %s", res.Status, body)
	}
	req, _ := http.NewRequest("GET", "http://169.254.169.254"+tokenPath+"x", nil)
	if _, err := w.net.Card(exchange.Caller{Machine: "laptop", Address: "192.168.1.20"}).RoundTrip(req); err == nil {
		t.Error("a laptop reached the metadata service")
	}
}

func BenchmarkToken(b *testing.B) {
	c := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	source := ids.New("bench")
	e, err := entra.New(entra.Options{Clock: c, IDs: source})
	if err != nil {
		b.Fatal(err)
	}
	p, _ := e.CreateManagedIdentity("vm", vmID, false)
	w := &world{has: true, vm: imds.VM{ID: vmID, TenantID: e.TenantID(), System: &imds.Identity{PrincipalID: p.ID, ClientID: p.AppID}}}
	fabric, _ := entra.FabricKey()
	n := network.New(c, exchange.NewRing(100))
	for _, h := range e.Hosts() {
		n.Attach(h)
	}
	h := imds.New(imds.Options{Clock: c, IDs: source, Source: w, NeverThrottle: true, Issuer: imds.EntraIssuer{Transport: n.Card(exchange.Caller{}), Key: fabric, Clock: c, IDs: source}})
	n.Attach(h.Host())
	card := n.Card(exchange.Caller{Machine: "vm", Resource: vmID})
	for b.Loop() {
		req, _ := http.NewRequest("GET", "http://169.254.169.254"+tokenPath+"https://management.azure.com/", nil)
		req.Header.Set("Metadata", "true")
		if res, err := card.RoundTrip(req); err != nil || res.StatusCode != 200 {
			b.Fatal(res, err)
		}
	}
}

// BenchmarkBare is a handler of net/http alone that writes an answer as long,
// for comparison.
func BenchmarkBare(b *testing.B) {
	body := []byte(strings.Repeat("x", 400))
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })
	for b.Loop() {
		req := httptest.NewRequest("GET", "http://x/", nil)
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
}
