package az

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

var (
	theUser  = located((*call).userPath)
	theGroup = located((*call).groupObject)
)

var adCommands = map[string]command{
	"ad signed-in-user show": located(me).show, "ad signed-in-user list-owned-objects": cmdMyObjects,
	"ad user list": cmdUserList, "ad user show": theUser.show, "ad user create": cmdUserCreate, "ad user delete": theUser.remove, "ad user get-member-groups": theUser.groups,
	"ad group list": cmdADGroupList, "ad group show": theGroup.show, "ad group create": cmdADGroupCreate, "ad group delete": theGroup.remove, "ad group get-member-groups": theGroup.groups,
	"ad group member list": theGroup.below("members").list, "ad group member add": refsAdd("members", "member_object_id"), "ad group member remove": refsRemove("members", "member_object_id"), "ad group member check": cmdMemberCheck,
	"ad group owner list": theGroup.below("owners").list, "ad group owner add": refsAdd("owners", "owner_object_id"), "ad group owner remove": refsRemove("owners", "owner_object_id"),
}

func me(*call) (string, error) { return "/me", nil }

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

// userPath is the path of the user that the command names.
func (c *call) userPath() (string, error) {
	return "/users/" + pathSegment(c.str("upn_or_object_id")), nil
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

// groups are the groups in which the object is, by name and id.
func (at located) groups(c *call) (any, error) {
	path, err := at(c)
	if err != nil {
		return nil, err
	}
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

func refsAdd(what, dest string) command {
	return func(c *call) (any, error) {
		path, err := theGroup(c)
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

func refsRemove(what, dest string) command {
	return func(c *call) (any, error) {
		path, err := theGroup(c)
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
