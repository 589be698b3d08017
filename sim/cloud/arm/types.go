package arm

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/identity"
	"skylab/sim/ojson"
)

// Type is a resource type: a table and a few hooks. What a type leaves out is
// what plain resources do: any properties are kept and given back.
type Type struct {
	Namespace string // "Microsoft.Compute"
	// Name is "virtualMachines", or of a nested type "virtualNetworks/subnets".
	Name      string
	Versions  []string // newest first
	Locations []string // where it can be; empty means anywhere
	// Pretty prints bodies over several lines with CRLF, as Compute does.
	Pretty bool
	// ContentType is that of bodies; "" is JSON with its charset.
	ContentType string
	// LowerGroups writes "resourcegroups" into ids, as Microsoft.ManagedIdentity does.
	LowerGroups bool
	// Proxy types have no location and no tags, and are not in lists of resources.
	Proxy bool
	// Part makes the resources of a nested type the members of the list of that
	// name in their parent's properties, so that both always say the same. The
	// parent's Put checks what is written to either.
	Part string
	// Below names what else Azure has below a resource, separated by blanks; where
	// it is given, any other name does not exist.
	Below string
	// Async makes writes take their time; nil means they are done at once.
	Async *Async
	// Extension types hang on any scope and are served by Serve alone.
	Extension bool
	// Serve, if any, serves every request to the type by itself, the access check
	// included.
	Serve func(a *ARM, x *Request) error
	// Put is called with the resource as it would be kept (old is nil for a new
	// one) and may refuse or change it. What becomes true only when an
	// asynchronous write has ended, it leaves in x.Then.
	Put func(a *ARM, x *Request, old *Resource, r *Resource) error
	// After is called when a resource that Put took has been kept, to keep in step
	// with it what lies elsewhere.
	After func(a *ARM, x *Request, old *Resource, r Resource)
	// Delete is called before a resource goes and may refuse. It is not asked when
	// the whole group goes.
	Delete func(a *ARM, x *Request, r Resource) error
	// Busy makes the refusal of a change to a resource that op is deleting; nil is
	// the common one.
	Busy func(x *Request, op Operation) error
	// Continue, if any, is called when an operation on a resource of the type is
	// due, unless that deletes it. With more, the operation goes on until the later
	// End that it is given; otherwise it is done, and failed if it has a Failure.
	// Nothing is locked meanwhile, so Continue may read, Keep and Do as it likes;
	// what it does happens at op.End, which may lie before the clock's time.
	Continue func(a *ARM, op Operation) (next Operation, more bool)
	// Gone is called when a resource has gone, alone or with its group, to clean
	// up what belonged to it elsewhere.
	Gone func(a *ARM, r Resource)
	// Render makes the body of an answer; nil is the common form.
	Render func(a *ARM, x *Request, r Resource) *ojson.Object
	// Actions are POSTs on a resource by their names in lower case.
	Actions map[string]Action
	// Reads are further GETs below a resource: "instanceview".
	Reads map[string]Read
	// Header is set on every answer of the type, by name.
	Header map[string]string
}

// Action is a POST on a resource.
type Action struct {
	Name string // "start": the action is Namespace/Type/Name/action
	// Takes, if positive, answers 202; what Do left in x.Then comes true at the
	// end. Otherwise Do writes the answer.
	Takes time.Duration
	// Reads says that the action changes nothing, as listKeys does.
	Reads bool
	Do    func(a *ARM, x *Request, r *Resource) error
}

// Read is a GET below a resource; it is allowed to who may read the resource
// where Action is "".
type Read struct {
	Action string // last part of the access check's action: "instanceView/read"
	Do     func(a *ARM, x *Request, r Resource) error
}

func (t *Type) full() string { return t.Namespace + "/" + t.Name }

// Resource is a resource as it is kept.
type Resource struct {
	ID         string        `json:"id"` // in the spelling of its creation
	Type       string        `json:"type"`
	Name       string        `json:"name"`
	Location   string        `json:"location"`
	Kind       string        `json:"kind,omitempty"`
	ManagedBy  string        `json:"managedBy,omitempty"`
	Zones      []any         `json:"zones,omitempty"`
	SKU        *ojson.Object `json:"sku,omitempty"`
	Tags       *ojson.Object `json:"tags,omitempty"`
	Identity   *ojson.Object `json:"identity,omitempty"`
	Properties *ojson.Object `json:"properties"`
	// Private is what a type keeps and never shows.
	Private *ojson.Object `json:"private,omitempty"`
	Created time.Time     `json:"created,omitzero"`
	Changed time.Time     `json:"changed,omitzero"`
}

// Group returns the ARM id of the resource's group.
func (r Resource) Group() string {
	parts := strings.SplitN(r.ID, "/", 6)
	return strings.Join(parts[:min(5, len(parts))], "/")
}

// Request is a request to a resource type whose caller was authenticated and,
// but for a type that serves itself, may do what is asked.
type Request struct {
	*http.Request
	W       http.ResponseWriter
	Version string
	Claims  *identity.Claims
	Scope   string // the ARM id before /providers/
	ID      string // the ARM id of the resource; of a list, of its collection
	Name    string // "" for a list
	Parents []string
	Rest    []string
	// Then is what comes true when the asynchronous write that the request begins
	// has ended.
	Then Effect
	call *call
	typ  *Type
}

// Body reads the request's JSON object.
func (x *Request) Body() (*ojson.Object, error) { return x.call.body() }

// Answer writes a JSON body.
func (x *Request) Answer(status int, v any) { x.typ.print(x.W, status, v) }

// Register adds resource types.
func (a *ARM) Register(types ...*Type) {
	for _, t := range types {
		a.types[strings.ToLower(t.full())] = t
	}
}

// Types returns the names of all types that are served, sorted:
// "Microsoft.Compute/virtualMachines".
func (a *ARM) Types() []string {
	var names []string
	for _, t := range a.types {
		names = append(names, t.full())
	}
	slices.Sort(names)
	return names
}

// place is where a path below /providers/ leads.
type place struct {
	scope   string
	typ     *Type
	id      string // of the resource or the collection
	name    string
	parents []string // names of what a nested type lies in
	rest    []string
}

// locate finds the type of a path; nil if no registered type serves it. Of
// nested types the longest name that fits is meant.
func (a *ARM) locate(segments []string) *place {
	at := providersAt(segments)
	if at < 0 {
		return nil
	}
	below := segments[at+2:]
	for n := (len(below) + 1) / 2; n > 0; n-- {
		names := make([]string, n)
		for i := range names {
			names[i] = below[2*i]
		}
		t := a.types[strings.ToLower(segments[at+1]+"/"+strings.Join(names, "/"))]
		if t == nil {
			continue
		}
		p := &place{typ: t}
		if at > 0 {
			p.scope = "/" + strings.Join(segments[:at], "/")
		} else {
			p.scope = "/"
		}
		p.id = strings.TrimSuffix(p.scope, "/") + "/providers/" + t.Namespace
		for i, kind := range strings.Split(t.Name, "/") {
			p.id += "/" + kind
			if 2*i+1 < len(below) {
				p.id += "/" + below[2*i+1]
				if i < n-1 {
					p.parents = append(p.parents, below[2*i+1])
				} else {
					p.name = below[2*i+1]
				}
			}
		}
		if p.name != "" {
			p.rest = below[2*n:]
		}
		return p
	}
	return nil
}

// providersAt is where the last "providers" with a namespace and a type behind
// it stands; -1 if there is none.
func providersAt(segments []string) int {
	for i := len(segments) - 3; i >= 0; i-- {
		if strings.EqualFold(segments[i], "providers") {
			return i
		}
	}
	return -1
}
