// Package full is the kit with all that there is. What must stay small does not
// import it.
package full

import (
	"skylab/sim/cloud/deployments"
	"skylab/sim/kit"
	"skylab/sim/machine/awk"
	_ "skylab/sim/machine/pwsh" // a shell of the lab
	"skylab/sim/machine/python"
	"skylab/sim/machine/tool"
)

// Kit returns the whole kit.
func Kit() kit.Kit {
	return kit.Kit{Programs: []tool.Program{awk.Program(), python.Program()}, Types: deployments.Types()}
}
