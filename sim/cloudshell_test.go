package sim

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"skylab/sim/kit/full"
	"skylab/sim/machine/shell"
)

func TestCloudShellHandsOutItsUsersTokens(t *testing.T) {
	l, err := New(context.Background(), Options{At: instant, Kit: full.Kit()})
	if err != nil {
		t.Fatal(err)
	}
	run := func(machine, text string) string {
		var out bytes.Buffer
		if _, err := l.Script(context.Background(), machine, text, shell.Streams{Out: &out, Err: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	const claims = ` | jq -r .access_token | cut -d. -f2 | tr '_-' '/+' | sed 's/$/==/' | base64 -d 2>/dev/null | jq -r '.upn, .appid, .aud, .oid'`
	got := run(CloudShell, `echo $ACC_OID; curl -s -H Metadata:true -d resource=https://management.azure.com/ $MSI_ENDPOINT`+claims)
	oid, rest, _ := strings.Cut(got, "\n")
	lines := strings.Split(rest, "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[0], "admin@") || lines[1] != "b677c290-cf4b-4a8e-a60e-91ba650a4abe" || lines[2] != "https://management.azure.com/" || lines[3] != oid || oid == "" {
		t.Errorf("%q", got)
	}
	for _, x := range []struct{ machine, text, want string }{
		{CloudShell, `curl -s -d resource=https://management.azure.com/ $MSI_ENDPOINT`, `{"error":{"code":"invalid_request","message":"Required metadata header not specified"}}`},
		{CloudShell, `curl -s -H Metadata:true -d resource=https://nosuch $MSI_ENDPOINT | jq -r .error.code`, "invalid_resource\n"},
		{CloudShell, `curl -s -H Metadata:true -d 'resource=https://vault.azure.net&client_id=x' $MSI_ENDPOINT | jq -r .error.message`, "User-assigned managed identity is not supported by Cloud Shell\n"},
		{CloudShell, `t=$(curl -s -H Metadata:true "$MSI_ENDPOINT?resource=https://management.azure.com/" | jq -r .access_token); curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $t" 'https://management.azure.com/subscriptions?api-version=2022-12-01'`, "200"},
		{"myVM", `curl -sS -H Metadata:true http://localhost:50342/oauth2/token`, "Failed to connect to localhost port 50342"},
		{Laptop, `curl -sS http://127.0.0.1:50342/`, "Failed to connect to 127.0.0.1 port 50342"},
		{CloudShell, `echo kept > ~/clouddrive/f; env | grep -c '^ACC_'`, "4\n"},
	} {
		if got := run(x.machine, x.text); !strings.Contains(got, x.want) {
			t.Errorf("%s: %q, want %q", x.text, got, x.want)
		}
	}
	c, err := l.At(CloudShell)
	if err != nil || c.Session().Prompt() != "admin [ ~ ]$ " || !strings.Contains(c.Banner(), "Welcome to Azure Cloud Shell") {
		t.Errorf("%v, prompt %q, banner %q", err, c.Session().Prompt(), c.Banner())
	}
	l.Close(CloudShell)
	if got := run(CloudShell, "cat ~/clouddrive/f"); got != "kept\n" {
		t.Errorf("the home did not outlive the console: %q", got)
	}
}
