package deployments

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/template"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// request is what a deployment's PUT, validation or comparison asks for.
type request struct {
	text     string // the body
	template *template.Template
	given    *template.Node // parameters
	mode     string         // "Incremental" or "Complete"
	location string
	tags     *ojson.Object
	format   string // of a comparison: "FullResourcePayloads" or "ResourceIdOnly"
}

func read(x *arm.Request) (*request, error) {
	data, err := x.Text()
	if err != nil {
		return nil, err
	}
	text := string(data)
	if root, err := template.Read(data); err == nil {
		if hidden, ok := withoutSecrets(text, root); ok {
			network.RecordBody(x.Context(), []byte(hidden))
		}
	}
	return parse(text, x.Name)
}

func badContent(format string, args ...any) error {
	return fail(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '%s'.", fmt.Sprintf(format, args...))
}

// parse reads the body of a deployment. The service's reader takes comments and
// names without quotes, which the Azure CLI sends.
func parse(text, name string) (*request, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fail(http.StatusBadRequest, "InvalidRequestContent", "The request content is not valid and could not be deserialized: the content is empty.")
	}
	root, err := template.Read([]byte(text))
	if err != nil {
		return nil, badContent("%s", err)
	}
	p := root.Get("properties")
	if p == nil || p.Kind != template.Object {
		return nil, fail(http.StatusBadRequest, "InvalidDeployment", "The deployment '%s' must have Properties property set. Please see https://aka.ms/arm-deploy for usage details.", name)
	}
	q := &request{text: text, given: p.Get("parameters"), mode: "Incremental", location: strings.ToLower(strings.ReplaceAll(root.Text("location"), " ", "")), format: p.Get("whatIfSettings").Text("resultFormat")}
	for _, link := range []struct{ name, what string }{{"templateLink", "a template by link"}, {"parametersLink", "a file of parameters by link"}} {
		if n := p.Get(link.name); n != nil && n.Kind != template.Null {
			return nil, arm.NotSimulated("deploying " + link.what)
		}
	}
	n := p.Get("template")
	if n == nil || n.Kind == template.Null {
		return nil, fail(http.StatusBadRequest, "InvalidDeployment", "The deployment '%s' must have either the TemplateLink or Template property set. Please see https://aka.ms/arm-deploy for usage details.", name)
	}
	if m := p.Get("mode"); m != nil && m.Kind != template.Null {
		switch mode, _ := m.Value.(string); strings.ToLower(mode) {
		case "incremental":
		case "complete":
			q.mode = "Complete"
		default:
			return nil, badContent("Error converting value \"%v\" to type 'DeploymentMode'. Path '%s', line %d, position %d.", m.Plain(), m.Path, m.Line, m.Column)
		}
	}
	q.tags, _ = root.Get("tags").Plain().(*ojson.Object)
	q.template, err = template.Load(n)
	return q, asARM(err)
}

// asARM makes an error of the language an answer.
func asARM(err error) error {
	var e *template.Error
	if !errors.As(err, &e) {
		return err
	}
	return refusal(e)
}

func refusal(e *template.Error) *arm.Error {
	out := &arm.Error{Status: http.StatusBadRequest, Code: "InvalidTemplate", Message: e.Message, Target: e.Target}
	switch {
	case e.Code == template.NotSimulated:
		out.Status, out.Code = http.StatusNotImplemented, e.Code
		return out
	case e.Code != "":
		out.Code = e.Code
	default:
		out.Info = []any{ojson.Obj("type", "TemplateViolation", "info", ojson.Obj("lineNumber", e.Line, "linePosition", e.Column, "path", e.Path))}
	}
	for _, d := range e.Details {
		out.Details = append(out.Details, refusal(d))
	}
	return out
}

// job is what is kept of a deployment beside what it shows: its request until it
// has ended, and how far each resource of it has come.
type job struct {
	Body        string     `json:"body,omitempty"`   // the request; kept as it is by labs of before it was sealed
	Sealed      []byte     `json:"sealed,omitempty"` // the request, as it is kept until the end
	As          arm.Caller `json:"as"`
	Version     string     `json:"version"`
	Scope       string     `json:"scope"`             // what functions mean
	Target      string     `json:"target,omitempty"`  // where resources go, if that is not Scope
	Began       time.Time  `json:"began"`             //
	Operation   string     `json:"operation"`         // the number of its operation
	Correlation string     `json:"correlation"`       //
	Depth       int        `json:"depth,omitempty"`   // of a nested deployment
	Items       []item     `json:"items"`             // in the template's order, then what complete mode deletes
	Outputs     *item      `json:"outputs,omitempty"` // the evaluation of the outputs
	Canceled    bool       `json:"canceled,omitempty"`
	Complete    bool       `json:"complete,omitempty"`
	Cleaned     bool       `json:"cleaned,omitempty"` // complete mode has looked what to delete
}

// States of an item.
const (
	waiting   = "Waiting"
	running   = "Running"
	succeeded = "Succeeded"
	failed    = "Failed"
	skipped   = "Skipped" // its condition is false, or it is only spoken of
)

// item is one operation of a deployment.
type item struct {
	ID       string     `json:"id"` // of the resource
	Type     string     `json:"type,omitempty"`
	Name     string     `json:"name,omitempty"`
	Kind     string     `json:"kind"` // provisioningOperation: "Create", "Delete"…
	State    string     `json:"state"`
	Start    time.Time  `json:"start,omitzero"`
	End      time.Time  `json:"end,omitzero"` // of what takes no operation, when it will have ended
	Op       string     `json:"op,omitempty"` // Resource Manager's operation
	Number   string     `json:"number,omitempty"`
	Tracking string     `json:"tracking,omitempty"`
	Request  string     `json:"request,omitempty"` // x-ms-request-id
	Status   int        `json:"status,omitempty"`  // of HTTP
	Problem  *arm.Error `json:"problem,omitempty"`
}

func load(a *arm.ARM, r arm.Resource) (*job, error) {
	data, err := ojson.Marshal(r.Private.Obj("job"))
	if err != nil {
		return nil, fmt.Errorf("read the work of %s: %w", r.ID, err)
	}
	j := &job{}
	if err := json.Unmarshal(data, j); err != nil {
		return nil, fmt.Errorf("read the work of %s: %w", r.ID, err)
	}
	if err := j.unseal(a); err != nil {
		return nil, fmt.Errorf("read the work of %s: %w", r.ID, err)
	}
	return j, nil
}

func (j *job) save(a *arm.ARM, r *arm.Resource) error {
	kept := *j
	if err := kept.seal(a); err != nil {
		return fmt.Errorf("keep the work of %s: %w", r.ID, err)
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep the work of %s: %w", r.ID, err)
	}
	v, err := ojson.Decode(data)
	if err != nil {
		return fmt.Errorf("keep the work of %s: %w", r.ID, err)
	}
	if r.Private == nil {
		r.Private = &ojson.Object{}
	}
	r.Private.Set("job", v)
	return nil
}

// end writes into a deployment that it has ended, and forgets what it was asked.
func (j *job) end(r *arm.Resource, state string, at time.Time) {
	j.Body = ""
	r.Properties.Set("provisioningState", state)
	r.Properties.Set("timestamp", stamp(at))
	r.Properties.Set("duration", lasting(at.Sub(j.Began)))
}

var deploymentName = regexp.MustCompile(`^[-\w._()]{1,64}$`)

// admit checks what stands around a template: the deployment's name and place.
func (q *request) admit(x *arm.Request) error {
	if !deploymentName.MatchString(x.Name) {
		return fail(http.StatusBadRequest, "InvalidDeploymentName", "The provided deployment name '%s' is not valid. It must have 1 to 64 letters, digits, '-', '_', '.', '(' and ')'.", x.Name)
	}
	group := strings.Count(x.Scope, "/") > 2
	switch {
	case group && q.location != "":
		return fail(http.StatusBadRequest, "InvalidDeployment", "The 'location' property is not allowed for '%s' at resource group scope. Please see https://aka.ms/deploy-to-subscription for usage details.", x.Name)
	case !group && q.location == "":
		return fail(http.StatusBadRequest, "InvalidDeployment", "The 'location' property must be specified for '%s'. Please see https://aka.ms/deploy-to-subscription for usage details.", x.Name)
	case !group && q.mode == "Complete":
		return fail(http.StatusBadRequest, "InvalidDeployment", "Deployment mode 'Complete' is not supported for deployments to subscriptions. Please see https://aka.ms/deploy-to-subscription for usage details.")
	}
	return nil
}
