package storage

import (
	"strings"

	"skylab/sim/cloud/arm"
)

// Account is a storage account as its data services see it.
type Account struct {
	ID   string // ARM id
	Name string
	Kind string
	Keys [2]string // in base64
}

// Accounts reads the storage accounts of a Resource Manager.
type Accounts struct{ ARM *arm.ARM }

// Account returns an account by its name. One that is still being made is not
// there yet.
func (s Accounts) Account(name string) (Account, bool) {
	r, ok := find(s.ARM, name)
	if !ok || r.Properties.Str("provisioningState") != "Succeeded" {
		return Account{}, false
	}
	return Account{r.ID, r.Name, r.Kind, [2]string{r.Private.Str("key1"), r.Private.Str("key2")}}, true
}

// Services are the host names of the data services behind an account's name, by
// the service's name: "blob" → "blob.core.windows.net".
func Services() map[string]string {
	out := map[string]string{}
	for _, s := range services {
		out[s.name] = s.host
	}
	return out
}

// Has tells whether a host name belongs to an account that has its service;
// "-secondary" behind the account's name is its second region.
func (s Accounts) Has(host string) bool {
	name, rest, _ := strings.Cut(strings.ToLower(host), ".")
	name, second := strings.CutSuffix(name, "-secondary")
	r, ok := find(s.ARM, name)
	if !ok || r.Properties.Str("provisioningState") != "Succeeded" {
		return false
	}
	list := "primaryEndpoints"
	if second {
		list, name = "secondaryEndpoints", name+"-secondary"
	}
	for _, m := range r.Properties.Obj(list).Members() {
		if m.Value == "https://"+name+"."+rest+"/" {
			return true
		}
	}
	return false
}
