//go:build !js

// Command lab outside a browser says what it is.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "lab: this program runs in a browser; `make build` compiles it for the page")
	os.Exit(2)
}
