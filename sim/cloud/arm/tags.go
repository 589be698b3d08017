package arm

import (
	"fmt"
	"net/http"
	"strings"

	"skylab/sim/ojson"
)

// ownTypes are the resource types that Resource Manager has itself.
func ownTypes() []*Type {
	return []*Type{{Namespace: "Microsoft.Resources", Name: "tags", Versions: resourceVersions, Extension: true, Serve: (*ARM).serveTags}}
}

// serveTags is Microsoft.Resources/tags/default at any scope.
func (a *ARM) serveTags(x *Request) error {
	if !strings.EqualFold(x.Name, "default") || len(x.Rest) > 0 {
		return failf(http.StatusNotFound, "NotFound", "The requested path was not found.")
	}
	verb := map[string]string{http.MethodGet: "read", http.MethodPut: "write", http.MethodPatch: "write", http.MethodDelete: "delete"}[x.Method]
	if verb == "" {
		return methodNotAllowed()
	}
	if err := a.Authorize(x, "Microsoft.Resources/tags/"+verb, x.Scope); err != nil {
		return err
	}
	tags, err := a.tagsOf(x.Scope)
	if err != nil {
		return err
	}
	switch x.Method {
	case http.MethodDelete:
		a.setTags(x.Scope, nil)
		x.W.WriteHeader(http.StatusOK)
		return nil
	case http.MethodPut, http.MethodPatch:
		body, err := x.Body()
		if err != nil {
			return err
		}
		if tags, err = changedTags(x.Method, tags, body); err != nil {
			return err
		}
		a.setTags(x.Scope, tags)
	}
	if tags == nil {
		tags = &ojson.Object{}
	}
	x.Answer(http.StatusOK, ojson.Obj("id", a.Spelled(x.Scope)+"/providers/Microsoft.Resources/tags/default", "name", "default", "type", "Microsoft.Resources/tags", "properties", ojson.Obj("tags", tags)))
	return nil
}

// maxTags is how many tags a thing can have.
const maxTags = 50

func changedTags(method string, tags, body *ojson.Object) (*ojson.Object, error) {
	given := body.Obj("properties", "tags")
	if given == nil {
		return nil, failf(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: 'properties.tags' is required.")
	}
	operation := body.Str("operation")
	if method == http.MethodPut {
		operation = "Replace"
	}
	var out *ojson.Object
	switch strings.ToLower(operation) {
	case "replace":
		out = given
	case "merge":
		out = merged(tags, given)
	case "delete":
		out = tags.Clone()
		for _, m := range given.Members() {
			for _, t := range tags.Members() {
				if strings.EqualFold(t.Key, m.Key) && fmt.Sprint(t.Value) == fmt.Sprint(m.Value) {
					out.Delete(t.Key)
				}
			}
		}
	default:
		return nil, failf(http.StatusBadRequest, "InvalidRequestContent", "The tags operation '%s' is invalid. The allowed values are 'Replace, Merge, Delete'.", operation)
	}
	return out, checkTags(out)
}

// checkTags refuses tags that Resource Manager does not take.
func checkTags(tags *ojson.Object) error {
	if tags.Len() > maxTags {
		return failf(http.StatusBadRequest, "TagsLimitExceeded", "The number of tags '%d' exceeds the maximum of '%d'.", tags.Len(), maxTags)
	}
	for _, m := range tags.Members() {
		v, ok := m.Value.(string)
		switch {
		case !ok && m.Value != nil:
			return failf(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: the value of tag '%s' must be a string.", m.Key)
		case m.Key == "" || len(m.Key) > 512 || strings.ContainsAny(m.Key, `<>%&\?/`):
			return failf(http.StatusBadRequest, "InvalidTagNameCharacters", "The tag name '%s' has reserved characters '<,>,%%,&,\\,?,/' or control characters.", m.Key)
		case len(v) > 256:
			return failf(http.StatusBadRequest, "InvalidTagValueLength", "Tag value too large. Following tag value '%s' exceeded the maximum length. Maximum allowed length for tag value - '256' characters.", v)
		}
	}
	return nil
}

// tagsOf returns the tags of a subscription, group or resource.
func (a *ARM) tagsOf(scope string) (*ojson.Object, error) {
	parts := splitPath(scope)
	switch {
	case len(parts) == 2 && strings.EqualFold(parts[0], "subscriptions"):
		a.mu.RLock()
		defer a.mu.RUnlock()
		return a.state.Subscriptions[strings.ToLower(parts[1])].Tags, nil
	case len(parts) == 4:
		if g, ok := a.groupAt(scope); ok {
			return g.Tags, nil
		}
	}
	r, err := a.find(scope, nil)
	return r.Tags, err
}

func (a *ARM) setTags(scope string, tags *ojson.Object) {
	key := strings.ToLower(scope)
	a.mu.Lock()
	defer a.mu.Unlock()
	if g, ok := a.state.Groups[key]; ok {
		g.Tags = tags
		a.state.Groups[key] = g
	} else if r, ok := a.state.Resources[key]; ok {
		r.Tags = tags
		a.state.Resources[key] = r
	} else if s, ok := a.state.Subscriptions[strings.TrimPrefix(key, "/subscriptions/")]; ok {
		s.Tags = tags
		a.state.Subscriptions[s.ID] = s
	}
}
