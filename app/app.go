// Package app is Skylab's page, made of go-app components: the lesson, the
// consoles, the portal and the list of exchanges. It speaks to the lab by the
// messages of sim/labapi alone; it must not know how lessons are parsed, nor
// link the simulated cloud.
package app

import (
	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Route registers the page's components for its addresses. build names the build
// that the page's lab must be of, too.
func Route(build string) {
	workspace := func() goapp.Composer { return &Workspace{build: build} }
	goapp.RouteFunc("/", workspace)
	goapp.RouteWithRegexpFunc("^/(lessons|sandbox)/[a-z0-9-]+/?$", workspace)
	goapp.RouteWithRegexpFunc("", func() goapp.Composer { return &document{} })
}

// document is a page that is text alone: the browser loads it from the site.
type document struct{ goapp.Compo }

// OnNav is called when a link has led to the page.
func (d *document) OnNav(goapp.Context) { goapp.Window().Get("location").Call("reload") }

// Render shows nothing, for the page is about to be left.
func (d *document) Render() goapp.UI { return goapp.Div() }

// asset is the address of a file of this build.
func asset(name string) string { return goapp.Getenv("SKYLAB_ASSETS") + name }

// lessonData is the address of a file with the lessons' data.
func lessonData(name string) string { return goapp.Getenv("SKYLAB_LESSONS") + name }

// at is the address of a path of the site, which may stand below a path of its
// host.
func at(path string) string { return goapp.Getenv("GOAPP_ROOT_PREFIX") + path }

// redraw draws the page again. An event does so by itself, but not any more once
// another has prevented it, as keys do that change the prompt alone.
func redraw(ctx goapp.Context) { ctx.Dispatch(func(goapp.Context) {}) }
