package main

import (
	"fmt"
	"path"
	"strings"

	"skylab/assets"
	"skylab/tutorials/learn"
	"skylab/web"
)

// readDocument reads one of the site's own texts. Its description stands in its
// front matter.
func readDocument(name string) (web.Document, error) {
	a, err := learn.ParseFile(assets.FS, name, "assets")
	if err != nil {
		return web.Document{}, fmt.Errorf("read a document: %w", err)
	}
	d := web.Document{ID: strings.TrimSuffix(path.Base(name), ".md"), Title: a.Title(), Description: a.Meta["description"]}
	if d.Title == "" || d.Description == "" {
		return d, fmt.Errorf("assets/%s: a document needs a title and, in its front matter, a description", name)
	}
	for _, s := range a.Sections {
		heading := s.Heading
		if s.Level == 1 { // the title
			heading = ""
		}
		d.Sections = append(d.Sections, web.Section{Heading: heading, Blocks: s.Blocks})
	}
	if d.ID == "limits" {
		here, err := simulated()
		if err != nil {
			return d, fmt.Errorf("tell what is simulated: %w", err)
		}
		d.Sections = append(d.Sections, here...)
	}
	return d, nil
}
