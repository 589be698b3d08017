package az

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

var adCommands = map[string]func(*call) (any, error){
	"ad signed-in-user show": cmdMe, "ad signed-in-user list-owned-objects": cmdMyObjects,
	"ad user list": cmdUserList, "ad user show": cmdUserShow, "ad user create": cmdUserCreate, "ad user delete": cmdUserDelete, "ad user get-member-groups": cmdUserGroups,
	"ad group list": cmdADGroupList, "ad group show": cmdADGroupShow, "ad group create": cmdADGroupCreate, "ad group delete": cmdADGroupDelete, "ad group get-member-groups": cmdADGroupGroups,
	"ad group member list": refsList("members"), "ad group member add": refsAdd("members", "member_object_id"), "ad group member remove": refsRemove("members", "member_object_id"), "ad group member check": cmdMemberCheck,
	"ad group owner list": refsList("owners"), "ad group owner add": refsAdd("owners", "owner_object_id"), "ad group owner remove": refsRemove("owners", "owner_object_id"),
}

// graph sends a request to Microsoft Graph v1.0. An answer of 400 and above is an
// error with Graph's message.
func (c *call) graph(method, path string, body any) (*response, error) {
	r := request{method: method, url: graphHost + "/v1.0" + escape(path), header: http.Header{}}
	if body != nil {
		data, err := ojson.Marshal(body)
		if err != nil {
			return nil, failf("%s", err)
		}
		r.body = pythonJSON(data)
		r.header.Set("Content-Type", "application/json")
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
	for ; err == nil; res, err = c.graphSend(request{method: http.MethodGet, url: res.object().Str("@odata.nextLink")}) {
		out = append(out, objectsAt(res.object(), "value")...)
		next := res.object().Str("@odata.nextLink")
		if next == "" {
			return out, nil
		}
		if !strings.HasPrefix(next, graphHost+"/") {
			return nil, failf("Graph answered with an address that is not its own: %s", next)
		}
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

func cmdMe(c *call) (any, error) { return c.graphGet("/me") }

func cmdMyObjects(c *call) (any, error) {
	list, err := c.graphList("/me/ownedObjects")
	if err != nil {
		return nil, err
	}
	if t := strings.ToLower(c.str("object_type")); t != "" {
		list = slices.DeleteFunc(list, func(o *ojson.Object) bool {
			return !strings.EqualFold(o.Str("@odata.type"), "#microsoft.graph."+t)
		})
	}
	return anys(list), nil
}

func cmdUserList(c *call) (any, error) {
	list, err := c.graphList("/users" + filterQuery(filters(c.str("query_filter"), equals("userPrincipalName", c.str("upn")), beginning("displayName", c.str("display_name")))))
	return anys(list), err
}

func (c *call) userPath() string { return "/users/" + pathSegment(c.str("upn_or_object_id")) }

func cmdUserShow(c *call) (any, error) { return c.graphGet(c.userPath()) }

func cmdUserDelete(c *call) (any, error) {
	_, err := c.graph(http.MethodDelete, c.userPath(), nil)
	return nil, err
}

func cmdUserCreate(c *call) (any, error) {
	upn := c.str("user_principal_name")
	nick := c.str("mail_nickname")
	if nick == "" {
		nick, _, _ = strings.Cut(upn, "@")
	}
	body := ojson.Obj("accountEnabled", true, "displayName", c.str("display_name"), "mailNickname", nick, "passwordProfile",
		ojson.Obj("password", c.str("password"), "forceChangePasswordNextSignIn", c.flag("force_change_password_next_sign_in")), "userPrincipalName", upn)
	if id := c.str("immutable_id"); id != "" {
		body.Set("onPremisesImmutableId", id)
	}
	o, err := c.graphPost("/users", body)
	return object(o), err
}

// object is an object as a result; nil stays nil.
func object(o *ojson.Object) any {
	if o == nil {
		return nil
	}
	return o
}

// memberGroups are the groups in which an object is, by name and id.
func (c *call) memberGroups(path string) (any, error) {
	res, err := c.graph(http.MethodPost, path+"/getMemberGroups", ojson.Obj("securityEnabledOnly", c.flag("security_enabled_only")))
	if err != nil {
		return nil, err
	}
	var ids []string
	list, _ := res.object().At("value").([]any)
	for _, e := range list {
		if s, ok := e.(string); ok {
			ids = append(ids, s)
		}
	}
	out := []any{}
	if len(ids) == 0 {
		return out, nil
	}
	stubs, err := c.stubs(ids)
	for _, s := range stubs {
		out = append(out, ojson.Obj("id", s.Str("id"), "displayName", s.Str("displayName")))
	}
	return out, err
}

func cmdUserGroups(c *call) (any, error) { return c.memberGroups(c.userPath()) }

func cmdADGroupList(c *call) (any, error) {
	list, err := c.graphList("/groups" + filterQuery(filters(c.str("query_filter"), beginning("displayName", c.str("display_name")))))
	return anys(list), err
}

// groupID is the object id of a group that is named by it or by its name.
func (c *call) groupID(name string) (string, error) {
	if isGUID(name) {
		return name, nil
	}
	list, err := c.graphList("/groups" + filterQuery(equals("displayName", name)))
	switch {
	case err != nil:
		return "", err
	case len(list) == 0:
		return "", failf("No group matches the name of '%s'", name)
	case len(list) > 1:
		return "", failf("More than one group match the name of '%s'", name)
	}
	return list[0].Str("id"), nil
}

// groupObject is the path of the group that the command names.
func (c *call) groupObject() (string, error) {
	id, err := c.groupID(or(c.str("object_id"), c.str("group_id")))
	return "/groups/" + id, err
}

func cmdADGroupShow(c *call) (any, error) {
	path, err := c.groupObject()
	if err != nil {
		return nil, err
	}
	return c.graphGet(path)
}

func cmdADGroupDelete(c *call) (any, error) {
	path, err := c.groupObject()
	if err == nil {
		_, err = c.graph(http.MethodDelete, path, nil)
	}
	return nil, err
}

func cmdADGroupGroups(c *call) (any, error) {
	path, err := c.groupObject()
	if err != nil {
		return nil, err
	}
	return c.memberGroups(path)
}

func cmdADGroupCreate(c *call) (any, error) {
	name, nick := c.str("display_name"), c.str("mail_nickname")
	if !c.flag("force") {
		list, err := c.graphList("/groups" + filterQuery(filters(equals("displayName", name), equals("mailNickname", nick))))
		if err != nil {
			return nil, err
		}
		switch {
		case len(list) == 1:
			c.warn("A group with the same display name and mail nickname already exists, returning.")
			return list[0], nil
		case len(list) > 1:
			return nil, failf("There is more than one group with the same display name and mail nickname.")
		}
	}
	body := ojson.Obj("displayName", name, "mailNickname", nick, "mailEnabled", false, "securityEnabled", true)
	if d := c.str("description"); d != "" {
		body.Set("description", d)
	}
	o, err := c.graphPost("/groups", body)
	return object(o), err
}

func refsList(what string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		path, err := c.groupObject()
		if err != nil {
			return nil, err
		}
		list, err := c.graphList(path + "/" + what)
		return anys(list), err
	}
}

func refsAdd(what, dest string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		path, err := c.groupObject()
		if err != nil {
			return nil, err
		}
		if what == "owners" { // adding an owner twice is no mistake
			list, err := c.graphList(path + "/owners")
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(list, func(o *ojson.Object) bool { return o.Str("id") == c.str(dest) }) {
				return nil, nil
			}
		}
		_, err = c.graph(http.MethodPost, path+"/"+what+"/$ref", ojson.Obj("@odata.id", graphHost+"/v1.0/directoryObjects/"+c.str(dest)))
		return nil, err
	}
}

func refsRemove(what, dest string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		path, err := c.groupObject()
		if err != nil {
			return nil, err
		}
		_, err = c.graph(http.MethodDelete, path+"/"+what+"/"+pathSegment(c.str(dest))+"/$ref", nil)
		return nil, err
	}
}

func cmdMemberCheck(c *call) (any, error) {
	id, err := c.groupID(c.str("group_id"))
	if err != nil {
		return nil, err
	}
	res, err := c.graph(http.MethodPost, "/directoryObjects/"+pathSegment(c.str("member_object_id"))+"/checkMemberGroups", ojson.Obj("groupIds", []any{id}))
	if err != nil {
		return nil, err
	}
	list, _ := res.object().At("value").([]any)
	return ojson.Obj("value", slices.Contains(list, any(id))), nil
}
