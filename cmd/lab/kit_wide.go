//go:build js && wide

package main

import (
	"skylab/sim/kit"
	"skylab/sim/kit/full"
)

// has is what this module's labs can do: all that there is.
func has() kit.Kit { return full.Kit() }
