package az

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"skylab/sim/machine/az/table"
	"skylab/sim/machine/tool"
)

func signed(t testing.TB) (*box, *fake) {
	f := newFake()
	b := newBox(t, f)
	if out, errs, status := b.run(context.Background(), nil, "login", "--identity"); status != 0 {
		t.Fatal(out, errs)
	}
	f.requests = nil
	return b, f
}

// TestEveryCommandIsSimulatedOrSaysSo runs each command of the tool: what is in
// its table must do something, what is not says the honest sentence.
func TestEveryCommandIsSimulatedOrSaysSo(t *testing.T) {
	b, _ := signed(t)
	tab := table.Load()
	absent := map[string]bool{"cosmosdb collection show": true, "vmss extension delete": true}
	for _, path := range tab.Commands() {
		c, _ := tab.Command(path)
		if c.Simulated {
			if handlers[path] == nil && c.Request.Kind == "" && !absent[path] {
				t.Errorf("%s has neither a request nor a function", path)
			}
			continue
		}
		if !slices.Contains([]string{"aks create", "storage blob upload", "find", "vm run-command invoke"}, path) {
			continue // one sentence serves all
		}
		_, errs, status := b.run(context.Background(), nil, strings.Fields(path)...)
		if errs != tool.NotSimulated("az "+path)+"\n" || status == 0 {
			t.Errorf("%s: %q %d", path, errs, status)
		}
	}
	for path := range handlers {
		if c, ok := tab.Command(path); !ok || !c.Simulated {
			t.Errorf("%s is no command", path)
		}
	}
}

func TestEveryHelpPrints(t *testing.T) {
	b, _ := signed(t)
	tab := table.Load()
	for _, path := range tab.Commands() {
		c, _ := tab.Command(path)
		if !c.Simulated {
			continue
		}
		out, errs, status := b.run(context.Background(), nil, append(strings.Fields(path), "--help")...)
		for _, a := range c.Args {
			if a.Mark != table.Hidden && len(a.Names) > 0 && !strings.Contains(out, a.Names[0]) {
				t.Errorf("%s --help lacks %s", path, a.Names[0])
			}
		}
		if status != 0 || errs != "" || !strings.Contains(out, "az "+path+" : ") {
			t.Errorf("%s: %d %q", path, status, errs)
		}
		for _, line := range strings.Split(out, "\n") {
			if len([]rune(line)) > 100 && strings.Count(strings.TrimSpace(line), " ") > 0 && !strings.Contains(line, "/") {
				t.Errorf("%s: a line is too long: %s", path, line)
			}
		}
	}
	out, _, _ := b.run(context.Background(), nil, "vm", "-h")
	for _, want := range []string{"\nGroup\n    az vm : Manage virtual machines.\n\nSubgroups:\n", "\nCommands:\n", "    create ", "real but not simulated here."} {
		if !strings.Contains(strings.ToLower(out), strings.ToLower(want)) {
			t.Errorf("az vm -h lacks %q:\n%s", want, out)
		}
	}
}

// TestRequests pins what commands send.
func TestRequests(t *testing.T) {
	const sub = "https://management.azure.com/subscriptions/" + fakeSub
	for _, c := range []struct{ args, want string }{
		{"group create -n x -l westus --tags a=b c", "PUT " + sub + `/resourcegroups/x?api-version=2021-04-01 {"location": "westus", "tags": {"a": "b", "c": ""}}`},
		{"identity create -g DevTest -n I", "PUT " + sub + `/resourceGroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/I?api-version=2022-01-31-preview {"location": "westus", "tags": {}}`},
		{"vm identity assign -g DevTest -n myVM --identities ID2", "PATCH " + sub + `/resourceGroups/DevTest/providers/Microsoft.Compute/virtualMachines/myVM?api-version=2022-11-01 {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {"/subscriptions/` + fakeSub + `/resourceGroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID2": {}}}}`},
		{"vm identity remove -g DevTest -n myVM --identities ID1", `{"identity": {"type": "SystemAssigned"}}`},
		{"vm identity remove -g DevTest -n myVM", `{"identity": {"type": "UserAssigned"}}`},
		{"vm start --ids /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v", "POST https://management.azure.com/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v/start?api-version=2022-11-01 "},
		{"rest -m post -u /x?a=1 --url-parameters b=2 --body {\"k\":1}", `POST https://management.azure.com/x?a=1&b=2 {"k": 1}`},
		{"group show -n nope", "GET " + sub + "/resourceGroups/nope?api-version=2021-04-01 "},
		{"resource list -n myVM", "GET " + sub + "/resources?api-version=2021-04-01&$filter=name%20eq%20%27myVM%27&$expand=createdTime,changedTime,provisioningState "},
	} {
		b, f := signed(t)
		out, errs, _ := b.run(context.Background(), nil, strings.Fields(c.args)...)
		if !slices.ContainsFunc(f.requests, func(r string) bool { return strings.HasSuffix(r, c.want) }) {
			t.Errorf("%s sent\n%s\nwant %s\n%s%s", c.args, strings.Join(f.requests, "\n"), c.want, out, errs)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"vm show -g x", "ERROR: (--name | --ids) are required\n", 1},
		{"vm show --ids foo", "ERROR: invalid resource ID: foo\n", 1},
		{"vm delete -g DevTest -n myVM", "ERROR: Unable to prompt for confirmation as no tty available. Use --yes.\n", 1},
		{"role assignment create --role Reader", "ERROR: usage error: --assignee STRING | --assignee-object-id GUID\n", 1},
		{"role assignment create --role Reader --assignee nobody", "ERROR: Cannot find user or service principal in graph database for 'nobody'. If the assignee is an appId, make sure the corresponding service principal is created with 'az ad sp create --id nobody'.\n", 1},
		{"vm identity assign -g DevTest -n myVM --role Reader", "ERROR: usage error: '--role Reader' is not applicable as the '--scope' is not provided\n", 2},
		{"vm create -g DevTest -n v --image Ubuntu2204 --count 2", "WARNING: Argument '--count' is in preview and under development. Reference and support levels: https://aka.ms/CLI_refstatus\n", 1},
		{"vm create -g DevTest -n v --image nope", "ERROR: Invalid image \"nope\".", 1},
		{"login --identity -p x", "ERROR: usage error: '--identity' is not applicable with other arguments\n", 1},
		{"account get-access-token -s a -t b", "ERROR: Please specify only one of subscription and tenant, not both\n", 1},
		{"ad sp create-for-rbac --role Reader", "ERROR: Usage error: To create role assignments, specify both --role and --scopes.\n", 2},
		{"deployment group create -g DevTest", "ERROR: incorrect usage: Chose only one of --template-file FILE | --template-uri URI | --template-spec ID to pass in\n", 1},
		{"deployment group create -g DevTest -f nope.json", "ERROR: [Errno 2] No such file or directory: 'nope.json'\n", 1},
		{"group list --query [?name>`1`]", "ERROR: The command failed with an unexpected error. Here is the traceback:\nERROR: '>' not supported between instances of 'str' and 'int'\n", 1},
		{"resource show -n x", "ERROR: (--ids ID [ID ...] | --resource-group NAME", 1},
	} {
		b, _ := signed(t)
		_, errs, status := b.run(context.Background(), nil, strings.Fields(c.args)...)
		if c.status == 1 && strings.Contains(c.args, "--count") {
			errs = strings.Replace(errs, tool.NotSimulated("az vm create --count")+"\n", c.want, 1)
		}
		if !strings.HasPrefix(errs, c.want) || status != c.status {
			t.Errorf("%s: %d %q, want %d %q", c.args, status, errs, c.status, c.want)
		}
	}
}

func TestDefaultsAndFiles(t *testing.T) {
	b, f := signed(t)
	if _, errs, status := b.run(context.Background(), nil, "configure", "--defaults", "group=DevTest", "location=westus"); status != 0 {
		t.Fatal(errs)
	}
	out, errs, status := b.run(context.Background(), nil, "identity", "list", "--query", "length(@)")
	if out != "0\n" || status != 0 || !strings.Contains(f.requests[len(f.requests)-1], "/resourceGroups/DevTest/") {
		t.Errorf("%q %q %d %v", out, errs, status, f.requests)
	}
	out, _, _ = b.run(context.Background(), nil, "configure", "-l", "--query", "[].name", "-o", "tsv")
	if out != "group\nlocation\n" {
		t.Errorf("defaults: %q", out)
	}
	if err := b.fs.WriteFile("/root/q.txt", []byte("[0].name"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, errs, _ = b.run(context.Background(), []string{"AZURE_CORE_OUTPUT=tsv"}, "group", "list", "--query", "@q.txt"); out != "DevTest\n" {
		t.Errorf("@file: %q %q", out, errs)
	}
	data, err := b.fs.ReadFile("/root/.azure/azureProfile.json")
	if err != nil || !strings.HasPrefix(string(data), "\ufeff{\"installationId\": ") {
		t.Errorf("profile: %.80q %v", data, err)
	}
}

func TestSeveralIDs(t *testing.T) {
	b, _ := signed(t)
	id := "/subscriptions/" + fakeSub + "/resourceGroups/DevTest/providers/Microsoft.Compute/virtualMachines/"
	out, errs, status := b.run(context.Background(), nil, "vm", "show", "--ids", id+"myVM", id+"nope", "--query", "name")
	if out != "\"myVM\"\n" && !strings.Contains(errs, "nope") || status != 0 {
		t.Errorf("%q %q %d", out, errs, status)
	}
}

// slow answers a long operation that never ends.
type slow struct {
	*fake
	polls  int
	cancel context.CancelFunc
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/start") || strings.HasSuffix(r.URL.Path, "/op") {
		if s.polls++; s.polls > 3 {
			s.cancel()
		}
		return &http.Response{StatusCode: 202, Status: "202 Accepted", Header: http.Header{"Location": {"https://management.azure.com/op"}, "Retry-After": {"10"}}, Body: http.NoBody}, nil
	}
	return s.fake.RoundTrip(r)
}

func TestInterruptedWait(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &slow{fake: newFake(), cancel: cancel}
	b := newBox(t, s)
	b.run(context.Background(), nil, "login", "--identity")
	_, errs, status := b.run(ctx, nil, "vm", "start", "-g", "DevTest", "-n", "myVM")
	if status != 130 || !strings.HasPrefix(errs, "ERROR: Long-running operation wait cancelled.  \n") || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("%d %q", status, errs)
	}
	before := s.polls
	if _, errs, status = b.run(context.Background(), nil, "vm", "start", "-g", "DevTest", "-n", "myVM", "--no-wait"); status != 0 || s.polls != before+1 {
		t.Errorf("--no-wait: %d %q", status, errs)
	}
}

func TestDebugShowsRequests(t *testing.T) {
	b, _ := signed(t)
	_, errs, _ := b.run(context.Background(), nil, "group", "list", "--debug")
	for _, want := range []string{"DEBUG: cli.azure.cli.core.sdk.policies: Request URL: 'https://management.azure.com/subscriptions/", "Request method: 'GET'", "'Authorization': 'Bearer ", "Response status: 200"} {
		if !strings.Contains(errs, want) {
			t.Errorf("--debug lacks %q", want)
		}
	}
}

func TestCompletion(t *testing.T) {
	b, _ := signed(t)
	p := &tool.Process{Environ: []string{"HOME=/root"}, Dir: "/root", FS: b.fs, Card: b.card, Clock: b.clock, IDs: b.ids}
	for _, c := range []struct {
		words, want string
	}{
		{"ident", "identity"},
		{"vm identity ", "--help -h assign remove show"},
		{"vm identity assign --id", "--identities --ids"},
		{"group list -o t", "table tsv"},
		{"group show -n ", "DevTest"},
		{"vm show -g D", "DevTest"},
		{"storage account create --sku standard_l", "Standard_LRS"},
		{"nope ", ""},
	} {
		got := complete(p, strings.Split(c.words, " "))
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %v, want %s", c.words, got, c.want)
		}
	}
}

func FuzzCommandLine(f *testing.F) {
	f.Add("vm update -g a -n b --set tags.x=1 --query a.b -o table")
	f.Add("role assignment list --all --ids x")
	b, _ := signed(f)
	f.Fuzz(func(t *testing.T, in string) {
		b.run(context.Background(), nil, strings.Split(in, " ")...)
	})
}

func BenchmarkGroupList(b *testing.B) {
	box, _ := signed(b)
	for b.Loop() {
		box.run(context.Background(), nil, "group", "list")
	}
}
