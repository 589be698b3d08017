// Command ui is the wasm module of the page.
package main

import (
	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/app"
)

func main() {
	app.Route()
	goapp.RunWhenOnBrowser()
}
