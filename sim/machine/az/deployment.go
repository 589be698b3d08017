package az

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"skylab/sim/machine/az/model"
	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
)

var deploymentCommands = map[string]command{
	"deployment group create": cmdDeploy, "deployment group validate": cmdDeploy, "deployment group what-if": cmdWhatIf, "deployment group list": cmdDeployments, "deployment operation group show": cmdOperations,
	"deployment sub create": cmdDeploy, "deployment sub validate": cmdDeploy, "deployment sub what-if": cmdWhatIf, "deployment sub list": cmdDeployments,
}

// deploymentScope is where the command's deployments are.
func (c *call) deploymentScope() (string, error) {
	if strings.HasPrefix(c.cmd.Path, "deployment sub") {
		return c.subscriptionPath()
	}
	sub, err := c.subscriptionPath()
	return sub + "/resourcegroups/" + pathSegment(c.group()), err
}

func cmdDeployments(c *call) (any, error) {
	scope, err := c.deploymentScope()
	if err != nil {
		return nil, err
	}
	at := join(resourcesVersion, scope, "/providers/Microsoft.Resources/deployments/")
	if f := c.str("filter_string"); f != "" {
		at += "&$filter=" + queryEscape(f)
	}
	list, err := c.all(at)
	return c.views("DeploymentExtended", list), err
}

func cmdOperations(c *call) (any, error) {
	scope, err := c.deploymentScope()
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, id := range c.list("operation_ids") {
		v, err := c.get(join(resourcesVersion, scope, "/providers/Microsoft.Resources/deployments/", pathSegment(c.str("deployment_name")), "/operations/", pathSegment(id)))
		if err != nil {
			return nil, err
		}
		out = append(out, c.view("DeploymentOperation", v))
	}
	return out, nil
}

// withoutComments takes comments out of JSON, as templates may have them.
func withoutComments(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			j := i + 1
			for j < len(s) && s[j] != '"' {
				if s[j] == '\\' {
					j++
				}
				j++
			}
			b.WriteString(s[i:min(j+1, len(s))])
			i = j
		case strings.HasPrefix(s[i:], "//"):
			for i < len(s) && s[i] != '\n' {
				i++
			}
			b.WriteByte('\n')
		case strings.HasPrefix(s[i:], "/*"):
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return b.String()
			}
			i += end + 3
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// readTemplate reads the template of the command: its text as it is sent, and
// what it says.
func (c *call) readTemplate() (text string, t *ojson.Object, err error) {
	file, uri := c.str("template_file"), c.str("template_uri")
	if (file != "") == (uri != "") {
		return "", nil, failf("incorrect usage: Chose only one of --template-file FILE | --template-uri URI | --template-spec ID to pass in")
	}
	name := or(file, uri)
	if file != "" {
		if strings.HasSuffix(strings.ToLower(file), ".bicep") {
			return "", nil, notSimulated("Bicep")
		}
		text, err = c.readText(file)
		if err != nil {
			return "", nil, failf("[Errno 2] No such file or directory: '%s'", file)
		}
	} else {
		res, err := c.send(request{method: http.MethodGet, url: uri})
		if err != nil || !res.ok() {
			return "", nil, failf("Unable to retrieve url %s", uri)
		}
		text = string(res.body)
	}
	v, err := ojson.Decode([]byte(withoutComments(text)))
	t, ok := v.(*ojson.Object)
	if err != nil || !ok {
		return "", nil, failf("Failed to parse '%s', please check whether it is a valid JSON format", name)
	}
	return text, t, nil
}

// deploymentName is --name, or the name of the template's file.
func (c *call) deploymentName() string {
	if n := c.str("deployment_name"); n != "" {
		return n
	}
	name := ""
	if f := c.str("template_file"); f != "" {
		name = path.Base(c.path(f))
	} else if u, err := url.Parse(c.str("template_uri")); err == nil && u.Scheme != "" {
		name = path.Base(u.Path)
	}
	if name = strings.TrimSuffix(name, path.Ext(name)); name == "" {
		return "deployment1"
	}
	return name
}

// parameters reads --parameters: files, JSON, and KEY=VALUE, the later over the
// earlier.
func (c *call) parameters(declared *ojson.Object) (*ojson.Object, error) {
	out := ojson.New()
	take := func(o *ojson.Object) {
		if p, ok := o.Get("parameters"); ok {
			o, _ = p.(*ojson.Object)
		}
		for _, m := range o.Members() {
			out.Set(m.Key, m.Value)
		}
	}
	for _, w := range c.list("parameters") {
		if data, err := c.readText(w); err == nil && w != "-" {
			v, err := ojson.Decode([]byte(withoutComments(data)))
			o, ok := v.(*ojson.Object)
			if err != nil || !ok {
				return nil, failf("Failed to parse %s with exception:\n    %v", w, err)
			}
			take(o)
			continue
		}
		if v, err := ojson.Decode([]byte(withoutComments(w))); err == nil {
			if o, ok := v.(*ojson.Object); ok {
				take(o)
				continue
			}
		}
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, failf("Unable to parse parameter: %s", w)
		}
		p, ok := declared.Get(key)
		if !ok {
			names := declared.Keys()
			slices.Sort(names)
			return nil, failf("unrecognized template parameter '%s'. Allowed parameters: %s", key, strings.Join(names, ", "))
		}
		o, _ := p.(*ojson.Object)
		v, err := c.typed(strings.ToLower(o.Str("type")), key, value)
		if err != nil {
			return nil, err
		}
		out.Set(key, ojson.Obj("value", v))
	}
	return out, c.askMissing(declared, out)
}

// typed is a parameter's value by its type.
func (c *call) typed(typ, key, value string) (any, error) {
	switch typ {
	case "object", "array", "secureobject":
		v := model.Literal(value)
		if _, plain := v.(string); plain {
			return nil, failf("Failed to parse string as JSON:\n%s", value)
		}
		return v, nil
	case "bool":
		return strings.EqualFold(value, "true"), nil
	case "int":
		i, ok := new(big.Int).SetString(strings.TrimSpace(value), 10)
		if !ok {
			return nil, unexpected("ValueError: invalid literal for int() with base 10: '" + value + "'")
		}
		v, err := ojson.Decode([]byte(i.String()))
		return v, err
	case "string", "securestring":
	default:
		c.warn("Unrecognized type '%s' for parameter '%s'. Interpretting as string.", typ, key)
	}
	return value, nil
}

// askMissing asks for parameters that have neither value nor default.
func (c *call) askMissing(declared, given *ojson.Object) error {
	var missing []string
	for _, m := range declared.Members() {
		o, _ := m.Value.(*ojson.Object)
		if _, has := o.Get("defaultValue"); has {
			continue
		}
		if v, has := given.Get(m.Key); !has || v == nil {
			missing = append(missing, m.Key)
		}
	}
	sorted := slices.Sorted(slices.Values(missing))
	switch {
	case len(missing) == 0:
		return nil
	case c.flag("no_prompt"):
		c.warn("Missing input parameters: %s ", strings.Join(sorted, ", "))
		return nil
	}
	for _, name := range missing {
		v, err := c.askParameter(name, declared.Obj(name))
		if errors.Is(err, io.EOF) {
			return failf("Missing input parameters: %s", strings.Join(sorted, ", "))
		} else if err != nil {
			return err
		}
		given.Set(name, ojson.Obj("value", v))
	}
	return nil
}

// askParameter asks for a parameter's value in the way of its type.
func (c *call) askParameter(name string, declared *ojson.Object) (v any, err error) {
	typ := strings.ToLower(or(declared.Str("type"), "string"))
	text, help := fmt.Sprintf("Please provide %s value for '%s' (? for help): ", typ, name), or(declared.Str("metadata", "description"), "Missing description")
	if allowed, _ := declared.At("allowedValues").([]any); len(allowed) > 0 {
		var options []string
		for _, a := range allowed {
			options = append(options, jmespath.Str(a))
		}
		i, err := c.choose(text, help, options, 0)
		if err != nil {
			return nil, err
		}
		return allowed[i], nil
	}
	ask := c.prompt
	switch typ {
	case "bool":
		return c.either(text, help, 't', 'f', 0)
	case "securestring", "secureobject":
		ask = c.secret
	}
	err = c.asked(ask, text, help, func(s string) bool {
		switch {
		case s == "" && (typ == "object" || typ == "secureobject"):
			v = ojson.New()
			return true
		case s == "" && typ == "array":
			v = []any{}
			return true
		}
		got, wrong := c.typed(typ, name, s)
		switch {
		case wrong != nil && typ == "int":
			c.warn("%s is not a valid number", s)
		case wrong != nil:
			c.log("ERROR", red, wrong.Error())
		}
		v = got
		return wrong == nil
	})
	return v, err
}

// deploymentBody is the body of a deployment; the template's text stands in it as
// it is.
func (c *call) deploymentBody(more ...any) ([]byte, error) {
	text, t, err := c.readTemplate()
	if err != nil {
		return nil, err
	}
	parameters, err := c.parameters(t.Obj("parameters"))
	if err != nil {
		return nil, err
	}
	mode := or(c.str("mode"), "Incremental")
	const mark = "\x01template\x01"
	properties := ojson.Obj("template", mark, "parameters", parameters, "mode", mode)
	if uri := c.str("template_uri"); uri != "" {
		properties = ojson.Obj("templateLink", ojson.Obj("uri", uri), "parameters", parameters, "mode", mode)
	}
	for i := 0; i+1 < len(more); i += 2 {
		properties.Set(more[i].(string), more[i+1])
	}
	body := ojson.New()
	if l := c.str("deployment_location"); l != "" {
		body.Set("location", l)
	}
	body.Set("properties", properties)
	data, err := ojson.Marshal(body)
	if err != nil {
		return nil, failf("%s", err)
	}
	return []byte(strings.Replace(string(pythonJSON(data)), `"\u0001template\u0001"`, text, 1)), nil
}

// sendRaw sends a body of text to Resource Manager and waits for the end; an
// answer of 400 and above is given as it is.
func (c *call) sendRaw(method, path string, body []byte, noWait bool) (*response, error) {
	r := request{method: method, url: armHost + escape(path), body: body, header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}}
	res, err := c.authorised(armResource, r)
	if err != nil || !res.ok() || noWait {
		return res, err
	}
	return c.poll(res, path)
}

// preflight is what is wrong with a template in the service's words, line by line.
func preflight(e *ojson.Object) string {
	text := e.Str("code") + " - " + e.Str("message")
	for _, d := range objectsAt(e, "details") {
		text += "\n" + preflight(d)
	}
	return text
}

func cmdDeploy(c *call) (any, error) {
	if c.flag("confirm_with_what_if") || c.flag("what_if") {
		v, err := cmdWhatIf(c)
		if err != nil || c.flag("what_if") {
			return v, err
		}
		if err := c.ask("\nAre you sure you want to execute the deployment?"); err != nil {
			return nil, err
		}
	}
	body, err := c.deploymentBody()
	if err != nil {
		return nil, err
	}
	scope, err := c.deploymentScope()
	if err != nil {
		return nil, err
	}
	at := scope + "/providers/Microsoft.Resources/deployments/" + pathSegment(c.deploymentName())
	res, err := c.sendRaw(http.MethodPost, join(resourcesVersion, at, "/validate"), body, false)
	if err != nil {
		return nil, err
	}
	if e := res.object().Obj("error"); e.Len() > 0 || !res.ok() {
		if e.Len() == 0 {
			return nil, serviceError(res)
		}
		if strings.HasPrefix(e.Str("message"), "skylab: ") {
			return nil, serviceError(res)
		}
		if !res.ok() && e.Str("code") != "InvalidTemplate" && e.Str("code") != "InvalidTemplateDeployment" {
			return nil, serviceError(res)
		}
		return nil, failf("%s", preflight(e))
	}
	if c.cmd.Name() == "validate" {
		return c.view("DeploymentValidateResult", res.json()), nil
	}
	res, err = c.sendRaw(http.MethodPut, join(resourcesVersion, at), body, c.flag("no_wait"))
	switch f, _ := err.(*fault); {
	case f != nil && f.body != "":
		return nil, failf("%s", f.body)
	case err != nil:
		return nil, err
	case !res.ok():
		return nil, failf("%s", res.body)
	case c.flag("no_wait"):
		return nil, nil
	}
	return c.view("DeploymentExtended", res.json()), nil
}

// changes are the kinds of change of what-if: their symbol and colour, in the
// order in which they are listed.
var changes = []struct{ name, symbol, colour string }{
	{"Create", "+", "\x1b[38;5;77m"}, {"Delete", "-", "\x1b[38;5;208m"}, {"Deploy", "!", "\x1b[38;5;39m"}, {"Modify", "~", "\x1b[38;5;141m"}, {"NoChange", "=", "\x1b[0m"},
	{"Ignore", "*", "\x1b[38;5;246m"}, {"Unsupported", "x", "\x1b[38;5;246m"}, {"NoEffect", "x", "\x1b[38;5;246m"},
}

func symbol(kind string) (string, string) {
	for _, x := range changes {
		if strings.EqualFold(x.name, kind) {
			return x.symbol, x.colour
		}
	}
	return " ", ""
}

func cmdWhatIf(c *call) (any, error) {
	format := or(or(c.str("result_format"), c.str("what_if_result_format")), "FullResourcePayloads")
	body, err := c.deploymentBody("whatIfSettings", ojson.Obj("resultFormat", format))
	if err != nil {
		return nil, err
	}
	scope, err := c.deploymentScope()
	if err != nil {
		return nil, err
	}
	res, err := c.sendRaw(http.MethodPost, join(resourcesVersion, scope, "/providers/Microsoft.Resources/deployments/", pathSegment(c.deploymentName()), "/whatIf"), body, false)
	if err != nil {
		return nil, err
	}
	if !res.ok() {
		return nil, serviceError(res)
	}
	if e := res.object().Obj("error"); e.Len() > 0 {
		return nil, failf("%s", preflight(e))
	}
	if c.flag("no_pretty_print") {
		return c.view("WhatIfOperationResult", res.json()), nil
	}
	list := objectsAt(res.object(), "properties", "changes")
	if list == nil {
		list = objectsAt(res.object(), "changes")
	}
	hidden := append(c.list("exclude_change_types"), c.list("what_if_exclude_change_types")...)
	list = slices.DeleteFunc(list, func(o *ojson.Object) bool {
		return slices.ContainsFunc(hidden, func(h string) bool { return strings.EqualFold(h, o.Str("changeType")) })
	})
	fmt.Fprint(c.p.Stdout, whatIf{c.p.TTY.Out && !c.config.flag("core", "no_color"), scope}.text(list))
	return nil, nil
}
