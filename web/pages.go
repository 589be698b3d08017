package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"skylab/sim/cloud"
	"skylab/tutorials/lesson"
)

//go:embed page.html
var pageSource string

// pages is the document of every page, with its text readable before any wasm
// arrives. Nothing in it is inline, for the content security policy forbids it.
var pages = template.Must(template.New("page").Funcs(template.FuncMap{"safe": func(s string) template.HTML { return template.HTML(s) }}).Parse(pageSource))

// page is what the template shows.
type page struct {
	path string // below the site's root, without slashes at its ends; "" is the first page

	Title, Description string
	Canonical          string // "" where the site does not know its origin
	Policy             string // in the page itself, where no server sends it
	Root               string // the way from the page to the site's root
	Assets, LessonData string // the folders of this build's files and of the lessons
	Wide               string // the paths of pages whose labs begin with the wider module
	Version            string // of the whole site
	App                bool   // the wasm page takes over; otherwise it is text alone
	Home               bool   // shows the lists of lessons and sandboxes
	Heading, Lead      string // of pages that are no lesson and no document
	Lesson             *lesson.Lesson
	Document           *Document
	Links              []link
	Lessons, Sandboxes []link
	documents          []Document
	lessons            []*lesson.Lesson
}

// link is a link of a page.
type link struct {
	Href, Text, More string
	Current          bool
}

const (
	siteTitle       = "Skylab"
	siteHeading     = "Azure's managed identities, done in a tab"
	siteDescription = "Microsoft's articles about managed identities as lessons to be done, in simulated terminals and a simulated portal. No account, no cost, nothing leaves the browser."
)

// pageList returns the site's pages, without what depends on where they are.
func pageList(lessons []*lesson.Lesson, documents []Document) []page {
	list := []page{{Title: siteTitle + " · " + siteHeading, Description: siteDescription, Heading: siteHeading, Lead: siteDescription, App: true, Home: true}}
	var wide []string
	for _, l := range lessons {
		if slices.ContainsFunc(l.Variants, func(v lesson.Variant) bool { s, _ := cloud.FindScenario(v.Scenario); return s.Wide }) {
			wide = append(wide, "lessons/"+l.ID)
		}
		list = append(list, page{path: "lessons/" + l.ID, Title: l.Title + " · " + siteTitle, Description: l.Description, Lesson: l, App: true})
	}
	for _, s := range cloud.Scenarios {
		if s.Wide {
			wide = append(wide, "sandbox/"+s.Name)
		}
		list = append(list, page{path: "sandbox/" + s.Name, Title: "Sandbox " + s.Name + " · " + siteTitle, Heading: "Sandbox: " + s.Name, App: true,
			Description: "A free simulated Azure to try things in: " + s.Description + "."})
	}
	for i, d := range documents {
		list = append(list, page{path: d.ID, Title: d.Title + " · " + siteTitle, Description: d.Description, Document: &documents[i]})
	}
	list = append(list, page{path: notFoundPage, Title: "Not found · " + siteTitle, Description: "There is no such page here.", Heading: "There is no such page here", Home: true,
		Lead: "The address may be mistyped, or the lesson may have another name by now. These are there:"})
	for i := range list {
		if list[i].Lead == "" {
			list[i].Lead = list[i].Description
		}
		list[i].lessons, list[i].documents, list[i].Wide = lessons, documents, strings.Join(wide, " ")
	}
	return list
}

// notFoundPage is where the page stands that says that another does not exist.
const notFoundPage = "404"

// place puts a page where the site is.
func (s *Site) place(p page) page {
	p.Root, p.Version = s.base, s.version
	if s.base == "" { // as folders, for any host adds the slash to a folder's name
		p.Root = "./"
		if p.path != "" && p.path != notFoundPage {
			p.Root = strings.Repeat("../", 1+strings.Count(p.path, "/"))
		}
		p.Policy = metaPolicy
	}
	p.Assets, p.LessonData = p.Root+s.assets, p.Root+s.lessons
	if s.origin != "" && s.base != "" && p.path != notFoundPage {
		p.Canonical = s.origin + s.base + p.path
	}
	to := func(path, text, more string) link { return link{p.Root + s.address(path), text, more, path == p.path} }
	p.Links = []link{to("", "Lessons", "")}
	for _, d := range p.documents {
		p.Links = append(p.Links, to(d.ID, d.Title, ""))
	}
	if p.Home {
		for _, l := range p.lessons {
			p.Lessons = append(p.Lessons, to("lessons/"+l.ID, l.Title, l.Description))
		}
		for _, x := range cloud.Scenarios {
			p.Sandboxes = append(p.Sandboxes, to("sandbox/"+x.Name, x.Name, x.Description))
		}
	}
	return p
}

// address is a page's path as an address below the root.
func (s *Site) address(path string) string {
	if s.base == "" && path != "" {
		return path + "/"
	}
	return path
}

func (p page) render() ([]byte, error) {
	var out bytes.Buffer
	if err := pages.Execute(&out, p); err != nil {
		return nil, fmt.Errorf("make the page %q: %w", p.path, err)
	}
	return out.Bytes(), nil
}
