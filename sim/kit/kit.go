// Package kit says what a lab can do beyond what every lab does, as plain data
// that is given to it: programs of its machines, resource types of its cloud.
// The wasm module that a page loads first has a kit whose larger parts are only
// named; the wider module, the commands and the tests have all of them (package
// kit/full). The package must not link what it names.
package kit

import (
	"slices"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/deployments/kind"
	"skylab/sim/machine"
	"skylab/sim/machine/awk/manual"
	"skylab/sim/machine/coreutils"
	python "skylab/sim/machine/python/manual"
	"skylab/sim/machine/tool"
)

// Kit is what a lab can do beyond the floor.
type Kit struct {
	// Programs are on every Linux machine. One without Run is only named: it needs
	// the wider lab.
	Programs []tool.Program
	// Shells are those beside bash. One without Start is only named. What else a
	// Windows machine has comes with its own shell: WindowsPrograms.
	Shells          []machine.Shell
	WindowsPrograms []tool.Program
	// Types are served by Resource Manager. One without Serve is only named.
	Types []*arm.Type
}

// Whole tells whether the kit has all that it names.
func (k Kit) Whole() bool {
	return !slices.ContainsFunc(k.Programs, func(p tool.Program) bool { return p.Run == nil }) &&
		!slices.ContainsFunc(k.Shells, func(s machine.Shell) bool { return s.Start == nil }) && !slices.ContainsFunc(k.Types, func(t *arm.Type) bool { return t.Serve == nil })
}

// Named returns the kit of which all is named and nothing is there.
func Named() Kit {
	return Kit{
		Programs: append(coreutils.Named(), manual.Program(), python.Program()),
		Shells:   []machine.Shell{{Name: "pwsh"}, {Name: "powershell"}, {Name: "cmd"}},
		Types:    kind.Types(),
	}
}
