package az

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// graph sends a request to Microsoft Graph v1.0. An answer of 400 and above is an
// error with Graph's message.
func (c *call) graph(method, path string, body any) (*response, error) {
	r, err := jsonRequest(method, graphHost+"/v1.0"+escape(path), body)
	if err != nil {
		return nil, err
	}
	return c.graphSend(r)
}

func (c *call) graphSend(r request) (*response, error) {
	res, err := c.authorised(graphHost+"/", r)
	if err != nil {
		return nil, err
	}
	if res.ok() {
		return res, nil
	}
	e := res.object().Obj("error")
	f := &fault{text: e.Str("message"), exit: 1, status: res.status, code: e.Str("code"), plain: strings.HasPrefix(e.Str("message"), "skylab: ")}
	if f.text == "" {
		f.text = res.reason
		if t := strings.TrimSpace(string(res.body)); strings.HasPrefix(t, "skylab: ") {
			f.text, f.plain = t, true
		}
	}
	return res, f
}

// graphList gets a list, page by page.
func (c *call) graphList(path string) ([]*ojson.Object, error) {
	res, err := c.graph(http.MethodGet, path, nil)
	var out []*ojson.Object
	for err == nil {
		o := res.object()
		out = append(out, objectsAt(o, "value")...)
		next := o.Str("@odata.nextLink")
		if next == "" {
			return out, nil
		}
		if !strings.HasPrefix(next, graphHost+"/") {
			return nil, failf("Graph answered with an address that is not its own: %s", next)
		}
		res, err = c.graphSend(request{method: http.MethodGet, url: next})
	}
	return nil, err
}

func (c *call) graphGet(path string) (any, error) {
	res, err := c.graph(http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return res.json(), nil
}

// created is what a POST made.
func (c *call) graphPost(path string, body any) (*ojson.Object, error) {
	res, err := c.graph(http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	return res.object(), nil
}

// stubs are the objects of ids, whatever they are.
func (c *call) stubs(ids []string) ([]*ojson.Object, error) {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	res, err := c.graph(http.MethodPost, "/directoryObjects/getByIds", ojson.Obj("ids", list, "types", []any{"user", "group", "servicePrincipal", "directoryObjectPartnerReference"}))
	if err != nil {
		return nil, err
	}
	return objectsAt(res.object(), "value"), nil
}

// quoted is a text within a filter.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func filterQuery(filter string) string {
	if filter == "" {
		return ""
	}
	return "?$filter=" + queryEscape(filter)
}

func anys(list []*ojson.Object) []any {
	out := make([]any, len(list))
	for i, o := range list {
		out[i] = o
	}
	return out
}

func texts(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}

// filters joins the filters that a list asks for.
func filters(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, " and ")
}

// beginning filters by the beginning of a property.
func beginning(property, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("startswith(%s,%s)", property, quoted(value))
}

func equals(property, value string) string {
	if value == "" {
		return ""
	}
	return property + " eq " + quoted(value)
}

// object is an object as a result; nil stays nil.
func object(o *ojson.Object) any {
	if o == nil {
		return nil
	}
	return o
}

// located finds the object of Graph that a command names and returns its path.
// Its methods are what commands do with it.
type located func(*call) (string, error)

func (at located) show(c *call) (any, error) {
	path, err := at(c)
	if err != nil {
		return nil, err
	}
	return c.graphGet(path)
}

func (at located) remove(c *call) (any, error) {
	path, err := at(c)
	if err == nil {
		_, err = c.graph(http.MethodDelete, path, nil)
	}
	return nil, err
}

func (at located) list(c *call) (any, error) {
	path, err := at(c)
	if err != nil {
		return nil, err
	}
	list, err := c.graphList(path)
	return anys(list), err
}

// below is what lies below the object.
func (at located) below(name string) located {
	return func(c *call) (string, error) {
		path, err := at(c)
		return path + "/" + name, err
	}
}
