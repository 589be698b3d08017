package sim

import (
	"strings"
	"testing"
)

// TestBadRequests sends what no service takes, by the learner's own curl: each is
// refused as the service refuses it, and the shell goes on.
func TestBadRequests(t *testing.T) {
	const (
		imds  = `'http://169.254.169.254/metadata/instance?api-version=2021-02-01'`
		admin = `T=$(az account get-access-token --query accessToken -o tsv); S=$(az account show --query id -o tsv); G="https://management.azure.com/subscriptions/$S/resourceGroups/x?api-version=2021-04-01"; put() { curl -si -X PUT -H "Authorization: Bearer $T" -H "Content-Type: application/json" -d "$1" "$G"; }; `
	)
	l := newLab(t, "bad")
	for _, c := range []struct{ machine, script, want string }{
		{"myVM", `curl -s -H $'A: b\r\nMetadata: true' ` + imds + ` | head -c 11`, `{"compute":`},
		{"myVM", `curl -s -H $'Metadata: \r\ntrue' ` + imds, "Required metadata header not specified"},
		{"myVM", `curl -si -H Metadata:true 'http://169.254.169.254/metadata/%zz?api-version=2021-02-01'`, "404 Not Found"},
		{"myVM", `curl -si -H Metadata:true 'http://169.254.169.254/metadata/../../etc/passwd'`, "400 Bad Request"},
		{"myVM", `curl -si -H Metadata:true "http://169.254.169.254/$(printf 'a%.0s' {1..16000})"`, "HTTP/1.1 4"},
		{"myVM", `curl -s -o /dev/null -w '%{http_code}' http://0xA9FEA9FE/metadata/versions -H Metadata:true`, "200"},
		{"myVM", `curl -sS 'http://169.254.169.254:99999/'; echo $?`, "3\n"},
		{"myVM", `head -c 5M /dev/zero > f; curl -si --data-binary @f -H Metadata:true ` + imds, "413 Request Entity Too Large"},
		{CloudShell, admin + `put "$(printf '[%.0s' {1..10000})"`, "JSON nests too deeply"},
		{CloudShell, admin + `put "{\"location\":\"westus\",\"tags\":$(printf '{\"a\":%.0s' {1..2000})1$(printf '}%.0s' {1..2000})}"`, "JSON nests too deeply"},
		{CloudShell, admin + `put '{"location":'`, "400 Bad Request"},
		{CloudShell, admin + `put ''`, "400 Bad Request"},
		{CloudShell, admin + `put '{"location":"westus"}trailing'`, "400 Bad Request"},
		{CloudShell, admin + `head -c 5M /dev/zero | tr '\0' x > f; put @f`, "413 Request Entity Too Large"},
		{CloudShell, `curl -si "https://management.azure.com/$(printf 'a%.0s' $(seq 20000))?api-version=2021-04-01"`, "414 Request URI Too Long"},
		{CloudShell, `curl -si 'https://management.azure.com/subscriptions/%zz?api-version=2021-04-01'`, "401 Unauthorized"},
		{CloudShell, `curl -si -d 'grant_type=%zz&&&=' https://login.microsoftonline.com/%00/oauth2/token`, "400 Bad Request"},
		{CloudShell, `curl -si https://graph.microsoft.com/v1.0/%zz`, "401 Unauthorized"},
	} {
		got := script(t, l, c.machine, c.script+"; echo; echo on")
		if !strings.Contains(got, c.want) || !strings.HasSuffix(got, "\non\n") {
			t.Errorf("%s\n%s: %.300q", c.machine, c.script, got)
		}
	}
}
