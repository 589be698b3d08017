package deployments

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/template"
	"skylab/sim/ojson"
)

// comparison is how long a what-if takes, and how often its clients ask.
const (
	comparison      = 15 * time.Second
	comparisonRetry = 5
)

// whatIf answers 202 and leads to what a deployment would change.
func whatIf(a *arm.ARM, x *arm.Request) error {
	q, err := read(x)
	if err == nil {
		err = q.admit(x)
	}
	var result *ojson.Object
	if err == nil {
		j := &job{As: x.Caller(), Scope: x.Scope, Began: x.At(), Operation: number(a, x.At()), Correlation: x.Correlation(), Version: x.Version}
		var changes []any
		if changes, err = compare(a, x, q, j); err == nil {
			result = ojson.Obj("status", succeeded, "properties", ojson.Obj("correlationId", x.Correlation(), "changes", changes))
		}
	}
	if err != nil {
		problem := problemOf(err)
		if problem.Code == "InvalidRequestContent" {
			return problem
		}
		result = ojson.Obj("status", failed, "error", problem.Body())
	}
	op := a.Begin(x, arm.Operation{ID: "DEPLOYMENTWHATIFJOB-" + number(a, x.At()), Target: x.ID + "/whatIf", Retry: comparisonRetry, Result: result}, comparison)
	return x.FollowJob(op, "westus")
}

// compare lists what would become of each resource of the template, and of the
// group's others.
func compare(a *arm.ARM, x *arm.Request, q *request, j *job) ([]any, error) {
	plan, err := prepare(a, x, q, j)
	if err != nil {
		return nil, err
	}
	c := &comparer{a: a, j: j, ctx: x.Context(), idsOnly: strings.EqualFold(q.format, "ResourceIdOnly")}
	if err := c.plan(q, plan, x.Name, 0); err != nil {
		return nil, err
	}
	if strings.Count(x.Scope, "/") > 2 {
		for _, r := range a.InGroup(x.Scope) {
			if slices.ContainsFunc(c.touched, func(id string) bool { return strings.HasPrefix(id+"/", strings.ToLower(r.ID)+"/") }) {
				continue
			}
			before := c.before(r.ID, r.Type, "")
			if q.mode == "Complete" {
				c.add(r.ID, "Delete", before, nil, nil)
			} else {
				c.add(r.ID, "Ignore", before, before, nil)
			}
		}
	}
	return c.changes, nil
}

type comparer struct {
	a       *arm.ARM
	j       *job
	ctx     context.Context
	idsOnly bool
	changes []any
	touched []string // ids in lower case
}

func (c *comparer) add(id, change string, before, after *ojson.Object, delta []any) {
	o := ojson.Obj("resourceId", c.a.Spelled(id), "changeType", change)
	if !c.idsOnly {
		if before != nil {
			o.Set("before", before)
		}
		if after != nil {
			o.Set("after", after)
		}
		if len(delta) > 0 {
			o.Set("delta", delta)
		}
	}
	c.changes = append(c.changes, o)
}

// nestings is how deeply deployments may nest.
const nestings = 5

func (c *comparer) plan(q *request, plan *template.Plan, name string, depth int) error {
	plan.Mask()
	w := c.j.world(c.ctx, c.a, q, name, c.j.Began)
	for _, r := range plan.Resources {
		if !r.Condition || r.Existing {
			continue
		}
		c.touched = append(c.touched, strings.ToLower(r.ID))
		if c.idsOnly && !r.Nested() {
			c.add(r.ID, "Deploy", nil, nil, nil)
			continue
		}
		body, err := plan.Body(r, w)
		if err != nil {
			// It asks for what is not there yet.
			body, err = plan.Draft(r, w)
		}
		if err != nil {
			return asARM(err)
		}
		if r.Nested() {
			if err := c.nested(r, body, depth); err != nil {
				return err
			}
			continue
		}
		kind := r.Type
		if at := strings.LastIndex(r.ID, "/providers/"); at >= 0 && strings.Contains(strings.ToLower(kind), "/providers/") {
			kind = typeOf(r.ID)
		}
		if _, err := c.a.TypeOf(kind, strings.ToLower(r.Version), ""); err != nil && !strings.EqualFold(kind, "Microsoft.Resources/resourceGroups") {
			o := ojson.Obj("resourceId", r.ID, "changeType", "Unsupported", "unsupportedReason", problemOf(err).Message)
			c.changes = append(c.changes, o)
			continue
		}
		after := ojson.Obj("apiVersion", r.Version, "id", r.ID, "name", r.Name, "type", r.Type)
		members := slices.Clone(body.Members())
		slices.SortFunc(members, func(p, q ojson.Member) int { return strings.Compare(p.Key, q.Key) })
		for _, m := range members {
			after.Set(m.Key, ojson.Clone(m.Value))
		}
		before := c.before(r.ID, kind, strings.ToLower(r.Version))
		if before == nil {
			c.add(r.ID, "Create", nil, after, nil)
			continue
		}
		for _, key := range []string{"id", "name", "type"} { // spelled as they are
			v, _ := before.Get(key)
			after.Set(key, v)
		}
		before.Set("apiVersion", r.Version)
		delta := differences("", before, after)
		if len(delta) == 0 {
			c.add(r.ID, "NoChange", before, before, nil)
			continue
		}
		c.add(r.ID, "Modify", before, overlay(before, after), delta)
	}
	return nil
}

// nested compares what a nested deployment would change.
func (c *comparer) nested(r *template.Resource, body *ojson.Object, depth int) error {
	if depth >= nestings {
		return fail(http.StatusBadRequest, "InvalidTemplate", "Deployment template validation failed: 'The nested deployment '%s' exceeds the limit of %d levels.'.", r.Name, nestings)
	}
	text, err := ojson.Marshal(body)
	if err != nil {
		return err
	}
	q, err := parse(string(text), r.Name)
	if err != nil {
		return err
	}
	j := *c.j
	j.Scope = strings.TrimSuffix(r.ID[:strings.LastIndex(r.ID, "/providers/")], "/")
	inner := *c
	inner.j = &j
	plan, err := template.New(q.template, q.given, j.world(c.ctx, c.a, q, r.Name, j.Began))
	if err == nil {
		err = inner.plan(q, plan, r.Name, depth+1)
	}
	c.changes, c.touched = inner.changes, inner.touched
	return asARM(err)
}

// before is a resource as it is, without what only the service sets; nil if it
// is not there or the caller may not read it.
func (c *comparer) before(id, kind, version string) *ojson.Object {
	if version == "" {
		v := c.a.Versions(kind)
		if len(v) == 0 {
			return nil
		}
		version = v[0]
	}
	out := c.a.Do(c.ctx, arm.Call{Method: http.MethodGet, Path: id, Version: version, As: c.j.As, Correlation: c.j.Correlation})
	if out.Err != nil || out.Body == nil {
		return nil
	}
	o := ojson.Obj("apiVersion", version)
	members := slices.Clone(out.Body.Members())
	slices.SortFunc(members, func(p, q ojson.Member) int { return strings.Compare(p.Key, q.Key) })
	for _, m := range members {
		if !slices.Contains([]string{"etag", "systemData"}, m.Key) {
			o.Set(m.Key, ojson.Clone(m.Value))
		}
	}
	o.Obj("properties").Delete("provisioningState")
	return template.Normal(o).(*ojson.Object)
}

// typeOf is the type of the resource that an ARM id ends in.
func typeOf(id string) string {
	parts := strings.Split(id[strings.LastIndex(id, "/providers/")+len("/providers/"):], "/")
	t := parts[0]
	for i := 1; i < len(parts); i += 2 {
		t += "/" + parts[i]
	}
	return t
}

// differences lists what after, which a template says, changes of before. What
// the template does not speak of stays as it is.
func differences(path string, before, after *ojson.Object) []any {
	var out []any
	for _, m := range after.Members() {
		at := m.Key
		if path != "" {
			at = path + "." + m.Key
		}
		was, there := before.GetFold(m.Key)
		if !there {
			if m.Value != nil && !isEmpty(m.Value) {
				out = append(out, ojson.Obj("path", at, "propertyChangeType", "Create", "after", m.Value))
			}
			continue
		}
		out = append(out, difference(at, m.Key, was, m.Value)...)
	}
	// Tags are replaced as a whole.
	if path == "tags" {
		for _, m := range before.Members() {
			if _, stays := after.GetFold(m.Key); !stays {
				out = append(out, ojson.Obj("path", path+"."+m.Key, "propertyChangeType", "Delete", "before", m.Value))
			}
		}
	}
	return out
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case *ojson.Object:
		return v.Len() == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func difference(path, key string, was, is any) []any {
	switch is := is.(type) {
	case *ojson.Object:
		if old, ok := was.(*ojson.Object); ok {
			return differences(path, old, is)
		}
	case []any:
		old, ok := was.([]any)
		if !ok {
			break
		}
		var children []any
		for i := range max(len(old), len(is)) {
			at := strconv.Itoa(i)
			switch {
			case i >= len(old):
				children = append(children, ojson.Obj("path", at, "propertyChangeType", "Create", "after", is[i]))
			case i >= len(is):
				children = append(children, ojson.Obj("path", at, "propertyChangeType", "Delete", "before", old[i]))
			default:
				if d := difference("", key, old[i], is[i]); len(d) > 0 {
					children = append(children, ojson.Obj("path", at, "propertyChangeType", "Modify", "before", nil, "after", nil, "children", d))
				}
			}
		}
		if len(children) == 0 {
			return nil
		}
		return []any{ojson.Obj("path", path, "propertyChangeType", "Array", "before", nil, "after", nil, "children", children)}
	}
	if same(key, was, is) {
		return nil
	}
	return []any{ojson.Obj("path", path, "propertyChangeType", "Modify", "before", was, "after", is)}
}

// same compares single values: ids, places and the like in any case.
func same(key string, was, is any) bool {
	x, ok := was.(string)
	y, both := is.(string)
	if !ok || !both {
		p, err := json.Marshal(was)
		q, bad := json.Marshal(is)
		return err == nil && bad == nil && string(p) == string(q)
	}
	if strings.EqualFold(key, "location") {
		x, y = strings.ReplaceAll(x, " ", ""), strings.ReplaceAll(y, " ", "")
	}
	return strings.EqualFold(x, y)
}

// overlay is before with what after changes.
func overlay(before, after *ojson.Object) *ojson.Object {
	out := before.Clone()
	for _, m := range after.Members() {
		was, _ := out.GetFold(m.Key)
		if x, ok := was.(*ojson.Object); ok && m.Key != "tags" {
			if y, ok := m.Value.(*ojson.Object); ok {
				out.Set(m.Key, overlay(x, y))
				continue
			}
		}
		out.Set(m.Key, m.Value)
	}
	return out
}
