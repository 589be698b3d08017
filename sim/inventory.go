package sim

import (
	"slices"

	"skylab/sim/machine/tool"
)

// Inventory is what a lab simulates, by the tables that it works with.
type Inventory struct {
	Types    []string                  // of resources, sorted: "Microsoft.Compute/virtualMachines"
	Programs map[string][]tool.Program // by machine; each list is sorted by name
}

// Inventory returns what the lab simulates. Programs that are only named are
// among it.
func (l *Lab) Inventory() Inventory {
	i := Inventory{Types: l.cloud.ARM.Types(), Programs: map[string][]tool.Program{}}
	for name, m := range l.machines {
		i.Programs[name] = slices.DeleteFunc(m.AllPrograms(), func(p tool.Program) bool { return p.Summary == "" })
	}
	return i
}
