package cloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"skylab/sim/network"
)

const (
	accounts = rg + "/providers/Microsoft.Storage/storageAccounts/"
	storeV   = "?api-version=2022-09-01"
)

// send sends a request of the administrator and returns its answer, read.
func (w *world) send(t *testing.T, method, url, body string) (*http.Response, string) {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = "https://management.azure.com" + w.sub + url
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.admin)
	res, err := w.net.Card(w.caller()).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func TestAStorageAccountIsMade(t *testing.T) {
	w := newWorld(t, "linux-vm")
	res, body := w.send(t, "PUT", accounts+"one"+storeV, `{"location":"westus","sku":{"name":"Standard_RAGRS"},"kind":"StorageV2","identity":{"type":"SystemAssigned"}}`)
	location := res.Header.Get("Location")
	if res.StatusCode != 202 || body != "" || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" || res.Header.Get("Retry-After") != "17" || res.Header.Get("Azure-AsyncOperation") != "" ||
		!strings.HasPrefix(location, "https://management.azure.com"+w.sub+"/providers/Microsoft.Storage/locations/westus/asyncoperations/") || !strings.HasSuffix(location, "?monitor=true&api-version=2022-09-01") ||
		!strings.HasPrefix(res.Header.Get("Server"), "Microsoft-Azure-Storage-Resource-Provider/1.0") {
		t.Fatalf("%s %q %v", res.Status, body, res.Header)
	}
	if _, err := w.net.Resolve("one.blob.core.windows.net"); err == nil {
		t.Error("its name resolves before it is there")
	}
	if res, body := w.send(t, "GET", location, ""); res.StatusCode != 202 || body != "" {
		t.Errorf("meanwhile: %s %s", res.Status, body)
	}
	w.clock.Advance(20 * time.Second)
	res, body = w.send(t, "GET", location, "")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(body, `{"identity":{"type":"SystemAssigned","principalId":"`) ||
		!strings.Contains(body, `"sku":{"name":"Standard_RAGRS","tier":"Standard"},"kind":"StorageV2","id":"`+w.sub+accounts+`one","name":"one","type":"Microsoft.Storage/storageAccounts","location":"westus","tags":{},"properties":{"keyCreationTime":{"key1":"2026-11-24T00:`) ||
		!strings.Contains(body, `"primaryEndpoints":{"dfs":"https://one.dfs.core.windows.net/","web":"https://one.z22.web.core.windows.net/","blob":"https://one.blob.core.windows.net/","queue":"https://one.queue.core.windows.net/","table":"https://one.table.core.windows.net/","file":"https://one.file.core.windows.net/"},"primaryLocation":"westus","statusOfPrimary":"available","secondaryLocation":"eastus"`) ||
		!strings.Contains(body, `"provisioningState":"Succeeded"`) {
		t.Errorf("in the end: %s %v %s", res.Status, res.Header, body)
	}
	w.play(t, []row{
		{"in a list without properties", "GET", rg + "/resources?api-version=2021-04-01&$filter=resourceType%20eq%20'Microsoft.Storage/storageAccounts'", "", 200, `"kind":"StorageV2","sku":{"name":"Standard_RAGRS"`},
		{"again", "PUT", accounts + "one" + storeV, `{"location":"westus","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}`, 200, `"provisioningState":"Succeeded"`},
		{"tagged", "PATCH", accounts + "one" + storeV, `{"tags":{"a":"b"}}`, 200, `"tags":{"a":"b"}`},
		{"elsewhere", "PUT", strings.Replace(accounts, "myResource", "otherResource", 1) + "one" + storeV, `{"location":"westus","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}`, 409, `{"error":{"code":"StorageAccountInAnotherResourceGroup","message":"The account one is already in another resource group in this subscription."}}`},
		{"a bad name", "PUT", accounts + "One-1" + storeV, `{"location":"westus","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}`, 400, `{"error":{"code":"AccountNameInvalid","message":"One-1 is not a valid storage account name.`},
		{"no kind", "PUT", accounts + "two" + storeV, `{"location":"westus","sku":{"name":"Standard_LRS"}}`, 400, `Values for request parameters are invalid: kind.`},
		{"no SKU", "PUT", accounts + "two" + storeV, `{"location":"westus","kind":"StorageV2"}`, 400, `Values for request parameters are invalid: sku.`},
		{"an SKU that does not fit", "PUT", accounts + "two" + storeV, `{"location":"westus","kind":"Storage","sku":{"name":"Standard_ZRS"}}`, 400, `sku`},
		{"a tier", "PUT", accounts + "two" + storeV, `{"location":"westus","kind":"StorageV2","sku":{"name":"Standard_LRS"},"properties":{"accessTier":"Warm"}}`, 400, `accessTier`},
		{"a free name", "POST", "/providers/Microsoft.Storage/checkNameAvailability" + storeV, `{"name":"three","type":"Microsoft.Storage/storageAccounts"}`, 200, `{"nameAvailable":true}`},
		{"a taken name", "POST", "/providers/Microsoft.Storage/checkNameAvailability" + storeV, `{"name":"one","type":"Microsoft.Storage/storageAccounts"}`, 200, `{"nameAvailable":false,"reason":"AlreadyExists","message":"The storage account named one is already taken."}`},
		{"an invalid name", "POST", "/providers/Microsoft.Storage/checkNameAvailability" + storeV, `{"name":"x","type":"Microsoft.Storage/storageAccounts"}`, 200, `"reason":"AccountNameInvalid"`},
		{"usage", "GET", "/providers/Microsoft.Storage/locations/westus/usages" + storeV, "", 200, `"currentValue":1,"limit":250`},
		{"SKUs", "GET", "/providers/Microsoft.Storage/skus" + storeV, "", 200, `"name":"Standard_LRS"`},
		{"containers", "PUT", accounts + "one/blobServices/default/containers/c" + storeV, `{}`, 501, `skylab: Microsoft.Storage/storageAccounts/blobServices is real but not simulated here`},
		{"nothing", "GET", accounts + "one/nothing" + storeV, ``, 404, `InvalidResourceType`},
	})
	if status, body := w.do(t, "GET", "https://one.blob.core.windows.net/c/b", "", ""); status != 501 || body != `<?xml version="1.0" encoding="utf-8"?><Error><Code>NotSimulated</Code><Message>skylab: Blob Storage is real but not simulated here</Message></Error>` {
		t.Errorf("its data: %d %s", status, body)
	}
	for _, name := range []string{"two.blob.core.windows.net", "one-secondary.blob.core.windows.net", "one.vault.azure.net"} {
		var ne *network.Error
		if _, err := w.net.Resolve(name); !errors.As(err, &ne) || ne.Kind != network.NoSuchHost {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.play(t, []row{{"gone", "DELETE", accounts + "one" + storeV, "", 200, ""}, {"again", "DELETE", accounts + "one" + storeV, "", 204, ""}})
	if _, err := w.net.Resolve("one.blob.core.windows.net"); err == nil {
		t.Error("its name outlives it")
	}
	for _, p := range w.Entra.State().Principals {
		if p.DisplayName == "one" {
			t.Error("its identity outlives it")
		}
	}
}

// made makes the account "one" and returns its keys.
func (w *world) made(t *testing.T) (key1, key2 string) {
	t.Helper()
	w.play(t, []row{{"made", "PUT", accounts + "one" + storeV, `{"location":"westus","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}`, 202, ""}})
	return w.keys(t, "2022-09-01")
}

func (w *world) keys(t *testing.T, version string) (key1, key2 string) {
	t.Helper()
	_, body := w.send(t, "POST", accounts+"one/listKeys?api-version="+version, "")
	var got struct {
		Keys []struct{ KeyName, Value string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.Keys) != 2 || got.Keys[0].KeyName != "key1" {
		t.Fatalf("%s", body)
	}
	return got.Keys[0].Value, got.Keys[1].Value
}

func TestKeysOfAnAccount(t *testing.T) {
	w := newWorld(t, "linux-vm")
	one, two := w.made(t)
	if raw, err := base64.StdEncoding.DecodeString(one); err != nil || len(raw) != 64 || len(one) != 88 || one[76:80] != "+ASt" || one == two {
		t.Errorf("keys %s %s", one, two)
	}
	for version, want := range map[string]string{
		"2022-09-01": `{"keys":[{"creationTime":"2026-11-24T00:00:00.`, "2019-06-01": `{"keys":[{"keyName":"key1","value":"` + one + `","permissions":"FULL"}`,
		"2016-12-01": `{"keys":[{"keyName":"key1","permissions":"Full","value":"` + one + `"}`,
	} {
		if _, body := w.send(t, "POST", accounts+"one/listKeys?api-version="+version, ""); !strings.HasPrefix(body, want) {
			t.Errorf("%s: %s", version, body)
		}
	}
	w.play(t, []row{
		{"renewed", "POST", accounts + "one/regenerateKey" + storeV, `{"keyName":"key1"}`, 200, `"value":"` + two + `"`},
		{"no such key", "POST", accounts + "one/regenerateKey" + storeV, `{"keyName":"key3"}`, 400, `keyName`},
	})
	if again, same := w.keys(t, "2022-09-01"); again == one || same != two {
		t.Errorf("after it: %s %s", again, same)
	}
	if status, body := w.do(t, "POST", accounts+"one/listKeys"+storeV, w.token(t, forARM), ""); status != 403 || !strings.Contains(body, "'Microsoft.Storage/storageAccounts/listKeys/action'") {
		t.Errorf("without a role: %d %s", status, body)
	}
}

func TestSharedAccessSignatures(t *testing.T) {
	w := newWorld(t, "linux-vm")
	one, two := w.made(t)
	sign := func(key, text string) string {
		raw, _ := base64.StdEncoding.DecodeString(key)
		h := hmac.New(sha256.New, raw)
		h.Write([]byte(text))
		return "sig=" + url.QueryEscape(base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	const service, account = "listServiceSas/", "listAccountSas" // the article's trailing slash does no harm
	for _, c := range []struct {
		name, kind, body string
		status           int
		want             string
	}{
		{"a container", service, `{"canonicalizedResource":"/blob/one/c","signedResource":"c","signedPermission":"rcw","signedProtocol":"https","signedExpiry":"2027-09-23T00:00:00Z"}`, 200,
			`{"serviceSasToken":"sv=2015-04-05&sr=c&spr=https&se=2027-09-23T00%3A00%3A00Z&sp=rcw&` + sign(one, "rcw\n\n2027-09-23T00:00:00Z\n/blob/one/c\n\n\nhttps\n2015-04-05\n\n\n\n\n") + `"}`},
		{"a blob, from a start, by the other key", service, `{"canonicalizedResource":"/blob/one/c/d/e.txt","signedResource":"b","signedPermission":"r","signedStart":"2026-09-23","signedExpiry":"2027-09-23T02:00:00+02:00","signedIp":"1.2.3.4","rscd":"file","keyToSign":"key2"}`, 200,
			`{"serviceSasToken":"sv=2015-04-05&sr=b&st=2026-09-23T00%3A00%3A00Z&se=2027-09-23T00%3A00%3A00Z&sip=1.2.3.4&sp=r&rscd=file&` + sign(two, "r\n2026-09-23T00:00:00Z\n2027-09-23T00:00:00Z\n/blob/one/c/d/e.txt\n\n1.2.3.4\n\n2015-04-05\n\nfile\n\n\n") + `"}`},
		{"a policy", service, `{"canonicalizedResource":"/blob/one/c","signedResource":"c","signedIdentifier":"p"}`, 200,
			`{"serviceSasToken":"sv=2015-04-05&sr=c&si=p&` + sign(one, "\n\n\n/blob/one/c\np\n\n\n2015-04-05\n\n\n\n\n") + `"}`},
		{"a queue", service, `{"canonicalizedResource":"/queue/one/q","signedPermission":"ap","signedExpiry":"2027-09-23T00:00:00Z"}`, 200,
			`{"serviceSasToken":"sv=2015-04-05&se=2027-09-23T00%3A00%3A00Z&sp=ap&` + sign(one, "ap\n\n2027-09-23T00:00:00Z\n/queue/one/q\n\n\n\n2015-04-05") + `"}`},
		{"the account", account, `{"signedServices":"b","signedResourceTypes":"sco","signedPermission":"rl","signedExpiry":"2027-09-23T00:00:00Z","signedProtocol":"https,http"}`, 200,
			`{"accountSasToken":"sv=2015-04-05&ss=b&srt=sco&spr=https%2Chttp&se=2027-09-23T00%3A00%3A00Z&sp=rl&` + sign(one, "one\nrl\nb\nsco\n\n2027-09-23T00:00:00Z\n\nhttps,http\n2015-04-05\n") + `"}`},
		{"another account", service, `{"canonicalizedResource":"/blob/two/c","signedResource":"c","signedPermission":"r","signedExpiry":"2027-09-23T00:00:00Z"}`, 400, `canonicalizedResource`},
		{"a broken line", service, `{"canonicalizedResource":"/blob/one/c\r\n","signedResource":"c","signedPermission":"r","signedExpiry":"2027-09-23T00:00:00Z"}`, 400, `canonicalizedResource`},
		{"a blob as container", service, `{"canonicalizedResource":"/blob/one/c/b","signedResource":"c","signedPermission":"r","signedExpiry":"2027-09-23T00:00:00Z"}`, 400, `canonicalizedResource`},
		{"no expiry", service, `{"canonicalizedResource":"/blob/one/c","signedResource":"c","signedPermission":"r"}`, 400, `InvalidValuesForRequestParameters`},
		{"a permission", service, `{"canonicalizedResource":"/blob/one/c","signedResource":"c","signedPermission":"rZ","signedExpiry":"2027-09-23T00:00:00Z"}`, 400, `signedPermission`},
		{"no time", service, `{"canonicalizedResource":"/blob/one/c","signedResource":"c","signedPermission":"r","signedExpiry":"tomorrow"}`, 400, `signedExpiry`},
		{"a key", service, `{"canonicalizedResource":"/blob/one/c","signedResource":"c","signedPermission":"r","signedExpiry":"2027-09-23T00:00:00Z","keyToSign":"key9"}`, 400, `keyToSign`},
		{"no services", account, `{"signedResourceTypes":"sco","signedPermission":"rl","signedExpiry":"2027-09-23T00:00:00Z"}`, 400, `signedServices`},
	} {
		res, body := w.send(t, "POST", accounts+"one/"+c.kind+storeV, c.body)
		if res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %s %s\nwant %s", c.name, res.Status, body, c.want)
		}
	}
	all := w.ring.State().Exchanges
	told := false
	for _, e := range all {
		for _, n := range e.Notes {
			told = told || n.Kind == "storage.sas" && strings.HasPrefix(n.Text, `The signature is made of this text: rcw\n\n2027`)
		}
	}
	if !told {
		t.Error("no note tells what was signed")
	}
}
