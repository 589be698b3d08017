package deployments

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/template"
	"skylab/sim/ojson"
)

// properties is what a deployment shows from its beginning.
func properties(a *arm.ARM, q *request, plan *template.Plan, j *job, state string, at time.Time) (*ojson.Object, error) {
	hash, err := template.Hash(q.template.Node)
	if err != nil {
		return nil, err
	}
	p := ojson.Obj("templateHash", hash)
	if len(plan.Parameters) > 0 {
		params := &ojson.Object{}
		for _, v := range plan.Parameters {
			params.Set(v.Name, v.Shown())
		}
		p.Set("parameters", params)
	}
	p.Set("mode", q.mode)
	p.Set("provisioningState", state)
	p.Set("timestamp", stamp(at))
	p.Set("duration", "PT0S")
	p.Set("correlationId", j.Correlation)
	p.Set("providers", providers(plan))
	deps := []any{}
	for _, r := range plan.Resources {
		if len(r.Needs) == 0 || !r.Condition || r.Existing {
			continue
		}
		on := []any{}
		for _, n := range r.Needs {
			if need := plan.Resources[n]; need.Condition {
				on = append(on, named(a, need.ID, need.Type, need.Name))
			}
		}
		o := ojson.Obj("dependsOn", on)
		for _, m := range named(a, r.ID, r.Type, r.Name).Members() {
			o.Set(m.Key, m.Value)
		}
		deps = append(deps, o)
	}
	p.Set("dependencies", deps)
	return p, nil
}

func named(a *arm.ARM, id, typ, name string) *ojson.Object {
	return ojson.Obj("id", a.Spelled(id), "resourceType", typ, "resourceName", name)
}

// providers are the namespaces of a plan's resources with their types and places.
func providers(plan *template.Plan) []any {
	out := []any{}
	type entry struct {
		types     []any
		locations map[string][]any
	}
	byName := map[string]*entry{}
	var order []string
	for _, r := range plan.Resources {
		if !r.Condition || r.Existing {
			continue
		}
		ns, typ, _ := strings.Cut(r.Type, "/")
		e := byName[strings.ToLower(ns)]
		if e == nil {
			e = &entry{locations: map[string][]any{}}
			byName[strings.ToLower(ns)] = e
			order = append(order, ns)
		}
		var location any
		if r.Location != "" {
			location = strings.ToLower(strings.ReplaceAll(r.Location, " ", ""))
		}
		key := strings.ToLower(typ)
		if _, ok := e.locations[key]; !ok {
			e.types = append(e.types, typ)
		}
		if !slices.Contains(e.locations[key], location) {
			e.locations[key] = append(e.locations[key], location)
		}
	}
	for _, ns := range order {
		e := byName[strings.ToLower(ns)]
		types := []any{}
		for _, t := range e.types {
			types = append(types, ojson.Obj("resourceType", t, "locations", e.locations[strings.ToLower(t.(string))]))
		}
		out = append(out, ojson.Obj("namespace", ns, "resourceTypes", types))
	}
	return out
}

// validate answers whether a template could be deployed.
func validate(a *arm.ARM, x *arm.Request) error {
	q, err := read(x)
	if err != nil {
		return err
	}
	if err := q.admit(x); err != nil {
		return err
	}
	j := &job{As: x.Caller(), Scope: x.Scope, Began: x.At(), Operation: number(a, x.At()), Correlation: x.Correlation(), Version: x.Version}
	plan, err := prepare(a, x, q, j)
	if err != nil {
		return err
	}
	p, err := properties(a, q, plan, j, succeeded, x.At())
	if err != nil {
		return err
	}
	ids := []any{}
	for _, r := range plan.Resources {
		if r.Condition && !r.Existing {
			ids = append(ids, ojson.Obj("id", a.Spelled(r.ID)))
		}
	}
	p.Set("validatedResources", ids)
	x.Answer(http.StatusOK, body(arm.Resource{ID: x.ID, Name: x.Name, Location: q.location, Properties: p}, x.Version))
	return nil
}

// operations are the items that were begun, in the order of their beginning.
func operations(a *arm.ARM, r arm.Resource) ([]*ojson.Object, error) {
	j, err := load(a, r)
	if err != nil {
		return nil, err
	}
	var begun []item
	for _, it := range j.Items {
		if it.State != waiting && it.State != skipped {
			begun = append(begun, it)
		}
	}
	slices.SortStableFunc(begun, func(p, q item) int { return p.Start.Compare(q.Start) })
	if j.Outputs != nil {
		begun = append(begun, *j.Outputs)
	}
	var out []*ojson.Object
	for _, it := range begun {
		end := it.End
		if it.State == running {
			end = a.Clock.Now()
		}
		p := ojson.Obj("provisioningOperation", it.Kind, "provisioningState", it.State, "timestamp", stamp(end), "duration", lasting(end.Sub(it.Start)), "trackingId", it.Tracking)
		if it.Request != "" {
			p.Set("serviceRequestId", it.Request)
		}
		p.Set("statusCode", statusWord(it.Status))
		switch {
		case it.Problem != nil && it.Op != "":
			p.Set("statusMessage", ojson.Obj("status", failed, "error", it.Problem.Body()))
		case it.Problem != nil:
			p.Set("statusMessage", ojson.Obj("error", it.Problem.Body()))
		case it.ID == "":
			p.Set("statusMessage", nil)
		}
		if it.ID != "" {
			p.Set("targetResource", named(a, it.ID, it.Type, it.Name))
		}
		out = append(out, ojson.Obj("id", r.ID+"/operations/"+it.Number, "operationId", it.Number, "properties", p))
	}
	return out, nil
}

// statusWord is a status of HTTP as .NET calls it.
func statusWord(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

func listOperations(a *arm.ARM, x *arm.Request) error {
	r, err := find(a, x)
	if err != nil {
		return err
	}
	ops, err := operations(a, r)
	if err != nil {
		return err
	}
	values := []any{}
	for _, o := range ops {
		values = append(values, o)
	}
	x.Answer(http.StatusOK, ojson.Obj("value", values))
	return nil
}

func getOperation(a *arm.ARM, x *arm.Request) error {
	r, err := find(a, x)
	if err != nil {
		return err
	}
	ops, err := operations(a, r)
	if err != nil {
		return err
	}
	for _, o := range ops {
		if strings.EqualFold(o.Str("operationId"), x.Rest[1]) {
			x.Answer(http.StatusOK, o)
			return nil
		}
	}
	return fail(http.StatusNotFound, "DeploymentOperationNotFound", "Deployment operation '%s' could not be found.", x.Rest[1])
}

// serveHash is calculateTemplateHash, which takes a bare template.
func serveHash(_ *arm.ARM, x *arm.Request) error {
	if x.Method != http.MethodPost || x.Name != "" {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method '%s' is not allowed for this resource.", x.Method)
	}
	text, err := x.Text()
	if err != nil {
		return err
	}
	n, err := template.Read(text)
	if err != nil {
		return badContent("%s", err)
	}
	minified, err := template.Minify(n)
	if err != nil {
		return err
	}
	hash, err := template.Hash(n)
	if err != nil {
		return err
	}
	x.Answer(http.StatusOK, ojson.Obj("minifiedTemplate", minified, "templateHash", hash))
	return nil
}
