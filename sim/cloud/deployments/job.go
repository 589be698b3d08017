package deployments

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/template"
	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

const (
	// preparation is how long a deployment is Accepted, and step how long a write
	// takes that is done at once.
	preparation = time.Second
	step        = 2 * time.Second
)

// put begins a deployment.
func put(a *arm.ARM, x *arm.Request) error {
	q, err := read(x)
	if err != nil {
		return err
	}
	if err := q.admit(x); err != nil {
		return err
	}
	old, there := a.Resource(x.ID)
	if there {
		if err := notActive(old); err != nil {
			return err
		}
		if q.location != old.Location {
			return fail(http.StatusConflict, "InvalidDeploymentLocation", "Invalid deployment location '%s'. The deployment '%s' already exists in location '%s'.", q.location, x.Name, old.Location)
		}
	}
	j := &job{Body: q.text, As: x.Caller(), Version: x.Version, Scope: x.Scope, Began: x.At(), Operation: number(a, x.At()), Correlation: x.Correlation(), Complete: q.mode == "Complete"}
	plan, err := prepare(a, x, q, j)
	if err != nil {
		return err
	}
	for _, r := range plan.Resources {
		it := item{ID: r.ID, Type: r.Type, Name: r.Name, Kind: "Create", State: waiting}
		if !r.Condition || r.Existing {
			it.State = skipped
		}
		j.Items = append(j.Items, it)
	}
	r := arm.Resource{ID: x.ID, Type: FullType, Name: x.Name, Location: q.location, Tags: q.tags, Created: x.At(), Changed: x.At()}
	if there {
		r.Created = old.Created
	}
	if r.Properties, err = properties(a, q, plan, j, "Accepted", x.At()); err != nil {
		return err
	}
	tmpl, _ := q.template.Node.Plain().(*ojson.Object)
	r.Private = ojson.Obj("template", tmpl)
	if err := j.save(a, &r); err != nil {
		return err
	}
	a.Keep(r)
	a.Begin(x, arm.Operation{ID: j.Operation, Target: r.ID}, preparation)
	explain(x, plan)
	x.W.Header().Set("Azure-AsyncOperation", "https://management.azure.com"+r.ID+"/operationStatuses/"+j.Operation+"?api-version="+x.Version)
	status := http.StatusCreated
	if there {
		status = http.StatusOK
	}
	x.Answer(status, body(r, x.Version))
	return nil
}

// explain notes what the template came to: what begins at once, and what waits
// for what.
func explain(x *arm.Request, plan *template.Plan) {
	var sentences []string
	var resources []any
	for _, r := range plan.Resources {
		var needs []string
		for _, n := range r.Needs {
			needs = append(needs, plan.Resources[n].Name)
		}
		what := r.Type + " " + r.Name
		switch {
		case r.Existing:
			continue
		case !r.Condition:
			sentences = append(sentences, what+" is left out, for its condition is false.")
		case len(needs) == 0:
			sentences = append(sentences, what+" begins at once.")
		default:
			sentences = append(sentences, what+" waits for "+strings.Join(needs, ", ")+".")
		}
		resources = append(resources, map[string]any{"id": r.ID, "needs": needs, "condition": r.Condition})
	}
	if len(sentences) == 0 {
		sentences = []string{"The template has no resources."}
	}
	network.AddNote(x.Context(), exchange.Note{Kind: "deployments.plan", Text: strings.Join(sentences, " "), Data: map[string]any{"resources": resources}})
}

// prepare makes the plan of a request and refuses what is known to be wrong
// before anything is deployed, the caller's rights included.
func prepare(a *arm.ARM, x *arm.Request, q *request, j *job) (*template.Plan, error) {
	w := j.world(x.Context(), a, q, x.Name, j.Began)
	plan, err := template.New(q.template, q.given, w)
	if err == nil {
		err = plan.Check(w)
	}
	if err != nil {
		return nil, asARM(err)
	}
	return plan, authorize(a, j, plan)
}

// authorize asks for the action of each resource. One refusal is told alone,
// several together.
func authorize(a *arm.ARM, j *job, plan *template.Plan) error {
	var refused []string
	for _, r := range plan.Resources {
		if !r.Condition || r.Existing {
			continue
		}
		action := r.Type + "/write"
		kinds := strings.Split(r.Type, "/")
		names := strings.Split(r.Name, "/")
		if at := slices.IndexFunc(kinds, func(k string) bool { return strings.EqualFold(k, "providers") }); at > 0 && at-1 < len(names) {
			// An extension that is named below what it extends.
			action = names[at-1] + "/" + strings.Join(kinds[at+1:], "/") + "/write"
		}
		if strings.EqualFold(r.Type, "Microsoft.Resources/resourceGroups") {
			action = "Microsoft.Resources/subscriptions/resourceGroups/write"
		}
		if d := a.Access.Check(j.As.ObjectID, action, r.ID); !d.Allowed {
			client := j.As.AppID
			if j.As.UPN != "" {
				client = j.As.UPN
			}
			refused = append(refused, "Authorization failed for template resource '"+r.Name+"' of type '"+r.Type+"'. The client '"+client+"' with object id '"+j.As.ObjectID+"' does not have permission to perform action '"+action+"' at scope '"+r.ID+"'.")
		}
	}
	switch len(refused) {
	case 0:
		return nil
	case 1:
		return fail(http.StatusBadRequest, "InvalidTemplateDeployment", "The template deployment failed with error: '%s'.", refused[0])
	}
	return fail(http.StatusBadRequest, "InvalidTemplateDeployment", "Deployment failed with multiple errors: '%s'", strings.Join(refused, ":"))
}

// world is what the expressions of a deployment may ask, in its caller's name, at
// a time.
func (j *job) world(ctx context.Context, a *arm.ARM, q *request, name string, at time.Time) *template.World {
	guids := 0
	w := &template.World{Scope: j.Scope, Target: j.Target, Now: j.Began,
		NewGUID: func() string {
			guids++
			return a.IDs.NamedGUID("deployments.newGuid", j.Operation+"/"+strconv.Itoa(guids))
		},
		Fact: func(fact string) *ojson.Object { return j.fact(a, q, name, fact) },
		Reference: func(id, version string, full bool) (any, error) {
			out := a.Do(ctx, arm.Call{Method: http.MethodGet, Path: id, Version: version, As: j.As, Correlation: j.Correlation, At: at})
			if out.Err != nil {
				return nil, out.Err
			}
			if full {
				o := out.Body.Clone()
				o.Set("apiVersion", version)
				o.Set("resourceId", strings.TrimPrefix(id, "/subscriptions/"))
				return o, nil
			}
			return out.Body.Obj("properties"), nil
		},
		List: func(function, id, version string, body *ojson.Object) (any, error) {
			out := a.Do(ctx, arm.Call{Method: http.MethodPost, Path: id + "/" + function, Version: version, Body: body, As: j.As, Correlation: j.Correlation, At: at})
			if out.Err != nil {
				return nil, out.Err
			}
			return out.Body, nil
		}}
	return w
}

// fact is what resourceGroup() and its like return. The service reads these
// itself, whatever the caller may read.
func (j *job) fact(a *arm.ARM, q *request, name, fact string) *ojson.Object {
	parts := strings.Split(j.Scope, "/")
	switch fact {
	case "resourceGroup":
		if len(parts) != 5 {
			return nil
		}
		return a.ScopeBody(j.Scope)
	case "subscription":
		return a.ScopeBody(strings.Join(parts[:3], "/"))
	case "tenant":
		id := a.Directory.TenantID()
		return ojson.Obj("id", "/tenants/"+id, "tenantId", id)
	case "deployer":
		return ojson.Obj("tenantId", a.Directory.TenantID(), "objectId", j.As.ObjectID, "userPrincipalName", j.As.UPN)
	case "deployment":
		p := ojson.Obj("template", q.template.Node.Plain(), "templateHash", "", "parameters", q.given.Plain(), "mode", q.mode, "debugSetting", "", "provisioningState", "Accepted")
		if h, err := template.Hash(q.template.Node); err == nil {
			p.Set("templateHash", h)
		}
		o := ojson.Obj("name", name)
		if q.location != "" {
			o.Set("location", q.location)
		}
		o.Set("properties", p)
		return template.Normal(o).(*ojson.Object)
	}
	return nil
}

// resume is called when something that a deployment waits for has ended.
func resume(a *arm.ARM, op arm.Operation) (arm.Operation, bool) {
	r, ok := a.Resource(op.Target)
	if !ok {
		return op, false
	}
	j, err := load(a, r)
	if err != nil || j.Operation != op.ID || j.Canceled {
		return op, false // replaced or cancelled meanwhile
	}
	next, problem := j.advance(a, &r, op.End)
	switch {
	case problem != nil:
		r.Properties.Set("error", problem.Body())
		j.end(&r, failed, op.End)
		op.Failure = problem
	case next.IsZero():
		j.end(&r, succeeded, op.End)
	default:
		r.Properties.Set("provisioningState", "Running")
		r.Properties.Set("timestamp", stamp(op.End))
		r.Properties.Set("duration", lasting(op.End.Sub(j.Began)))
	}
	if err := j.save(a, &r); err != nil {
		op.Failure = &arm.Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
		return op, false
	}
	a.Keep(r)
	if op.Failure != nil || next.IsZero() {
		return op, false
	}
	op.End = next
	return op, true
}

// advance takes a deployment as far as it comes at a time and returns when it
// goes on; the zero time is never. A failure ends it.
func (j *job) advance(a *arm.ARM, r *arm.Resource, at time.Time) (time.Time, *arm.Error) {
	q, err := parse(j.Body, r.Name)
	var plan *template.Plan
	ctx := context.Background()
	if err == nil {
		plan, err = template.New(q.template, q.given, j.world(ctx, a, q, r.Name, at))
	}
	if err != nil {
		return time.Time{}, problemOf(asARM(err))
	}
	j.settle(a, at)
	j.begin(ctx, a, q, plan, r.Name, at)
	if next := j.next(); !next.IsZero() {
		return next, nil
	}
	if problem := j.failure(r.ID); problem != nil {
		return time.Time{}, problem
	}
	if j.Complete && !j.Cleaned {
		j.Cleaned = true
		j.sweep(a)
		j.delete(ctx, a, at)
		if next := j.next(); !next.IsZero() {
			return next, nil
		}
	}
	if j.delete(ctx, a, at) {
		return j.next(), nil
	}
	if problem := j.failure(r.ID); problem != nil {
		return time.Time{}, problem
	}
	return time.Time{}, j.finish(ctx, a, q, plan, r, at)
}

func problemOf(err error) *arm.Error {
	var e *arm.Error
	if errors.As(err, &e) {
		return e
	}
	return &arm.Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
}

// settle ends the items whose work has ended.
func (j *job) settle(a *arm.ARM, at time.Time) {
	for i := range j.Items {
		it := &j.Items[i]
		if it.State != running {
			continue
		}
		if it.Op == "" {
			if !it.End.After(at) {
				it.State = succeeded
			}
			continue
		}
		op, ok := a.Operation(it.Op)
		if ok && !op.Done {
			it.End = op.End
			continue
		}
		it.State = succeeded
		if ok {
			it.End = op.End
		}
		if op.Failure != nil {
			it.State = failed
			it.Problem = &arm.Error{Status: http.StatusConflict, Code: "ResourceDeploymentFailure", Target: it.ID, Message: "The resource write operation failed to complete successfully, because it reached terminal provisioning state 'Failed'.", Details: []*arm.Error{op.Failure}}
			it.Status = http.StatusConflict
		}
	}
}

// begin writes the resources all of whose needs are there.
func (j *job) begin(ctx context.Context, a *arm.ARM, q *request, plan *template.Plan, name string, at time.Time) {
	for i, r := range plan.Resources {
		if i >= len(j.Items) || j.Items[i].State != waiting || slices.ContainsFunc(r.Needs, func(n int) bool { return j.Items[n].State != succeeded && j.Items[n].State != skipped }) {
			continue
		}
		it := &j.Items[i]
		it.open(a, at)
		body, err := plan.Body(r, j.world(ctx, a, q, name, at))
		if err != nil {
			it.close(at, problemOf(asARM(err)))
			continue
		}
		it.take(a.Do(ctx, arm.Call{Method: http.MethodPut, Path: r.ID, Version: strings.ToLower(r.Version), Body: body, As: j.As, Correlation: j.Correlation, At: at}), a, at)
	}
}

func (it *item) open(a *arm.ARM, at time.Time) {
	it.State, it.Start = running, at
	it.Number = strings.ToUpper(a.IDs.Hex("deployments.item", 8))
	it.Tracking = a.IDs.GUID("deployments.tracking")
}

func (it *item) close(at time.Time, problem *arm.Error) {
	it.State, it.End, it.Problem, it.Status = failed, at, problem, problem.Status
}

// take reads the answer to an item's call.
func (it *item) take(out arm.Outcome, a *arm.ARM, at time.Time) {
	it.Status, it.Op = out.Status, out.Operation
	if out.Header != nil {
		it.Request = out.Header.Get("x-ms-request-id")
	}
	if out.Err != nil {
		it.close(at, out.Err)
		return
	}
	it.End = at.Add(step)
	if it.Op != "" {
		if op, ok := a.Operation(it.Op); ok {
			it.End = op.End
		}
	}
}

// next is when the first of the running items ends.
func (j *job) next() time.Time {
	var first time.Time
	for _, it := range j.Items {
		if it.State == running && (first.IsZero() || it.End.Before(first)) {
			first = it.End
		}
	}
	return first
}

// failure is the error of a deployment some of whose items failed.
func (j *job) failure(id string) *arm.Error {
	e := &arm.Error{Status: http.StatusConflict, Code: "DeploymentFailed", Target: id, Message: "At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details."}
	for _, it := range j.Items {
		if it.State == failed {
			d := *it.Problem
			if d.Target == "" {
				d.Target = it.ID
			}
			e.Details = append(e.Details, &d)
		}
	}
	if len(e.Details) == 0 {
		return nil
	}
	return e
}

// sweep notes what complete mode deletes: what lies in the group and not in the
// template.
func (j *job) sweep(a *arm.ARM) {
	for _, r := range a.InGroup(j.Scope) {
		if !slices.ContainsFunc(j.Items, func(it item) bool {
			return it.State != skipped && strings.HasPrefix(strings.ToLower(it.ID)+"/", strings.ToLower(r.ID)+"/")
		}) {
			j.Items = append(j.Items, item{ID: r.ID, Type: r.Type, Name: r.Name, Kind: "Delete", State: waiting})
		}
	}
}

// delete deletes what complete mode has left to delete. What is refused because
// something still needs it is tried again when others have gone. It reports
// whether anything was begun.
func (j *job) delete(ctx context.Context, a *arm.ARM, at time.Time) bool {
	begun := false
	var stuck []int
	for i := range j.Items {
		it := &j.Items[i]
		if it.Kind != "Delete" || it.State != waiting {
			continue
		}
		v := a.Versions(it.Type)
		if len(v) == 0 {
			it.State = skipped
			continue
		}
		out := a.Do(ctx, arm.Call{Method: http.MethodDelete, Path: it.ID, Version: v[0], As: j.As, Correlation: j.Correlation, At: at})
		if out.Err != nil && out.Status != http.StatusForbidden {
			it.Problem = out.Err
			stuck = append(stuck, i)
			continue
		}
		it.open(a, at)
		it.take(out, a, at)
		begun = begun || it.State == running
	}
	if !begun && j.next().IsZero() {
		for _, i := range stuck {
			j.Items[i].open(a, at)
			j.Items[i].close(at, j.Items[i].Problem)
		}
	}
	return begun
}

// finish evaluates the outputs.
func (j *job) finish(ctx context.Context, a *arm.ARM, q *request, plan *template.Plan, r *arm.Resource, at time.Time) *arm.Error {
	j.Outputs = &item{Kind: "EvaluateDeploymentOutput", State: succeeded, Number: j.Operation, Start: at, End: at, Tracking: a.IDs.GUID("deployments.tracking"), Status: http.StatusOK}
	outputs, err := plan.Outputs(j.world(ctx, a, q, r.Name, at))
	if err != nil {
		problem := problemOf(asARM(err))
		j.Outputs.State, j.Outputs.Problem, j.Outputs.Status = failed, problem, http.StatusBadRequest
		return problem
	}
	if len(outputs) > 0 {
		o := &ojson.Object{}
		for _, v := range outputs {
			o.Set(v.Name, v.Shown())
		}
		r.Properties.Set("outputs", o)
	}
	ids := []any{}
	for _, it := range j.Items {
		if it.Kind == "Create" && it.State == succeeded && !strings.EqualFold(it.Type, FullType) {
			ids = append(ids, ojson.Obj("id", a.Spelled(it.ID)))
		}
		if strings.EqualFold(it.Type, FullType) { // what a nested deployment made
			if nested, ok := a.Resource(it.ID); ok {
				more, _ := nested.Properties.At("outputResources").([]any)
				ids = append(ids, more...)
			}
		}
	}
	r.Properties.Set("outputResources", ids)
	return nil
}
