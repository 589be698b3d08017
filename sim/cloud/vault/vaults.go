package vault

import (
	"strings"

	"skylab/sim/cloud/arm"
)

// Vaults reads the vaults of a Resource Manager.
type Vaults struct{ ARM *arm.ARM }

// Vault returns a vault by its name. One whose host name is still being
// registered is not there yet.
func (s Vaults) Vault(name string) (arm.Resource, bool) {
	r, ok := find(s.ARM, name)
	return r, ok && r.Properties.Str("provisioningState") == "Succeeded"
}

// Has tells whether a host name is a vault's.
func (s Vaults) Has(host string) bool {
	name, ok := strings.CutSuffix(strings.ToLower(host), suffix)
	if !ok {
		return false
	}
	_, ok = s.Vault(name)
	return ok
}
