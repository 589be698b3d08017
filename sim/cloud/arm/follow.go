package arm

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"skylab/sim/ojson"
)

// follow sets the headers by which a client follows an operation. accepted is
// for answers without a body, which also name a Location.
func (a *ARM) follow(x *Request, t *Type, r Resource, op Operation, accepted bool) {
	h := x.W.Header()
	at := func(collection string) string {
		sub := strings.Join(strings.Split(x.Scope, "/")[:3], "/")
		return fmt.Sprintf("https://management.azure.com%s/providers/%s/locations/%s/%s/%s?", sub, t.Namespace, r.Location, collection, op.ID)
	}
	collection := "operations"
	if t.Async.Collection != "" {
		collection = t.Async.Collection
	}
	if !op.Shows {
		h.Set("Azure-AsyncOperation", at(collection)+"api-version="+x.Version)
	}
	if t.Async.Notify {
		h.Set("Azure-AsyncNotification", "Enabled")
	}
	h.Set("Retry-After", strconv.Itoa(op.Retry))
	switch {
	case !accepted:
	case t.Async.Results != "":
		h.Set("Location", at(t.Async.Results)+"api-version="+x.Version)
	default:
		h.Set("Location", at(collection)+"monitor=true&api-version="+x.Version)
	}
}

// accept answers 202 to a DELETE or POST whose work begins now.
func (a *ARM) accept(x *Request, t *Type, r Resource, takes time.Duration, then Effect) {
	a.follow(x, t, r, a.begin(x.call, Operation{Target: r.ID, Retry: t.Async.Retry, Timed: t.Async.Timed, Then: then}, takes), true)
	x.W.WriteHeader(http.StatusAccepted)
}

// startAsync makes a resource that was written one whose operation still runs:
// its state says so, and identities that were not attached before show no ids
// yet (facts/azure-wire.md §4.7). It reports whether the answer is 202 alone.
func (a *ARM) startAsync(x *Request, t *Type, old *Resource, r *Resource) (accepted bool) {
	takes, state := t.Async.Create, "Creating"
	if old != nil {
		takes, state = t.Async.Update, "Updating"
	}
	if t.Async.State != "" {
		state = t.Async.State
	}
	if takes == 0 {
		r.Properties.Set("provisioningState", "Succeeded")
		return false
	}
	then := x.Then
	then.Settled = true
	r.Properties.Set("provisioningState", state)
	var had *ojson.Object
	if old != nil {
		had = old.Identity.Obj("userAssignedIdentities")
	}
	if attached := r.Identity.Obj("userAssignedIdentities"); attached.Len() > 0 {
		shown := &ojson.Object{}
		fresh := false
		for _, m := range attached.Members() {
			if _, ok := had.GetFold(m.Key); ok {
				shown.Set(m.Key, m.Value)
				continue
			}
			shown.Set(m.Key, &ojson.Object{})
			fresh = true
		}
		if fresh {
			then.Identity = r.Identity.Clone()
			r.Identity = r.Identity.Clone()
			r.Identity.Set("userAssignedIdentities", shown)
		}
	}
	accepted = t.Async.Accepted && old == nil
	op := a.begin(x.call, Operation{Target: r.ID, Retry: t.Async.Retry, Timed: t.Async.Timed, Shows: accepted, Then: then}, takes)
	if !t.Async.Quiet {
		a.follow(x, t, *r, op, accepted)
	}
	return accepted
}

// polled is the operation that a request asks after, with when to ask again.
func (a *ARM) polled(c *call) (Operation, error) {
	op, ok := a.Operation(c.vars["operation"])
	if !ok {
		return op, failf(http.StatusNotFound, "NotFound", "The entity was not found.")
	}
	if !op.Done {
		c.w.Header().Set("Retry-After", strconv.Itoa(op.Retry))
	}
	return op, nil
}

// pollOperation answers an Azure-AsyncOperation address; with monitor=true, and
// below operationResults, a Location.
func (a *ARM) pollOperation(c *call) error {
	op, err := a.polled(c)
	if err != nil {
		return err
	}
	if strings.EqualFold(queryFold(c.Request, "monitor"), "true") {
		return a.monitor(c, op, http.StatusOK)
	}
	o := &ojson.Object{}
	status := "InProgress"
	if op.Timed {
		o.Set("startTime", pollTime(op.Start))
	}
	if op.Done {
		status = "Succeeded"
		if op.Failure != nil {
			status = "Failed"
		}
		if op.Timed {
			o.Set("endTime", pollTime(op.End))
		}
	}
	o.Set("status", status)
	if op.Timed {
		o.Set("name", op.ID)
	}
	if op.Failure != nil {
		o.Set("error", op.Failure.Body())
	}
	printJSON(c.w, http.StatusOK, true, o)
	return nil
}

// pollTime prints a time as Compute does: up to seven decimals and an offset.
func pollTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999-07:00") }

func (a *ARM) pollResult(c *call) error {
	op, err := a.polled(c)
	if err != nil {
		return err
	}
	return a.monitor(c, op, http.StatusNoContent)
}

// monitor answers 202 until the operation has ended, and then done, or what was
// made.
func (a *ARM) monitor(c *call, op Operation, done int) error {
	switch {
	case op.Failure != nil:
		return op.Failure
	case op.Done && op.Shows:
		r, err := a.find(op.Target, nil)
		if err != nil {
			return err
		}
		t := a.types[strings.ToLower(r.Type)]
		for name, v := range t.Header {
			c.w.Header().Set(name, v)
		}
		a.show(&Request{Request: c.Request, W: c.w, Version: c.version, Claims: c.claims, ID: r.ID, Name: r.Name, call: c, typ: t}, t, http.StatusOK, r)
		return nil
	case op.Done && op.Result != nil:
		writeJSON(c.w, http.StatusOK, op.Result)
		return nil
	case op.Done:
		c.w.WriteHeader(done)
		return nil
	}
	c.w.Header().Set("Location", "https://management.azure.com"+c.URL.RequestURI())
	c.w.WriteHeader(http.StatusAccepted)
	return nil
}
