package imds

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// instance is facts/azure-wire.md §1.4.
func (s *IMDS) instance(w http.ResponseWriter, r *http.Request, vm VM, q url.Values) {
	version := q.Get("api-version")
	var node any = vm.Tree(version)
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	for _, p := range parts[2:] {
		switch n := node.(type) {
		case *ojson.Object:
			node, _ = n.GetFold(p)
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(n) {
				node = nil
			} else {
				node = n[i]
			}
		default:
			node = nil
		}
		if node == nil {
			plain(w, http.StatusNotFound, "Not found. Invalid resource requested")
			return
		}
	}
	text := false
	switch f := strings.ToLower(q.Get("format")); f {
	case "", "json":
	case "text":
		text = true
	default:
		plain(w, http.StatusBadRequest, "Bad request. Format "+f+" is not supported")
		return
	}
	leaf, isLeaf := node.(string)
	switch {
	case text && isLeaf:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(leaf))
	case text:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(strings.Join(names(node), "\n")))
	case isLeaf:
		plain(w, http.StatusBadRequest, "Bad request. JSON output is not supported for leaf nodes")
	default:
		answer(w, http.StatusOK, node)
	}
}

// names lists the children of a node, containers with a slash.
func names(node any) []string {
	var out []string
	add := func(name string, v any) {
		if _, leaf := v.(string); !leaf {
			name += "/"
		}
		out = append(out, name)
	}
	switch n := node.(type) {
	case *ojson.Object:
		for _, m := range n.Members() {
			add(m.Key, m.Value)
		}
	case []any:
		for i, v := range n {
			add(strconv.Itoa(i), v)
		}
	}
	return out
}
