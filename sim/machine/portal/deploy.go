package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

const deploymentsV = "2021-04-01"

const deploymentsPath = "/providers/Microsoft.Resources/deployments"

// emptyTemplate is what the editor shows at first.
const emptyTemplate = `{
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {},
    "resources": []
}`

// parameterInput is a template's parameter as a field of the form.
type parameterInput struct {
	name, kind string // as the template has them
	standard   any    // its default; nil if it has none
}

// template reads what stands in the editor.
func template(text string) (*ojson.Object, []parameterInput, []input, error) {
	v, err := ojson.Decode([]byte(withoutComments(text)))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("the template is not valid JSON: %w", err)
	}
	o, ok := v.(*ojson.Object)
	if !ok {
		return nil, nil, nil, fmt.Errorf("the template is not a JSON object")
	}
	for _, name := range []string{"$schema", "contentVersion", "resources"} {
		if _, ok := o.GetFold(name); !ok {
			return nil, nil, nil, fmt.Errorf("the template has no %q", name)
		}
	}
	var parameters []parameterInput
	var inputs []input
	declared, _ := o.GetFold("parameters")
	list, _ := declared.(*ojson.Object)
	for _, m := range list.Members() {
		d, ok := m.Value.(*ojson.Object)
		if !ok {
			return nil, nil, nil, fmt.Errorf("the parameter %q of the template is not an object", m.Key)
		}
		p := parameterInput{name: m.Key, kind: strings.ToLower(d.Str("type"))}
		p.standard, _ = d.GetFold("defaultValue")
		parameters = append(parameters, p)
		inputs = append(inputs, p.input(d))
	}
	return o, parameters, inputs, nil
}

// input makes the field of a parameter from its declaration.
func (p parameterInput) input(d *ojson.Object) input {
	_, optional := d.GetFold("defaultValue")
	in := input{step: "basics", name: "parameter:" + p.name, label: p.name, kind: "text", help: d.Str("metadata", "description"), required: !optional}
	switch p.kind {
	case "securestring", "secureobject":
		in.kind = "password"
	case "object", "array":
		in.kind = "area"
	case "bool":
		in.kind, in.options = "select", []blade.Option{{Value: "true", Text: "true"}, {Value: "false", Text: "false"}}
	}
	switch x := p.standard.(type) {
	case nil:
	case string:
		in.value = x
	default:
		in.value = mustJSON(x)
	}
	if allowed, ok := d.At("allowedValues").([]any); ok && len(allowed) > 0 {
		in.kind, in.options = "select", nil
		for _, v := range allowed {
			text := fmt.Sprint(v)
			in.options = append(in.options, blade.Option{Value: text, Text: text})
		}
	}
	bound := func(name string) (int, bool) {
		n, ok := d.At(name).(json.Number)
		i, err := strconv.Atoi(n.String())
		return i, ok && err == nil
	}
	in.check = func(v string) string {
		if strings.HasPrefix(v, "[") && !strings.HasPrefix(v, "[[") && p.kind != "array" {
			return "" // an expression
		}
		switch p.kind {
		case "int":
			n, err := strconv.Atoi(v)
			if err != nil {
				return "The value must be an integer."
			}
			if least, ok := bound("minValue"); ok && n < least {
				return fmt.Sprintf("The value must be greater than or equal to %d.", least)
			}
			if most, ok := bound("maxValue"); ok && n > most {
				return fmt.Sprintf("The value must be less than or equal to %d.", most)
			}
		case "object", "secureobject", "array":
			x, err := ojson.Decode([]byte(v))
			_, isList := x.([]any)
			_, isObject := x.(*ojson.Object)
			if err != nil || p.kind == "array" && !isList || p.kind != "array" && !isObject {
				return "The value must be valid JSON."
			}
		case "string", "securestring":
			if least, ok := bound("minLength"); ok && len([]rune(v)) < least {
				return fmt.Sprintf("The value must have a length of at least %d.", least)
			}
			if most, ok := bound("maxLength"); ok && len([]rune(v)) > most {
				return fmt.Sprintf("The value must have a length of at most %d.", most)
			}
		}
		return ""
	}
	return in
}

// value is what a parameter is sent as; ok is false for one that keeps its
// default.
func (p parameterInput) value(text string) (v any, ok bool) {
	standard := ""
	switch x := p.standard.(type) {
	case nil:
	case string:
		standard = x
	default:
		standard = mustJSON(x)
	}
	if p.standard != nil && text == standard {
		return nil, false
	}
	switch p.kind {
	case "int":
		return json.Number(text), true
	case "bool":
		return text == "true", true
	case "object", "secureobject", "array":
		x, err := ojson.Decode([]byte(text))
		return x, err == nil
	}
	return text, true
}

// withoutComments blanks out what JSON calls comments outside of texts, as the
// editor tolerates them.
func withoutComments(s string) string {
	out := []byte(s)
	for i := 0; i < len(out); i++ {
		switch {
		case out[i] == '"':
			for i++; i < len(out) && out[i] != '"'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
		case out[i] == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		case out[i] == '/' && i+1 < len(out) && out[i+1] == '*':
			end := strings.Index(string(out[i+2:]), "*/")
			if end < 0 {
				return string(out)
			}
			for last := i + 2 + end + 2; i < last; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			i--
		}
	}
	return string(out)
}

// deploymentForm is "Deploy a custom template": the template in an editor, a
// form made of its parameters, and a check by the service before it is created.
func (p *Portal) deploymentForm(ctx context.Context) (*formSpec, error) {
	sub, subName, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := p.groupsOf(ctx, sub)
	if err != nil {
		return nil, err
	}
	text := emptyTemplate
	if p.state.Form != nil && p.state.Form.Values["template"] != "" {
		text = p.state.Form.Values["template"]
	}
	parsed, parameters, fields, problem := template(text)
	inputs := []input{
		{step: "template", name: "template", label: "Template", kind: "area", required: true, value: emptyTemplate, check: func(v string) string {
			if _, _, _, err := template(v); err != nil {
				return "Unable to parse the template: " + err.Error() + "."
			}
			return ""
		}},
		{step: "basics", name: "group", label: "Resource group", kind: "select", required: true, options: groups},
	}
	if problem == nil {
		inputs = append(inputs, fields...)
	}
	name := "Microsoft.Template-" + p.Clock.Now().Format("20060102150405")
	body := func(v map[string]string, shown bool) *ojson.Object {
		values := ojson.New()
		for _, x := range parameters {
			text := v["parameter:"+x.name]
			value, ok := x.value(text)
			if !ok || text == "" && x.standard != nil {
				continue
			}
			if shown && strings.HasPrefix(x.kind, "secure") {
				value = "…"
			}
			values.Set(x.name, ojson.Obj("value", value))
		}
		var source any = parsed
		if shown {
			source = "…"
		}
		return ojson.Obj("properties", ojson.Obj("mode", "Incremental", "template", source, "parameters", values))
	}
	at := func(v map[string]string) string {
		return sub + "/resourceGroups/" + v["group"] + deploymentsPath + "/" + name
	}
	return &formSpec{
		title: "Custom deployment", back: homeLink, crumbs: []blade.Link{homeLink}, steps: []menuEntry{{"template", "Select a template"}, basics}, button: "Create",
		note: func(step string) []blade.Section {
			if step == "template" {
				return []blade.Section{{Title: "Edit template", Text: "Paste an Azure Resource Manager template in JSON, or write one."}}
			}
			return []blade.Section{{Title: "Project details", Facts: []blade.Fact{{Name: "Subscription", Value: subName}}}}
		},
		inputs: inputs,
		equiv: func(v map[string]string) *blade.Equiv {
			cli, shell := "", ""
			for _, x := range parameters {
				if value, ok := x.value(v["parameter:"+x.name]); ok {
					if strings.HasPrefix(x.kind, "secure") {
						value = "…"
					}
					cli += fmt.Sprintf(" %s=%v", x.name, plainText(value))
					shell += fmt.Sprintf(" -%s %v", x.name, plainText(value))
				}
			}
			if cli != "" {
				cli = " --parameters" + cli
			}
			return &blade.Equiv{CLI: "az deployment group create -g " + v["group"] + " --template-file template.json" + cli, PowerShell: "New-AzResourceGroupDeployment -ResourceGroupName " + v["group"] + " -TemplateFile template.json" + shell,
				REST: curl(http.MethodPut, at(v), deploymentsV, mustJSON(body(v, true)))}
		},
		verify: func(ctx context.Context, v map[string]string) error { return p.validate(ctx, at(v), body(v, false)) },
		create: func(ctx context.Context, v map[string]string) (string, error) {
			return p.deploy(ctx, at(v), v["group"], body(v, false))
		},
	}, nil
}

// validate asks the service whether a deployment could be made.
func (p *Portal) validate(ctx context.Context, at string, body *ojson.Object) error {
	_, err := p.run(ctx, http.MethodPost, armURL(at+"/validate", deploymentsV, nil), body)
	return err
}

// deploy makes a deployment and returns the path of its blade.
func (p *Portal) deploy(ctx context.Context, at, group string, body *ojson.Object) (string, error) {
	scope, name, _ := strings.Cut(at, deploymentsPath+"/")
	_, err := p.operate(ctx, http.MethodPut, at, deploymentsV, body, words{"Deployment in progress", "Deployed to resource group '" + group + "'", "Deployment failed"})
	if err != nil {
		// What was begun can be looked at; what was refused cannot.
		if _, gone := p.arm(ctx, http.MethodGet, at, deploymentsV, nil, nil); gone != nil {
			return "", err
		}
	}
	return scope + "/-/deployments/" + name, err
}

func plainText(v any) string {
	switch v.(type) {
	case *ojson.Object, []any:
		return quoted(mustJSON(v))
	}
	return fmt.Sprint(v)
}

// deployments is the history of a resource group's deployments.
func (p *Portal) deployments(ctx context.Context, pg *page, id string) error {
	t, err := p.table(ctx, id+deploymentsPath, deploymentsV, []column{{title: "Deployment name"}, {title: "Status"}, {title: "Last modified"}, {title: "Duration"}}, func(x *ojson.Object) blade.Row {
		return blade.Row{Target: "deployment." + x.Str("name"), Key: x.Str("id"), Cells: []string{x.Str("name"), x.Str("properties", "provisioningState"), x.Str("properties", "timestamp"), x.Str("properties", "duration")}, Path: id + "/-/deployments/" + x.Str("name")}
	})
	if err != nil {
		return err
	}
	t.Empty = "No deployments to display"
	pg.Sections = []blade.Section{{Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az deployment group list -g " + nameOf(id) + " -o table", PowerShell: "Get-AzResourceGroupDeployment -ResourceGroupName " + nameOf(id), REST: curl(http.MethodGet, id+deploymentsPath, deploymentsV, "")}
	return nil
}

// deployment is one deployment: its overview with operations and errors, its
// inputs, its outputs and its template.
func (p *Portal) deployment(ctx context.Context, pg *page, id, rest string) error {
	name, tab, _ := strings.Cut(rest, "/")
	if tab == "" {
		tab = "overview"
	}
	path := id + deploymentsPath + "/" + name
	o, err := p.arm(ctx, http.MethodGet, path, deploymentsV, nil, nil)
	if err != nil {
		return err
	}
	pg.Title = name
	pg.Breadcrumb = append(pg.Breadcrumb, blade.Link{Target: "deployments", Text: "Deployments", Path: id + "/-/deployments"})
	tabs := blade.Section{}
	for _, e := range []menuEntry{{"overview", "Overview"}, {"inputs", "Inputs"}, {"outputs", "Outputs"}, {"template", "Template"}} {
		tabs.Tabs = append(tabs.Tabs, blade.Link{Target: "deployment.tab." + e.name, Text: e.text, Path: id + "/-/deployments/" + name + "/" + e.name, Current: e.name == tab})
		if e.name == tab && tab != "overview" {
			pg.Title += " | " + e.text
		}
	}
	pg.Sections = []blade.Section{tabs}
	group := nameOf(id)
	pg.Equivalents = &blade.Equiv{CLI: "az deployment group show -g " + group + " -n " + name, PowerShell: "Get-AzResourceGroupDeployment -ResourceGroupName " + group + " -Name " + name, REST: curl(http.MethodGet, path, deploymentsV, "")}
	switch tab {
	case "overview":
		return p.deploymentOverview(ctx, pg, path, group, o)
	case "inputs":
		pg.Sections = append(pg.Sections, blade.Section{Facts: typed(o.Obj("properties", "parameters"), "input."), Text: "The deployment was made with these parameters. Secure ones are not kept."})
	case "outputs":
		s := blade.Section{Facts: typed(o.Obj("properties", "outputs"), "output.")}
		if len(s.Facts) == 0 {
			s.Text = "No outputs to display"
		}
		pg.Sections = append(pg.Sections, s)
	case "template":
		exported, err := p.arm(ctx, http.MethodPost, path+"/exportTemplate", deploymentsV, nil, nil)
		if err != nil {
			return err
		}
		code, err := ojson.Indent(exported.At("template"), "    ", "\n")
		if err != nil {
			return fmt.Errorf("print the template: %w", err)
		}
		pg.Sections = append(pg.Sections, blade.Section{Code: string(code)})
		pg.Equivalents = &blade.Equiv{CLI: "az deployment group export -g " + group + " -n " + name, PowerShell: "Save-AzResourceGroupDeploymentTemplate -ResourceGroupName " + group + " -DeploymentName " + name, REST: curl(http.MethodPost, path+"/exportTemplate", deploymentsV, "") + " -d ''"}
	default:
		return notFound(pg, p.state.Path)
	}
	return nil
}

// typed are parameters or outputs: {name: {type, value}}.
func typed(o *ojson.Object, target string) []blade.Fact {
	var out []blade.Fact
	for _, m := range o.Members() {
		x, _ := m.Value.(*ojson.Object)
		value, ok := x.Get("value")
		text := "(secure)"
		if ok {
			if s, isText := value.(string); isText {
				text = s
			} else {
				text = mustJSON(value)
			}
		}
		out = append(out, blade.Fact{Target: target + m.Key, Name: m.Key, Value: text, Copy: ok})
	}
	return out
}

func (p *Portal) deploymentOverview(ctx context.Context, pg *page, path, group string, o *ojson.Object) error {
	state := o.Str("properties", "provisioningState")
	headline := map[string]string{"Succeeded": "Your deployment is complete", "Failed": "Your deployment failed", "Canceled": "Your deployment was canceled"}[state]
	if headline == "" {
		headline = "Deployment is in progress"
	}
	facts := []blade.Fact{{Target: "fact.status", Name: "Status", Value: state}, {Name: "Deployment name", Value: nameOf(path)}, {Name: "Resource group", Value: group, Path: strings.TrimSuffix(path, deploymentsPath+"/"+nameOf(path)) + "/-/overview", Target: "fact.group"},
		{Name: "Start time", Value: o.Str("properties", "timestamp")}, {Name: "Duration", Value: o.Str("properties", "duration")}, {Name: "Correlation ID", Value: o.Str("properties", "correlationId"), Copy: true}}
	pg.Sections = append(pg.Sections, blade.Section{Title: headline, Facts: facts})
	if e := o.Obj("properties", "error"); e != nil {
		problem := refusalOf(http.StatusConflict, ojson.Obj("error", e))
		lines := []blade.Fact{{Target: "fact.error-code", Name: "Code", Value: problem.Code}, {Name: "Message", Value: problem.Message}}
		for i, d := range problem.Details {
			lines = append(lines, blade.Fact{Target: fmt.Sprintf("fact.error-detail-%d", i+1), Name: "Details", Value: d, Copy: true})
		}
		pg.Sections = append(pg.Sections, blade.Section{Title: "Error details", Facts: lines})
	}
	t, err := p.table(ctx, path+"/operations", deploymentsV, []column{{title: "Resource"}, {title: "Type"}, {title: "Status"}, {title: "Operation details"}}, func(x *ojson.Object) blade.Row {
		target := x.Str("properties", "targetResource", "id")
		row := blade.Row{Target: "operation." + x.Str("operationId"), Key: x.Str("id"), Cells: []string{x.Str("properties", "targetResource", "resourceName"), x.Str("properties", "targetResource", "resourceType"), x.Str("properties", "statusCode"), x.Str("properties", "provisioningState")}}
		if target != "" && x.Str("properties", "provisioningState") == "Succeeded" {
			row.Path = target + "/-/overview"
		}
		if problem := x.Obj("properties", "statusMessage", "error"); problem != nil {
			row.Cells[3] += ": " + problem.Str("code") + ": " + problem.Str("message")
		}
		if row.Cells[0] == "" {
			row.Cells[0] = x.Str("properties", "provisioningOperation")
		}
		return row
	})
	if err != nil {
		return err
	}
	t.Empty = "No results."
	pg.Sections = append(pg.Sections, blade.Section{Title: "Deployment details", Table: t})
	if state == "Running" || state == "Accepted" {
		pg.Commands = append(pg.Commands, blade.Command{Target: "deployment.cancel", Text: "Cancel", Equivalents: &blade.Equiv{CLI: "az deployment group cancel -g " + group + " -n " + nameOf(path), PowerShell: "Stop-AzResourceGroupDeployment -ResourceGroupName " + group + " -Name " + nameOf(path), REST: curl(http.MethodPost, path+"/cancel", deploymentsV, "") + " -d ''"}})
		pg.on("deployment.cancel", func(ctx context.Context, _ map[string]string) error {
			_, err := p.operate(ctx, http.MethodPost, path+"/cancel", deploymentsV, nil, words{"Canceling deployment", "Canceled deployment '" + nameOf(path) + "'", "Failed to cancel deployment"})
			return err
		})
	}
	pg.Commands = append(pg.Commands, blade.Command{Target: "deployment.delete", Text: "Delete", Danger: true, Equivalents: &blade.Equiv{CLI: "az deployment group delete -g " + group + " -n " + nameOf(path), PowerShell: "Remove-AzResourceGroupDeployment -ResourceGroupName " + group + " -Name " + nameOf(path), REST: curl(http.MethodDelete, path, deploymentsV, "")}})
	p.ask(pg, "deployment.delete", question{"Delete deployment", "The deployment '" + nameOf(path) + "' is taken out of the history. The resources that it made stay.", "Yes"}, func(ctx context.Context, _ map[string]string) error {
		if _, err := p.operate(ctx, http.MethodDelete, path, deploymentsV, nil, words{"Deleting deployment", "Deleted deployment '" + nameOf(path) + "'", "Failed to delete deployment"}); err != nil {
			return err
		}
		notices := p.state.Notices
		p.open(strings.TrimSuffix(path, deploymentsPath+"/"+nameOf(path)) + "/-/deployments")
		p.state.Notices = notices
		return nil
	})
	return nil
}
