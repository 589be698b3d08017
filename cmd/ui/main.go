// Command ui is the wasm module of the page.
package main

import (
	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/app"
)

// build names the build that page and lab must share; the linker sets it.
var build = "dev"

func main() {
	app.Route(build)
	goapp.RunWhenOnBrowser()
}
