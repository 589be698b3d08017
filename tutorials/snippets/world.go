package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"skylab/sim"
	"skylab/sim/machine/shell"
)

// world is the prepared lab that each snippet gets a copy of.
type world struct {
	lab    *sim.Lab
	values map[string]string
}

// setup makes what the articles' snippets take for granted.
const setup = `az identity create -g myResourceGroup -n ID1 -o none
az identity create -g myResourceGroup -n ID2 -o none
az network vnet create -g myResourceGroup -n myVnet --subnet-name mySubnet -o none
az network nic create -g myResourceGroup --vnet-name myVnet --subnet mySubnet -n myNic -o none
az role assignment create --assignee $(az vm identity show -g myResourceGroup -n myVM --query principalId -o tsv) --role Owner --scope /subscriptions/$(az account show --query id -o tsv) -o none
az vm identity assign -g myResourceGroup -n myVM --identities ID1 ID2 -o none
az vm update -g myResourceGroup -n myVM --set tags.fixVM=1 -o none
echo '#cloud-config' > cloud-init.txt; echo test > test.txt
az account show --query id -o tsv
az account get-access-token --query accessToken -o tsv
az vm identity show -g myResourceGroup -n myVM --query principalId -o tsv`

func prepare(ctx context.Context, lab *sim.Lab) (*world, error) {
	var out, problems strings.Builder
	if _, err := lab.Run(ctx, "cloudshell", setup, shell.Streams{Out: &out, Err: &problems}); err != nil {
		return nil, fmt.Errorf("prepare the world: %w", err)
	}
	got := strings.Fields(out.String())
	if len(got) != 3 {
		return nil, fmt.Errorf("prepare the world: %s", problems.String())
	}
	return &world{lab: lab, values: map[string]string{"SUBSCRIPTION ID": got[0], "ACCESS TOKEN": got[1], "PRINCIPALID": got[2],
		"RESOURCE GROUP": "myResourceGroup", "VM NAME": "myVM", "ROLE NAME": "Reader", "LOCATION": "westus", "USER NAME": "azureuser", "EXPIRATION TIME": "2030-01-01T00:00:00Z", "PASSWORD": "myPassword12!",
		"STORAGE ACCOUNT NAME": "mystorageacct", "USER ASSIGNED IDENTITY": "ID1", "UAMI": "ID1", "KEY VAULT URL": "myvault.vault.azure.net", "VMSS NAME": "myVMSS", "VIRTUAL MACHINE SCALE SET NAME": "myVMSS", "VM OR APPLICATION NAME": "myVM"}}, nil
}

var placeholder = regexp.MustCompile(`<+([A-Za-z][A-Za-z _\n-]*)>+`)

// fill puts values for the placeholders, the longest name that is in them first.
func (w *world) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(s string) string {
		name := strings.ToUpper(strings.Join(strings.FieldsFunc(strings.Trim(s, "<>"), func(r rune) bool { return strings.ContainsRune(" _\n-", r) }), " "))
		best := ""
		for k := range w.values {
			if (strings.Contains(name, k) || strings.Contains(strings.ReplaceAll(name, " ", ""), strings.ReplaceAll(strings.TrimPrefix(k, "MY"), " ", ""))) && len(k) > len(best) {
				best = k
			}
		}
		if best == "" {
			return "x" + strings.ToLower(strings.ReplaceAll(name, " ", ""))
		}
		return w.values[best]
	})
}

var (
	absent = regexp.MustCompile(`skylab: (.*?) (?:is|are) real but not simulated here`)
	failed = regexp.MustCompile(`(?m)^(?:ERROR: .*|curl: .*|bash: .*|.*usage error.*)$`)
	coded  = regexp.MustCompile(`"code":\s*"([^"]+)","message":\s*"([^"]*)`)
	// foreign are hosts of services that have no server yet.
	foreign = regexp.MustCompile(`https://[^/ ]*?((?:documents\.azure\.com|azuredatalakestore\.net|vault\.azure\.net|graph\.windows\.net|blob\.core\.windows\.net)[^/ "']*)`)
)

// try runs a block in a copy of the world and says what became of it.
func (w *world) try(ctx context.Context, b block) (state, detail string, err error) {
	lab, err := w.lab.Fork()
	if err != nil {
		return "", "", err
	}
	machine, text := "cloudshell", w.fill(b.text)
	switch {
	case b.kind == "template":
		text = deployment(text)
	case strings.Contains(text, "169.254.169.254"):
		machine = "myVM"
	case strings.TrimSpace(text) == "az login":
		return "runs", "with the code entered in the portal", nil
	}
	if strings.HasPrefix(text, "az vm create") {
		text = "az vm delete -g myResourceGroup -n myVM --yes -o none\n" + text // it is to be made
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "$ ")
	var out, problems strings.Builder
	result, err := lab.Run(ctx, machine, text, shell.Streams{Out: &out, Err: &problems})
	if err != nil {
		return "", "", err
	}
	all := problems.String() + out.String()
	if m := absent.FindStringSubmatch(all); m != nil {
		return "waits", "for " + m[1], nil
	}
	if m := foreign.FindStringSubmatch(text); m != nil && result.Status != 0 {
		return "waits", "for " + m[1], nil
	}
	if m := failed.FindString(all); m != "" {
		return "broken", short(m), nil
	}
	if m := coded.FindStringSubmatch(out.String()); m != nil && b.kind == "curl" {
		return "broken", short(m[1] + ": " + m[2]), nil
	}
	if result.Status != 0 {
		said := strings.Split(strings.TrimSpace(problems.String()), "\n")
		return "broken", short(fmt.Sprintf("exit status %d: %s", result.Status, said[len(said)-1])), nil
	}
	return "runs", "", nil
}

// guids differ from seed to seed and say nothing.
var guids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func short(s string) string {
	s = guids.ReplaceAllString(s, "…")
	if len(s) > 110 {
		s = strings.ToValidUTF8(s[:110], "") + "…"
	}
	return s
}

var (
	parameters = regexp.MustCompile(`parameters\('([^']+)'\)`)
	variables  = regexp.MustCompile(`variables\('([^']+)'\)`)
	// What a part depends on is not in it.
	depends = regexp.MustCompile(`(?s)"dependsOn"\s*:\s*\[.*?\n\s*\],?`)
)

// deployment makes a whole template of a part and lets the service validate it.
func deployment(text string) string {
	body, given := strings.TrimSpace(text), " --parameters resourceName=ID3"
	if !strings.Contains(body, "$schema") {
		given, body = "", depends.ReplaceAllString(body, "")
		switch {
		case strings.HasPrefix(body, "{"):
			body = `"resources": [` + body + "]"
		case !strings.HasPrefix(body, `"resources"`):
			body = `"resources": [{` + body + "}]"
		}
		list := func(found [][]string, item string) string {
			seen, parts := map[string]bool{}, []string{}
			for _, m := range found {
				if !seen[m[1]] {
					seen[m[1]] = true
					parts = append(parts, fmt.Sprintf(item, m[1]))
				}
			}
			return strings.Join(parts, ", ")
		}
		body = `{"$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "parameters": {` +
			list(parameters.FindAllStringSubmatch(body, -1), `"%s": {"type": "string", "defaultValue": "westus"}`) + `}, "variables": {` + list(variables.FindAllStringSubmatch(body, -1), `"%s": "part"`) + "},\n" + strings.TrimSuffix(body, ",") + "}"
	}
	return "cat > template.json <<'END OF TEMPLATE'\n" + body + "\nEND OF TEMPLATE\naz deployment group validate -g myResourceGroup --template-file template.json -o none" + given
}
