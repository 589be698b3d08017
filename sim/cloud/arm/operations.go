package arm

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/ojson"
)

// Async says how long the writes of a resource type take and how they are
// followed (facts/azure-wire.md §4.6).
type Async struct {
	Create, Update, Delete time.Duration
	Retry                  int  // Retry-After, in seconds
	Notify                 bool // Azure-AsyncNotification: Enabled
	Timed                  bool // polling tells when it began and ended
	// Results is the collection that Location leads to after a DELETE or POST;
	// "" is the operation itself with monitor=true.
	Results string
}

// Operation is work that goes on after its request was answered. It ends when
// the lab's clock passes End; what it then brings about is in Then.
type Operation struct {
	ID     string    `json:"id"`
	Target string    `json:"target"` // ARM id in lower case
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Done   bool      `json:"done,omitempty"`
	Retry  int       `json:"retry"`
	Timed  bool      `json:"timed,omitempty"`
	Then   Effect    `json:"then"`
	Event  *Event    `json:"event,omitempty"` // what the activity log says at the end
}

// Effect is what is true of a resource once an operation has ended.
type Effect struct {
	Delete   bool          `json:"delete,omitempty"`   // it is gone, with all below it
	Settled  bool          `json:"settled,omitempty"`  // its provisioningState is Succeeded
	Identity *ojson.Object `json:"identity,omitempty"` // in place of the one shown until then
	Private  *ojson.Object `json:"private,omitempty"`  // members to set
}

// keptOperations is how many ended operations can still be asked about.
const keptOperations = 100

// begin starts an operation. Whoever starts one ends those that still run on its
// target by [ARM.hurry] first.
func (a *ARM) begin(op Operation, takes time.Duration) Operation {
	op.Target = strings.ToLower(op.Target)
	if op.ID == "" {
		op.ID = a.IDs.GUID("arm.operation")
	}
	op.Start = a.Clock.Now()
	op.End = op.Start.Add(takes)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Operations[strings.ToLower(op.ID)] = op
	if len(a.state.Operations) > keptOperations {
		var old []Operation
		for _, o := range a.state.Operations {
			if o.Done {
				old = append(old, o)
			}
		}
		slices.SortFunc(old, earlier)
		for _, o := range old[:min(len(old), len(a.state.Operations)-keptOperations)] {
			delete(a.state.Operations, strings.ToLower(o.ID))
		}
	}
	a.plan()
	return op
}

func earlier(x, y Operation) int {
	return cmp.Or(x.End.Compare(y.End), x.Start.Compare(y.Start), strings.Compare(x.ID, y.ID))
}

// plan notes when the next operation ends; the caller holds mu.
func (a *ARM) plan() {
	next := int64(math.MaxInt64)
	for _, o := range a.state.Operations {
		if !o.Done {
			next = min(next, o.End.UnixNano())
		}
	}
	a.due.Store(next)
}

// Settle brings about what the operations that have ended by now do. All
// readers of Resource Manager call it themselves; those of what else an
// operation changes (principals, assignments) call it first.
func (a *ARM) Settle() {
	now := a.Clock.Now()
	if now.UnixNano() >= a.due.Load() {
		a.end(func(o Operation) bool { return !o.End.After(now) })
	}
}

// Finish ends all operations at once, without the clock: for worlds that begin
// with everything made.
func (a *ARM) Finish() { a.end(func(Operation) bool { return true }) }

// hurry ends what runs on a resource: a newer request takes its place.
func (a *ARM) hurry(target string) {
	target = strings.ToLower(target)
	a.end(func(o Operation) bool { return o.Target == target })
}

func (a *ARM) end(which func(Operation) bool) {
	now := a.Clock.Now()
	a.mu.Lock()
	var ended []Operation
	for _, o := range a.state.Operations {
		if !o.Done && which(o) {
			if o.End.After(now) {
				o.End = now
			}
			ended = append(ended, o)
		}
	}
	slices.SortFunc(ended, earlier)
	var gone []Resource
	var cleared []string
	for _, o := range ended {
		if o.Then.Delete {
			gone = append(gone, a.drop(o.Target)...)
			cleared = append(cleared, o.Target)
		} else {
			a.apply(o)
		}
		if o.Event != nil {
			e := *o.Event
			e.At, e.Status, e.SubStatus = o.End, "Succeeded", ""
			a.log(e)
		}
		o.Done, o.Then, o.Event = true, Effect{}, nil
		a.state.Operations[strings.ToLower(o.ID)] = o
	}
	a.plan()
	a.mu.Unlock()
	for _, r := range gone {
		a.left(r)
	}
	for _, key := range cleared {
		a.Access.DeleteBelow(key)
	}
}

// left tells a type that a resource of it has gone.
func (a *ARM) left(r Resource) {
	if t := a.types[strings.ToLower(r.Type)]; t != nil && t.Gone != nil {
		t.Gone(a, r)
	}
}

// drop removes a resource or group and what is below it; the caller holds mu.
func (a *ARM) drop(key string) []Resource {
	var gone []Resource
	for k, r := range a.state.Resources {
		if k == key || strings.HasPrefix(k, key+"/") {
			gone = append(gone, r)
			delete(a.state.Resources, k)
		}
	}
	delete(a.state.Groups, key)
	slices.SortFunc(gone, func(x, y Resource) int { return strings.Compare(x.ID, y.ID) })
	return gone
}

// apply changes a resource as an operation's end does; the caller holds mu.
func (a *ARM) apply(o Operation) {
	r, ok := a.state.Resources[o.Target]
	if !ok {
		return
	}
	r = r.clone()
	if o.Then.Settled {
		r.Properties.Set("provisioningState", "Succeeded")
	}
	if o.Then.Identity != nil {
		r.Identity = o.Then.Identity
	}
	for _, m := range o.Then.Private.Members() {
		if r.Private == nil {
			r.Private = &ojson.Object{}
		}
		r.Private.Set(m.Key, m.Value)
	}
	a.state.Resources[o.Target] = r
}

// follow sets the headers by which a client follows an operation. accepted is
// for answers without a body, which also name a Location.
func (a *ARM) follow(x *Request, t *Type, r Resource, op Operation, accepted bool) {
	h := x.W.Header()
	at := func(collection string) string {
		sub := strings.Join(strings.Split(x.Scope, "/")[:3], "/")
		return fmt.Sprintf("https://management.azure.com%s/providers/%s/locations/%s/%s/%s?", sub, t.Namespace, r.Location, collection, op.ID)
	}
	h.Set("Azure-AsyncOperation", at("operations")+"api-version="+x.Version)
	if t.Async.Notify {
		h.Set("Azure-AsyncNotification", "Enabled")
	}
	h.Set("Retry-After", strconv.Itoa(op.Retry))
	switch {
	case !accepted:
	case t.Async.Results != "":
		h.Set("Location", at(t.Async.Results)+"api-version="+x.Version)
	default:
		h.Set("Location", at("operations")+"monitor=true&api-version="+x.Version)
	}
}

// accept answers 202 to a DELETE or POST whose work begins now.
func (a *ARM) accept(x *Request, t *Type, r Resource, takes time.Duration, then Effect) {
	op := a.begin(Operation{Target: r.ID, Retry: t.Async.Retry, Timed: t.Async.Timed, Then: then, Event: x.call.later()}, takes)
	a.follow(x, t, r, op, true)
	x.W.WriteHeader(http.StatusAccepted)
}

// startAsync makes a resource that was written one whose operation still runs:
// its state says so, and identities that were not attached before show no ids
// yet (facts/azure-wire.md §4.7).
func (a *ARM) startAsync(x *Request, t *Type, old *Resource, r *Resource) {
	takes, state := t.Async.Create, "Creating"
	if old != nil {
		takes, state = t.Async.Update, "Updating"
	}
	if t.Async.Results != "" {
		state = "Updating" // Microsoft.Network says so from the beginning
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
	op := a.begin(Operation{Target: r.ID, Retry: t.Async.Retry, Timed: t.Async.Timed, Then: then, Event: x.call.later()}, takes)
	a.follow(x, t, *r, op, false)
}

func (a *ARM) operation(id string) (Operation, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	op, ok := a.state.Operations[strings.ToLower(id)]
	return op, ok
}

// polled is the operation that a request asks after, with when to ask again.
func (a *ARM) polled(c *call) (Operation, error) {
	op, ok := a.operation(c.vars["operation"])
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
		if op.Timed {
			o.Set("endTime", pollTime(op.End))
		}
	}
	o.Set("status", status)
	if op.Timed {
		o.Set("name", op.ID)
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

// monitor answers 202 until the operation has ended, and then done.
func (a *ARM) monitor(c *call, op Operation, done int) error {
	if op.Done {
		c.w.WriteHeader(done)
		return nil
	}
	c.w.Header().Set("Location", "https://management.azure.com"+c.URL.RequestURI())
	c.w.WriteHeader(http.StatusAccepted)
	return nil
}

// groupDeletion is how long a resource group takes to go, and how often its
// clients ask (facts/azure-wire.md §4.5).
const (
	groupDeletion      = 45 * time.Second
	groupDeletionRetry = 15
)

// jobID names the deletion of a group as its Location does: what is no letter
// or digit is a colon and its code.
func jobID(g Group) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(g.Name) {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, ":%02X", r)
		}
	}
	return "RESOURCEGROUPDELETIONJOB-" + b.String() + "-" + strings.ToUpper(g.Location)
}

func (a *ARM) deleteGroup(c *call) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	job := jobID(g)
	if op, ok := a.operation(job); !ok || op.Done {
		a.mu.Lock()
		g.Deleting = true
		a.state.Groups[strings.ToLower(g.ID)] = g
		a.mu.Unlock()
		a.begin(Operation{ID: job, Target: g.ID, Retry: groupDeletionRetry, Then: Effect{Delete: true}, Event: c.later()}, groupDeletion)
	}
	token, err := ojson.Marshal(ojson.Obj("jobId", job, "jobLocation", g.Location))
	if err != nil {
		return fmt.Errorf("name the deletion of %s: %w", g.ID, err)
	}
	c.w.Header().Set("Location", "https://management.azure.com/subscriptions/"+c.sub.ID+"/operationresults/"+base64.RawURLEncoding.EncodeToString(token)+"?api-version="+c.version)
	c.w.Header().Set("Retry-After", strconv.Itoa(groupDeletionRetry))
	c.w.WriteHeader(http.StatusAccepted)
	return nil
}

// pollGroup answers the Location of a group's deletion.
func (a *ARM) pollGroup(c *call) error {
	o := &ojson.Object{}
	data, err := base64.RawURLEncoding.DecodeString(c.vars["operation"])
	if err == nil {
		err = o.UnmarshalJSON(data)
	}
	op, ok := a.operation(o.Str("jobId"))
	if err != nil || !ok {
		return failf(http.StatusNotFound, "JobNotFound", "The job '%s' could not be found.", c.vars["operation"])
	}
	if !op.Done {
		c.w.Header().Set("Retry-After", strconv.Itoa(op.Retry))
	}
	return a.monitor(c, op, http.StatusOK)
}
