//go:build js && !wide

package main

import "skylab/sim/kit"

// has is what this module's labs can do: it is the one that a page loads first.
func has() kit.Kit { return kit.Named() }
