// Package deployments is Microsoft.Resources/deployments in Resource Manager:
// templates deployed to resource groups and subscriptions, validated, compared
// with what is there, followed and cancelled (facts/azure-wire.md §4.13).
//
// A deployment is a resource like any other: what answers show of it lies in its
// properties, and the work that is left in its private part as plain data, a
// [job]. Whenever something that it waits for has ended, it goes on
// ([arm.Type.Continue]) and writes the next resources through Resource Manager in
// its caller's name. What a template means is sim/cloud/template's matter.
package deployments

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/deployments/kind"
	"skylab/sim/ojson"
)

// FullType is the type of deployments.
const FullType = kind.FullType

// Types returns the resource types of the package.
func Types() []*arm.Type {
	types := kind.Types()
	types[0].Serve, types[0].Continue = serve, resume
	types[1].Serve = serveHash
	return types
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// serve finds what a request asks of deployments.
func serve(a *arm.ARM, x *arm.Request) error {
	x.Scope = a.Spelled(x.Scope)
	if x.Name != "" {
		x.ID = x.Scope + "/providers/" + FullType + "/" + x.Name
	}
	verb, rest := "", x.Rest
	if len(rest) > 0 {
		verb, rest = strings.ToLower(rest[0]), rest[1:]
	}
	for _, r := range routes {
		if r.method != x.Method || r.verb != verb || r.named != (x.Name != "") || len(rest) != r.rest {
			continue
		}
		scope := x.ID
		if x.Name == "" {
			scope = x.Scope
		}
		if err := a.Authorize(x, FullType+"/"+r.action, scope); err != nil {
			return err
		}
		if err := inGroup(a, x); err != nil {
			return err
		}
		return r.serve(a, x)
	}
	return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method '%s' is not allowed for this resource.", x.Method)
}

type route struct {
	method, verb string
	rest         int // how many segments follow the verb
	named        bool
	action       string
	serve        func(a *arm.ARM, x *arm.Request) error
}

// routes is what can be asked of deployments; the verb is in lower case.
var routes = []route{
	{http.MethodGet, "", 0, false, "read", list},
	{http.MethodGet, "", 0, true, "read", get},
	{http.MethodHead, "", 0, true, "read", head},
	{http.MethodPut, "", 0, true, "write", put},
	{http.MethodDelete, "", 0, true, "delete", remove},
	{http.MethodPost, "cancel", 0, true, "cancel/action", cancel},
	{http.MethodPost, "validate", 0, true, "validate/action", validate},
	{http.MethodPost, "whatif", 0, true, "whatIf/action", whatIf},
	{http.MethodPost, "exporttemplate", 0, true, "exportTemplate/action", export},
	{http.MethodGet, "operations", 0, true, "operations/read", listOperations},
	{http.MethodGet, "operations", 1, true, "operations/read", getOperation},
	{http.MethodGet, "operationstatuses", 1, true, "operationstatuses/read", status},
}

// inGroup refuses a scope that does not exist.
func inGroup(a *arm.ARM, x *arm.Request) error {
	if parts := strings.Split(x.Scope, "/"); len(parts) == 5 {
		out := a.Do(x.Context(), arm.Call{Method: http.MethodGet, Path: x.Scope, Version: "2021-04-01", As: x.Caller()})
		if out.Err != nil && out.Err.Code != "AuthorizationFailed" {
			return out.Err
		}
	}
	return nil
}

func find(a *arm.ARM, x *arm.Request) (arm.Resource, error) {
	r, ok := a.Resource(x.ID)
	if !ok {
		return r, fail(http.StatusNotFound, "DeploymentNotFound", "Deployment '%s' could not be found.", x.Name)
	}
	return r, nil
}

func get(a *arm.ARM, x *arm.Request) error {
	r, err := find(a, x)
	if err != nil {
		return err
	}
	x.Answer(http.StatusOK, body(r, x.Version))
	return nil
}

func head(a *arm.ARM, x *arm.Request) error {
	if _, err := find(a, x); err != nil {
		return err
	}
	x.W.WriteHeader(http.StatusNoContent)
	return nil
}

// body is a deployment as answers show it. The type came with later api-versions.
func body(r arm.Resource, version string) *ojson.Object {
	o := ojson.Obj("id", r.ID, "name", r.Name)
	if version >= "2019-05-01" {
		o.Set("type", FullType)
	}
	if r.Location != "" {
		o.Set("location", r.Location)
	}
	if r.Tags != nil {
		o.Set("tags", r.Tags)
	}
	o.Set("properties", r.Properties)
	return o
}

var stateFilter = regexp.MustCompile(`(?i)^provisioningState\s+eq\s+'([^']*)'$`)

// list shows a scope's deployments, the newest first.
func list(a *arm.ARM, x *arm.Request) error {
	q := x.URL.Query()
	want := ""
	if f := strings.TrimSpace(q.Get("$filter")); f != "" {
		m := stateFilter.FindStringSubmatch(f)
		if m == nil {
			return fail(http.StatusBadRequest, "InvalidFilterInQueryString", "Invalid $filter '%s' specified in the query string.", f)
		}
		want = m[1]
	}
	top := math.MaxInt
	if s := q.Get("$top"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return fail(http.StatusBadRequest, "InvalidTopInQueryString", "Invalid $top '%s' specified in the query string.", s)
		}
		top = n
	}
	var found []arm.Resource
	for _, r := range a.ResourcesOf(FullType) {
		if strings.EqualFold(r.ID[:strings.LastIndex(r.ID, "/providers/")], x.Scope) && (want == "" || strings.EqualFold(r.Properties.Str("provisioningState"), want)) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(p, q arm.Resource) int { return q.Changed.Compare(p.Changed) })
	values := []any{}
	for _, r := range found[:min(top, len(found))] {
		values = append(values, body(r, x.Version))
	}
	x.Answer(http.StatusOK, ojson.Obj("value", values))
	return nil
}

// removal is how long it takes to delete a deployment from the history.
const removal = 10 * time.Second

func remove(a *arm.ARM, x *arm.Request) error {
	r, ok := a.Resource(x.ID)
	if !ok {
		x.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := notActive(r); err != nil {
		return err
	}
	op := a.Begin(x, arm.Operation{ID: "DEPLOYMENTDELETIONJOB-" + number(a, x.At()), Target: r.ID, Retry: 15, Then: arm.Effect{Delete: true}}, removal)
	return x.FollowJob(op, "westus")
}

// active tells whether a deployment still goes on.
func active(r arm.Resource) bool {
	switch r.Properties.Str("provisioningState") {
	case "Accepted", "Running":
		return true
	}
	return false
}

// clockForm is how the service prints times in sentences.
const clockForm = "1/2/2006 3:04:05 PM"

func notActive(r arm.Resource) error {
	if !active(r) {
		return nil
	}
	return fail(http.StatusConflict, "DeploymentActive", "Unable to edit or replace deployment '%s': previous deployment from '%s' is still active (expiration time is '%s'). Please see https://aka.ms/arm-deploy for usage details.",
		r.Name, r.Changed.Format(clockForm), r.Changed.Add(7*24*time.Hour).Format(clockForm))
}

func cancel(a *arm.ARM, x *arm.Request) error {
	r, err := find(a, x)
	if err != nil {
		return err
	}
	if !active(r) {
		return fail(http.StatusConflict, "DeploymentCannotBeCancelled", "The deployment '%s' cannot be cancelled because it is in the terminal provisioning state '%s'. Please see https://aka.ms/arm-deploy for usage details.", r.Name, r.Properties.Str("provisioningState"))
	}
	j, err := load(a, r)
	if err != nil {
		return err
	}
	j.Canceled = true
	j.end(&r, "Canceled", x.At())
	r.Properties.Set("error", ojson.Obj("code", "DeploymentCanceled", "message", "The deployment was canceled."))
	if err := j.save(a, &r); err != nil {
		return err
	}
	a.Keep(r)
	x.W.WriteHeader(http.StatusNoContent)
	return nil
}

func export(a *arm.ARM, x *arm.Request) error {
	r, err := find(a, x)
	if err != nil {
		return err
	}
	x.Answer(http.StatusOK, ojson.Obj("template", r.Private.Obj("template")))
	return nil
}

// status answers Azure-AsyncOperation of a deployment.
func status(a *arm.ARM, x *arm.Request) error {
	r, err := find(a, x)
	if err != nil {
		return err
	}
	j, err := load(a, r)
	if err != nil {
		return err
	}
	state, problem := r.Properties.Str("provisioningState"), r.Properties.Obj("error")
	if j.Operation != x.Rest[1] { // of an earlier run under the same name
		op, ok := a.Operation(x.Rest[1])
		if !ok {
			return fail(http.StatusNotFound, "DeploymentOperationNotFound", "Deployment operation '%s' could not be found.", x.Rest[1])
		}
		state, problem = "Succeeded", nil
		if op.Failure != nil {
			state, problem = "Failed", op.Failure.Body()
		}
	}
	o := ojson.Obj("status", state)
	if problem != nil {
		o.Set("error", problem)
	}
	x.Answer(http.StatusOK, o)
	return nil
}

// number names an operation as the service does: what is left of .NET's time
// until its end, and a few digits of its own.
func number(a *arm.ARM, at time.Time) string {
	ticks := at.UnixNano()/100 + 621355968000000000
	return fmt.Sprintf("%020d", math.MaxInt64-ticks-int64(a.IDs.Intn("deployments.operation", 10_000_000)))
}

// stamp prints a time as deployments do.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }

// lasting prints a duration in ISO 8601: PT1M2.5S.
func lasting(d time.Duration) string {
	h, m := d/time.Hour, d%time.Hour/time.Minute
	s := strconv.FormatFloat((d % time.Minute).Round(100*time.Nanosecond).Seconds(), 'f', -1, 64)
	switch {
	case h > 0:
		return fmt.Sprintf("PT%dH%dM%sS", h, m, s)
	case m > 0:
		return fmt.Sprintf("PT%dM%sS", m, s)
	}
	return "PT" + s + "S"
}
