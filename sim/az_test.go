package sim

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"skylab/sim/machine/az/table"
	"skylab/sim/machine/bash"
)

// TestAz is what a learner tries first on Cloud Shell, which is signed in.
func TestAz(t *testing.T) {
	l := newLab(t, "az")
	guid := `[0-9a-f]{8}-[0-9a-f-]{27}`
	for _, c := range []struct{ text, want string }{
		{"az vm identity show -g myResourceGroup -n myVM -o table", `^PrincipalId {27}TenantId\n-{36}  -{36}\n` + guid + `  ` + guid + `\n$`},
		{`az group list --query "[].{n:name,l:location}" -o tsv`, `^myResourceGroup\twestus\n$`},
		{"az vm list -o yaml | head -3", `^- additionalCapabilities: null\n  applicationProfile: null\n  availabilitySet: null\n$`},
		{"az nope; echo $?", `^ERROR: 'nope' is misspelled or not recognized by the system.\n\nExamples from AI knowledge base:\nhttps://aka.ms/cli_ref\nRead more about the command in reference docs\n2\n$`},
		{"az aks list", `^skylab: az aks list is real but not simulated here\n$`},
		{"az account show --query user.name -o tsv", `^admin@contoso.onmicrosoft.com\n$`},
		{"az ad signed-in-user show --query userPrincipalName", `^"admin@contoso.onmicrosoft.com"\n$`},
		{"az vm show -g myResourceGroup -n myVM -d --query powerState -o tsv", `^VM running\n$`},
		{`az identity create -g myResourceGroup -n mine --query name && az vm identity assign -g myResourceGroup -n myVM --identities mine --query "keys(userAssignedIdentities) | length(@)"`, `^"mine"\n1\n$`},
		{`az role assignment create --assignee $(az resource list -n myVM --query [*].identity.principalId --out tsv) --role Reader -g myResourceGroup --query principalType && az role assignment list -g myResourceGroup --query "[].roleDefinitionName"`, `^"ServicePrincipal"\n\[\n  "Reader"\n\]\n$`},
		{"az vm create -g myResourceGroup -n vm2 --image Debian --assign-identity --generate-ssh-keys --query powerState 2>/dev/null", `^"VM running"\n$`},
		{`ssh -o StrictHostKeyChecking=no azureuser@$(az vm show -d -g myResourceGroup -n vm2 --query publicIps -o tsv) 'hostname; ` + `curl -s -H Metadata:true "http://169.254.169.254/metadata/instance/compute/name?api-version=2021-02-01&format=text"' 2>/dev/null`, `^vm2\nvm2$`},
	} {
		if got := script(t, l, CloudShell, c.text); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s\n%s\nwant %s", c.text, got, c.want)
		}
	}
}

// TestAzOnAVM signs in with the machine's identity, which sees nothing before it
// has a role.
func TestAzOnAVM(t *testing.T) {
	l := newLab(t, "az")
	if got := script(t, l, "myVM", "az login --identity"); got != "ERROR: No access was configured for the VM, hence no subscriptions were found. If this is expected, use '--allow-no-subscriptions' to have tenant level access.\n" {
		t.Errorf("without a role: %s", got)
	}
	script(t, l, CloudShell, "az role assignment create --assignee-object-id $(az vm identity show -g myResourceGroup -n myVM --query principalId -o tsv) --assignee-principal-type ServicePrincipal --role Reader")
	if got := script(t, l, "myVM", "az login --identity --query '[].user.name' -o tsv && az vm list --query '[].name' -o tsv; az group create -n x -l westus 2>&1 | head -1 | cut -c1-30"); got != "systemAssignedIdentity\nmyVM\nERROR: (AuthorizationFailed) T\n" {
		t.Errorf("with a role: %s", got)
	}
	if got := script(t, l, Laptop, "az login --identity 2>&1 | head -1"); !strings.HasPrefix(got, "ERROR: Failed to connect to MSI.") {
		t.Errorf("on the laptop: %s", got)
	}
}

// TestAzAsAnApplication signs an application in with a secret and with a
// certificate, and out again.
func TestAzAsAnApplication(t *testing.T) {
	l := newLab(t, "az")
	got := script(t, l, CloudShell, `sub=$(az account show --query id -o tsv); tenant=$(az account show --query tenantId -o tsv)
app=$(az ad sp create-for-rbac -n one --role Reader --scopes /subscriptions/$sub 2>/dev/null)
export AZURE_CONFIG_DIR=/tmp/one
az login --service-principal -u $(echo $app | jq -r .appId) -p $(echo $app | jq -r .password) --tenant $tenant --query "[].user.type" -o tsv 2>/dev/null
az group list --query "[].name" -o tsv
az login --service-principal -u $(echo $app | jq -r .appId) -p wrong --tenant $tenant 2>&1 | grep ERROR | cut -c1-21
unset AZURE_CONFIG_DIR
cert=$(az ad sp create-for-rbac -n two --role Reader --scopes /subscriptions/$sub --create-cert 2>/dev/null)
az login --service-principal -u $(echo $cert | jq -r .appId) -p $(echo $cert | jq -r .fileWithCertAndPrivateKey) --tenant $tenant --query "[].state" -o tsv 2>/dev/null
az account get-access-token --resource https://graph.microsoft.com/ --query tokenType -o tsv
az logout; az account list --query "[].user.name" -o tsv`)
	if want := "servicePrincipal\nmyResourceGroup\nERROR: AADSTS7000215:\nEnabled\nBearer\n"; !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestAzCompletes(t *testing.T) {
	l := newLab(t, "az")
	m := l.machines[CloudShell]
	s, err := bash.New(bash.Options{Machine: m, User: m.Users[0], Environ: []string{"MSI_ENDPOINT=http://localhost:50342/oauth2/token"}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"az vm ide": "identity", "az group show -n my": "myResourceGroup", "cd / && az identity li": "list list-operations list-resources"} {
		c := s.Complete(text, len(text))
		if got := strings.Join(c.Words, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestAzAsksThePerson answers az's questions; passwords are never shown.
func TestAzAsksThePerson(t *testing.T) {
	const template = "cat > t.json <<'END'\n" + `{"$schema":"https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
"parameters":{"kind":{"type":"string","allowedValues":["one","two"]},"n":{"type":"int","metadata":{"description":"how many"}},"on":{"type":"bool"},"pw":{"type":"securestring"}},
"resources":[],"outputs":{"all":{"type":"string","value":"[format('{0} {1} {2} {3}', parameters('kind'), parameters('n'), parameters('on'), length(parameters('pw')))]"}}}` + "\nEND\n"
	colours := regexp.MustCompile("\x1b\\[[0-9]*m")
	for _, x := range []struct {
		name, text string
		answers    []string
		want       string
		status     int
	}{
		{"confirm", "az group delete -n myResourceGroup", []string{"what", "n"}, "Are you sure you want to perform this operation? (y/n): Operation cancelled.\n", 1},
		{"confirm, interrupted", "az group delete -n myResourceGroup", []string{"^C"}, "perform this operation? (y/n): ", 130},
		{"sign in", "az login --service-principal -u me --tenant t", []string{"*geheim"}, "Password: \n", 1},
		{"a machine's password", "az vm create -g myResourceGroup -n w --image Win2022Datacenter --admin-username me --query powerState", []string{"*geheim", "*other", "*geheim-Nr-1234", "*geheim-Nr-1234"}, "Admin Password: \nConfirm Admin Password: \nPasswords do not match.\nAdmin Password: \nConfirm Admin Password: \n", 0},
		{"nobody asked", "echo | az vm create -g myResourceGroup -n w --image Win2022Datacenter --admin-username me", nil, "Please specify password in non-interactive mode.\n", 1},
		{"parameters", template + "az deployment group create -g myResourceGroup -f t.json --query properties.outputs.all.value", []string{"3", "2", "?", "x", "7", "t", "*geheim"}, `"two 7 True 6"`, 0},
		{"parameters, nobody asked", template + "echo | az deployment group create -g myResourceGroup -f t.json", nil, "Missing input parameters: kind, n, on, pw\n", 1},
		{"configure", "az configure; az config get core.output --query value 2>/dev/null; cat .azure/config", []string{"3", "", "n", "0", "5"}, "[core]\noutput = table\ncollect_telemetry = no\ncache_ttl = 5\n\n[logging]\nenable_log_file = no\n", 0},
		{"configure, unchanged", "az config set core.output=tsv 2>/dev/null; az configure", []string{""}, "Your settings can be found at /home/admin/.azure/config\nYour current configuration is as follows:\n\n[core]\noutput = tsv\n", 0},
		{"configure, left", "az configure; echo $?", []string{"^D"}, "(1)]: \n0\n", 0},
		{"configure, nobody asked", "echo | az configure", nil, "This command is interactive and no tty available.\n", 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			if status, output := answering(t, CloudShell, x.text, x.answers); status != x.status || !strings.Contains(colours.ReplaceAllString(output, ""), x.want) {
				t.Errorf("status %d, output %q", status, output)
			}
		})
	}
}

// TestEveryAzCommandRuns runs each simulated command once, on Cloud Shell; none
// is left out, and what fails is what says that it is not simulated.
func TestEveryAzCommandRuns(t *testing.T) {
	data, err := os.ReadFile("testdata/az-commands.sh")
	if err != nil {
		t.Fatal(err)
	}
	known := table.Load()
	ran := map[string]bool{}
	for _, line := range strings.Split(string(data), "\n") {
		path := ""
		for _, w := range strings.Fields(strings.TrimPrefix(line, "t az ")) {
			path = strings.TrimSpace(path + " " + w)
			if _, ok := known.Command(path); ok && strings.HasPrefix(line, "t az ") {
				ran[path] = true
			}
		}
	}
	for _, path := range known.Commands() {
		if c, _ := known.Command(path); c.Simulated && !ran[path] {
			t.Errorf("az %s never runs", path)
		}
	}
	var want strings.Builder
	for _, c := range []string{"cosmosdb collection show", "vmss extension delete", "interactive", "find", "upgrade", "aks list"} {
		fmt.Fprintln(&want, c)
	}
	got := regexp.MustCompile(`(?m)^1 az ([a-z -]+?)( -.*| vm)? : skylab: .* is real but not simulated here$`).ReplaceAllString(script(t, newLab(t, "az"), CloudShell, string(data)), "$1")
	if got != want.String() {
		t.Errorf("failed:\n%s\nwant\n%s", got, want.String())
	}
}
