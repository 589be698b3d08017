package arm

import (
	"cmp"
	"math"
	"strings"
	"time"

	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// Async says how long the writes of a resource type take and how they are
// followed (facts/azure-wire.md §4.6).
type Async struct {
	Create, Update, Delete time.Duration
	// State is the provisioningState until a write has ended; "" is Creating for
	// new resources and Updating for others.
	State  string
	Retry  int  // Retry-After, in seconds
	Notify bool // Azure-AsyncNotification: Enabled
	Timed  bool // polling tells when it began and ended
	// Status is that of the answer to a PUT; 0 is 201 for what is new and 200 for
	// what was there.
	Status int
	// Quiet writes have no headers to follow: their clients read the resource
	// until its state is right, as Key Vault's do.
	Quiet bool
	// Accepted makes the creation answer 202 without a body, and its Location the
	// resource when all is done, as Storage does.
	Accepted bool
	// Collection is where the operations are below a location; "" is "operations".
	Collection string
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
	// Failure is why it failed, if it is done and did.
	Failure *Error `json:"failure,omitempty"`
	Retry   int    `json:"retry"` // Retry-After, in seconds
	Timed   bool   `json:"timed,omitempty"`
	Shows   bool   `json:"shows,omitempty"` // its Location ends in the resource
	// Result is what its Location shows at the end, if that is no resource.
	Result *ojson.Object `json:"result,omitempty"`
	Then   Effect        `json:"then"`
	Event  *Event        `json:"event,omitempty"` // what the activity log says at the end
}

// Effect is what is true of a resource once an operation has ended.
type Effect struct {
	Delete     bool          `json:"delete,omitempty"`     // it is gone, with all below it
	Settled    bool          `json:"settled,omitempty"`    // its provisioningState is Succeeded
	Identity   *ojson.Object `json:"identity,omitempty"`   // in place of the one shown until then
	Properties *ojson.Object `json:"properties,omitempty"` // members to set
	Private    *ojson.Object `json:"private,omitempty"`    // members to set
}

// keptOperations is how many ended operations can still be asked about.
const keptOperations = 100

// Begin starts an operation on op.Target that the request x brings about; the
// activity log tells of its end. Missing in op are its ID, which may be given,
// and its times. Whatever runs on the target goes on.
func (a *ARM) Begin(x *Request, op Operation, takes time.Duration) Operation {
	return a.begin(x.call, op, takes)
}

// begin is Begin. Whoever starts an operation in place of those that still run
// on its target ends them by [ARM.hurry] first.
func (a *ARM) begin(c *call, op Operation, takes time.Duration) Operation {
	op.Target = strings.ToLower(op.Target)
	if op.ID == "" {
		op.ID = a.IDs.GUID("arm.operation")
	}
	op.Event = c.later()
	c.op = op.ID
	op.Start = c.at
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
		sorting.By(old, earlier)
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
	for id, o := range a.state.Operations {
		if !o.Done && !a.busy[id] {
			next = min(next, o.End.UnixNano())
		}
	}
	a.due.Store(next)
}

// Operation returns an operation by its ID. Those that ended long ago are
// forgotten.
func (a *ARM) Operation(id string) (Operation, bool) {
	a.Settle()
	a.mu.RLock()
	defer a.mu.RUnlock()
	op, ok := a.state.Operations[strings.ToLower(id)]
	return op, ok
}

// deletion returns the operation that deletes a resource at the moment.
func (a *ARM) deletion(target string) (Operation, bool) {
	target = strings.ToLower(target)
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, o := range a.state.Operations {
		if !o.Done && o.Target == target && o.Then.Delete {
			return o, true
		}
	}
	return Operation{}, false
}

// Settle brings about what the operations that have ended by now do. All
// readers of Resource Manager call it themselves; those of what else an
// operation changes (principals, assignments) call it first.
func (a *ARM) Settle() {
	now := a.Clock.Now()
	if now.UnixNano() >= a.due.Load() {
		a.end(now, func(o Operation) bool { return !o.End.After(now) })
	}
}

// Finish ends all operations at once, without the clock: for worlds that begin
// with everything made.
func (a *ARM) Finish() { a.end(a.Clock.Now(), func(Operation) bool { return true }) }

// hurry ends what runs on a resource: a newer request takes its place.
func (a *ARM) hurry(target string) {
	target = strings.ToLower(target)
	a.end(a.Clock.Now(), func(o Operation) bool { return o.Target == target })
}

// end ends operations one after the other, in the order of their times: what
// one brings about may begin further ones.
func (a *ARM) end(now time.Time, which func(Operation) bool) {
	for range 10 * keptOperations { // a type that never comes to an end stops here
		a.mu.Lock()
		var next *Operation
		for id, o := range a.state.Operations {
			if !o.Done && !a.busy[id] && which(o) && (next == nil || earlier(o, *next) < 0) {
				next = &o
			}
		}
		if next == nil {
			a.plan()
			a.mu.Unlock()
			return
		}
		if next.End.After(now) {
			next.End = now
		}
		a.endOne(*next)
	}
}

// endOne ends an operation, unless its type goes on with it. The caller holds
// mu, which is released.
func (a *ARM) endOne(o Operation) {
	id := strings.ToLower(o.ID)
	if r, ok := a.state.Resources[o.Target]; ok && !o.Then.Delete {
		if t := a.types[strings.ToLower(r.Type)]; t != nil && t.Continue != nil {
			a.busy[id] = true
			a.mu.Unlock()
			goes, more := t.Continue(a, o)
			a.mu.Lock()
			delete(a.busy, id)
			goes.ID, goes.Target, goes.Start = o.ID, o.Target, o.Start
			if more && goes.End.After(o.End) {
				a.state.Operations[id] = goes
				a.mu.Unlock()
				return
			}
			o = goes
		}
	}
	var gone []Resource
	switch {
	case o.Then.Delete:
		gone = a.drop(o.Target)
	case o.Failure == nil:
		a.apply(o)
	}
	if o.Event != nil {
		e := *o.Event
		e.At, e.Status, e.SubStatus = o.End, "Succeeded", ""
		if o.Failure != nil {
			e.Status, e.Code, e.Message = "Failed", o.Failure.Code, o.Failure.Message
		}
		a.log(e)
	}
	cleared := o.Then.Delete
	o.Done, o.Then, o.Event = true, Effect{}, nil
	a.state.Operations[id] = o
	a.plan()
	a.mu.Unlock()
	for _, r := range gone {
		a.left(r)
	}
	if cleared {
		a.Access.DeleteBelow(o.Target)
	}
}

// left tells a type that a resource of it has gone, with its own identity.
func (a *ARM) left(r Resource) {
	if id := r.Identity.Str("principalId"); id != "" {
		a.Directory.DeletePrincipal(id)
	}
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
	sorting.By(gone, func(x, y Resource) int { return strings.Compare(x.ID, y.ID) })
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
	for _, m := range o.Then.Properties.Members() {
		r.Properties.Set(m.Key, m.Value)
	}
	for _, m := range o.Then.Private.Members() {
		if r.Private == nil {
			r.Private = &ojson.Object{}
		}
		r.Private.Set(m.Key, m.Value)
	}
	a.state.Resources[o.Target] = r
}
