// Package web makes the site out of the files that web/build made, and serves
// it or writes it as static files: every page can be read before any wasm
// arrives, files named by their content stay with the browser for good, and a
// content security policy lets the page ask nobody else. It must not know what
// the page does.
package web

import (
	"embed"
	"errors"
	"io/fs"

	"skylab/tutorials/lesson"
)

//go:embed all:site
var built embed.FS

// Marker is the file by which the folder of a built site is known.
const Marker = "build"

// IconSizes are those of the icon's PNGs, in pixels.
var IconSizes = []int{180, 192, 512}

// ErrNotBuilt is returned where the site was not built into this program.
var ErrNotBuilt = errors.New("this program has no site in it; run `make build`, which makes bin/skylab with the site inside")

// Built returns the files built into this program.
func Built() (fs.FS, error) {
	site, err := fs.Sub(built, "site")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(site, Marker); err != nil {
		return nil, ErrNotBuilt
	}
	return site, nil
}

// Document is a text of the site's own, such as its limits, as ready-made data.
type Document struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Sections    []Section `json:"sections"`
}

// Section is a part of a document; the first has no heading.
type Section struct {
	Heading string         `json:"heading,omitempty"`
	Blocks  []lesson.Block `json:"blocks"`
}
