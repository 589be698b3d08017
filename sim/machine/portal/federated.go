package portal

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// trusted is the blade of a user-assigned identity with the issuers whose tokens
// it accepts.
func (p *Portal) trusted(ctx context.Context, pg *page, id string) error {
	o, err := p.arm(ctx, http.MethodGet, id+"/federatedIdentityCredentials", identityV, nil, nil)
	if err != nil {
		return err
	}
	t := &blade.Table{Columns: []string{"Name", "Issuer", "Subject identifier"}, Rows: []blade.Row{}, Empty: "No federated credentials have been configured for this identity."}
	group, name := groupOf(id), nameOf(id)
	for _, x := range items(o) {
		credential := x.Str("name")
		remove := "federated.remove." + credential
		t.Rows = append(t.Rows, blade.Row{Target: "federated." + credential, Key: x.Str("id"), Cells: []string{credential, x.Str("properties", "issuer"), x.Str("properties", "subject")},
			Commands: []blade.Command{{Target: remove, Text: "Delete", Danger: true, Equivalents: &blade.Equiv{CLI: fmt.Sprintf("az identity federated-credential delete -g %s --identity-name %s -n %s", group, name, credential),
				PowerShell: fmt.Sprintf("Remove-AzFederatedIdentityCredential -ResourceGroupName %s -IdentityName %s -Name %s", group, name, credential), REST: curl(http.MethodDelete, x.Str("id"), identityV, "")}}}})
		p.ask(pg, remove, question{"Delete federated credential", "Do you want to delete '" + credential + "'? Tokens of its issuer are then no longer exchanged.", "Yes"}, func(ctx context.Context, _ map[string]string) error {
			_, err := p.operate(ctx, http.MethodDelete, x.Str("id"), identityV, nil, words{"Deleting federated credential", "Deleted federated credential '" + credential + "'", "Failed to delete federated credential"})
			return err
		})
	}
	pg.Commands = []blade.Command{{Target: "federated.add", Text: "Add Credential", Primary: true}}
	pg.on("federated.add", func(context.Context, map[string]string) error { p.open(id + "/-/federated-add"); return nil })
	pg.Sections = []blade.Section{{Text: "A workload outside Azure, such as a pipeline, exchanges a token of its own issuer for one of this identity.", Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: fmt.Sprintf("az identity federated-credential list -g %s --identity-name %s", group, name), PowerShell: fmt.Sprintf("Get-AzFederatedIdentityCredential -ResourceGroupName %s -IdentityName %s", group, name),
		REST: curl(http.MethodGet, id+"/federatedIdentityCredentials", identityV, "")}
	return nil
}

// scenarios are whose tokens an identity can accept, as the form offers them.
var scenarios = []blade.Option{{Value: "github", Text: "GitHub Actions deploying Azure resources"}, {Value: "kubernetes", Text: "Kubernetes accessing Azure resources"}, {Value: "other", Text: "Other issuer"}}

// githubIssuer signs the tokens of GitHub's workflows.
const githubIssuer = "https://token.actions.githubusercontent.com"

var (
	credentialName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$`)
	issuerForm     = regexp.MustCompile(`^https://[^\s]+$`)
)

func checkIssuer(v string) string {
	if !issuerForm.MatchString(v) {
		return "The issuer must be an address that begins with https://."
	}
	return ""
}

// trustOf is the issuer and the subject of what was filled in.
func trustOf(v map[string]string) (issuer, subject string) {
	switch v["scenario"] {
	case "kubernetes":
		return v["issuer"], "system:serviceaccount:" + v["namespace"] + ":" + v["account"]
	case "other":
		return v["issuer"], v["subject"]
	}
	subject = "repo:" + v["organization"] + "/" + v["repository"] + ":"
	switch v["entity"] {
	case "environment":
		subject += "environment:" + v["value"]
	case "tag":
		subject += "ref:refs/tags/" + v["value"]
	case "pull":
		subject += "pull_request"
	default:
		subject += "ref:refs/heads/" + v["value"]
	}
	return githubIssuer, subject
}

// scenarioInputs are the fields of a scenario.
func scenarioInputs(v map[string]string) []input {
	const step = "basics"
	text := func(name, label string) input {
		return input{step: step, name: name, label: label, kind: "text", required: true}
	}
	issuer := func(label string) input {
		in := text("issuer", label)
		in.check = checkIssuer
		return in
	}
	switch v["scenario"] {
	case "kubernetes":
		return []input{issuer("Cluster Issuer URL"), text("namespace", "Namespace"), text("account", "Service account")}
	case "other":
		return []input{issuer("Issuer URL"), text("subject", "Subject identifier")}
	}
	in := []input{text("organization", "Organization"), text("repository", "Repository"),
		{step: step, name: "entity", label: "Entity", kind: "select", required: true, value: "branch", options: []blade.Option{{Value: "environment", Text: "Environment"}, {Value: "branch", Text: "Branch"}, {Value: "pull", Text: "Pull request"}, {Value: "tag", Text: "Tag"}}}}
	if v["entity"] != "pull" {
		in = append(in, text("value", map[string]string{"environment": "Environment", "tag": "Tag"}[v["entity"]]))
		if last := &in[len(in)-1]; last.label == "" {
			last.label = "Branch"
		}
	}
	return in
}

// addTrusted is the form of a federated credential of an identity.
func (p *Portal) addTrusted(_ context.Context, pg *page, id string) error {
	v := map[string]string{}
	if p.state.Form != nil {
		v = p.state.Form.Values
	}
	at := func(v map[string]string) string { return id + "/federatedIdentityCredentials/" + v["name"] }
	body := func(v map[string]string) *ojson.Object {
		issuer, subject := trustOf(v)
		return ojson.Obj("properties", ojson.Obj("issuer", issuer, "subject", subject, "audiences", []any{v["audience"]}))
	}
	back := blade.Link{Target: "menu.federated", Text: "Federated credentials", Path: id + "/-/federated"}
	inputs := append([]input{{step: "basics", name: "scenario", label: "Federated credential scenario", kind: "select", required: true, value: "github", options: scenarios}}, scenarioInputs(v)...)
	inputs = append(inputs,
		input{step: "basics", name: "name", label: "Name", kind: "text", required: true, check: func(v string) string {
			if !credentialName.MatchString(v) {
				return "The name must have 3 to 120 letters, numbers, hyphens and underscores, and begin with a letter or a number."
			}
			return ""
		}},
		input{step: "basics", name: "audience", label: "Audience", kind: "text", required: true, value: "api://AzureADTokenExchange"})
	return p.draw(pg, &formSpec{
		title: "Add Federated Credential", back: back, crumbs: append(crumbs(id), blade.Link{Target: "identity." + nameOf(id), Text: nameOf(id), Path: id + "/-/overview"}, back), steps: []menuEntry{{"basics", "Credential"}}, flat: true, button: "Add", inputs: inputs,
		note: func(string) []blade.Section {
			issuer, subject := trustOf(v)
			s := blade.Section{Text: "A token is accepted whose issuer, subject and audience are exactly these."}
			empty := func(in input) bool { return v[in.name] == "" }
			if v["scenario"] != "other" && !slices.ContainsFunc(scenarioInputs(v), empty) {
				s.Facts = []blade.Fact{{Target: "trust.issuer", Name: "Issuer", Value: issuer}, {Target: "trust.subject", Name: "Subject identifier", Value: subject}}
			}
			return []blade.Section{s}
		},
		equiv: func(v map[string]string) *blade.Equiv {
			issuer, subject := trustOf(v)
			return &blade.Equiv{CLI: fmt.Sprintf("az identity federated-credential create -g %s --identity-name %s -n %s --issuer %s --subject '%s' --audiences %s", groupOf(id), nameOf(id), v["name"], issuer, subject, v["audience"]),
				PowerShell: fmt.Sprintf("New-AzFederatedIdentityCredential -ResourceGroupName %s -IdentityName %s -Name %s -Issuer %s -Subject '%s' -Audience %s", groupOf(id), nameOf(id), v["name"], issuer, subject, v["audience"]),
				REST:       curl(http.MethodPut, at(v), identityV, mustJSON(body(v)))}
		},
		create: func(ctx context.Context, v map[string]string) (string, error) {
			_, err := p.operate(ctx, http.MethodPut, at(v), identityV, body(v), words{"Creating federated credential", "Created federated credential '" + v["name"] + "'", "Failed to create federated credential '" + v["name"] + "'"})
			if err != nil {
				return "", err
			}
			return back.Path, nil
		},
	})
}
