package az

import (
	"path"
	"strings"

	"skylab/sim/ojson"
)

// profile is azureProfile.json: the subscriptions of who is signed in.
type profile struct {
	installation  string
	subscriptions []*ojson.Object
}

const loginFirst = "Please run 'az login' to setup account."

// accounts returns the profile of the machine's files.
func (c *call) accounts() *profile {
	if c.profile != nil {
		return c.profile
	}
	c.profile = &profile{}
	data, err := c.p.FS.ReadFile(path.Join(c.configDir(), "azureProfile.json"))
	if err != nil {
		return c.profile
	}
	v, err := ojson.Decode([]byte(strings.TrimPrefix(string(data), "\ufeff")))
	if err != nil {
		return c.profile
	}
	o, _ := v.(*ojson.Object)
	c.profile.installation = o.Str("installationId")
	list, _ := o.At("subscriptions").([]any)
	for _, e := range list {
		if s, ok := e.(*ojson.Object); ok {
			c.profile.subscriptions = append(c.profile.subscriptions, s)
		}
	}
	return c.profile
}

func (c *call) saveAccounts() error {
	p := c.accounts()
	if p.installation == "" {
		p.installation = c.p.IDs.GUID("az.installation")
	}
	list := make([]any, len(p.subscriptions))
	for i, s := range p.subscriptions {
		list[i] = s
	}
	data, err := ojson.Marshal(ojson.Obj("installationId", p.installation, "subscriptions", list))
	if err != nil {
		return err
	}
	return c.writeFile(path.Join(c.configDir(), "azureProfile.json"), append([]byte("\ufeff"), pythonJSON(data)...))
}

// subscriptionOption is what --subscription says; "" for the current one.
func (c *call) subscriptionOption() string {
	if c.target.sub != "" {
		return c.target.sub
	}
	if c.line == nil {
		return ""
	}
	return c.str("_subscription")
}

// find returns an account by name or id, the current one for "".
func (c *call) account(name string) (*ojson.Object, error) {
	all := c.accounts().subscriptions
	if len(all) == 0 {
		return nil, failf(loginFirst)
	}
	var found []*ojson.Object
	for _, s := range all {
		if name == "" && s.At("isDefault") == true || name != "" && (strings.EqualFold(s.Str("id"), name) || strings.EqualFold(s.Str("name"), name)) {
			found = append(found, s)
		}
	}
	switch {
	case len(found) == 0 && name == "":
		return nil, failf("No subscription found. Run 'az account set' to select a subscription.")
	case len(found) == 0:
		return nil, failf("Subscription '%s' not found. Check the spelling and casing and try again.", name)
	case len(found) > 1 && name != "":
		return nil, failf("Multiple subscriptions with the name '%s' found. Specify the subscription ID.", name)
	}
	return found[0], nil
}

// subscription is the id of the subscription that the command is about.
func (c *call) subscription() (string, error) {
	name := c.subscriptionOption()
	a, err := c.account(name)
	if err != nil {
		if name != "" && len(c.accounts().subscriptions) > 0 && isGUID(name) {
			return name, nil // az sends what it does not know with the current account's token
		}
		return "", err
	}
	return a.Str("id"), nil
}

// merge puts accounts that signed in into the profile in place of the same ones
// of before, and makes one of them the current one, as az does.
func (p *profile) merge(fresh []*ojson.Object) {
	key := func(s *ojson.Object) string {
		return s.Str("id") + "|" + s.Str("user", "name") + "|" + s.Str("tenantId")
	}
	var kept []*ojson.Object
	current := ""
	for _, s := range p.subscriptions {
		if s.At("isDefault") == true {
			current = s.Str("id")
		}
		again := false
		for _, f := range fresh {
			again = again || s.Str("id") == f.Str("id") || key(s) == key(f)
		}
		if !again {
			s.Set("isDefault", false)
			kept = append(kept, s)
		}
	}
	p.subscriptions = append(kept, fresh...)
	at := -1
	for i, f := range fresh {
		if f.Str("id") == current {
			at = i
		}
	}
	for i, f := range fresh {
		if at < 0 && f.Str("state") == "Enabled" {
			at = i
		}
	}
	for i, f := range fresh {
		f.Set("isDefault", i == max(at, 0))
	}
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case !strings.ContainsRune("0123456789abcdefABCDEF", c):
			return false
		}
	}
	return true
}
