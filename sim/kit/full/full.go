// Package full is the kit with all that there is. What must stay small does not
// import it.
package full

import (
	"skylab/sim/cloud/deployments"
	"skylab/sim/kit"
	"skylab/sim/machine/awk"
	"skylab/sim/machine/coreutils"
	"skylab/sim/machine/pwsh"
	"skylab/sim/machine/python"
	"skylab/sim/machine/windows"
)

// Kit returns the whole kit.
func Kit() kit.Kit {
	return kit.Kit{
		Programs:        append(coreutils.Wider(), awk.Program(), python.Program()),
		Shells:          append(pwsh.Shells(), windows.Shell()),
		WindowsPrograms: windows.Programs(),
		Types:           deployments.Types(),
	}
}
