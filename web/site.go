package web

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"skylab/assets"
	"skylab/sim/cloud"
	"skylab/tutorials"
	"skylab/tutorials/lesson"
)

// Options say where a site is going to stand and what it has beside what is
// built in.
type Options struct {
	// Base is the path below which the site is served: "/" or "/path/". "" makes
	// every address relative, for a copy that works below any path.
	Base string
	// Origin is the scheme and host, "https://docs.example". Without it, the
	// pages name no canonical address and there is no sitemap.
	Origin string
	// Lessons are added to those that are built in.
	Lessons []*lesson.Lesson
}

// Site is all pages and files of a site.
type Site struct {
	base, origin string
	assets       string // the folder of the build's files, "b/ID/"
	lessons      string // the folder of the lessons' data, "l/ID/"
	version      string // names the content of the whole site
	pages        []page
	files        map[string]file // by their place below the root
	rendered     map[string]file // pages, by their paths
}

// New makes a site out of what web/build made.
func New(built fs.FS, o Options) (*Site, error) {
	if o.Base != "" && (!strings.HasPrefix(o.Base, "/") || !strings.HasSuffix(o.Base, "/")) {
		return nil, fmt.Errorf("the base %q does not begin and end with a slash", o.Base)
	}
	marker, err := fs.ReadFile(built, Marker)
	if err != nil {
		return nil, ErrNotBuilt
	}
	id, _, _ := strings.Cut(string(marker), " ")
	s := &Site{base: o.Base, origin: o.Origin, assets: "b/" + id + "/", files: map[string]file{}, rendered: map[string]file{}}
	entries, err := fs.ReadDir(built, "b/"+id)
	if err != nil {
		return nil, fmt.Errorf("read the built site: %w", err)
	}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); ext != ".br" && ext != ".gz" {
			f := builtFile(built, s.assets+e.Name(), id)
			f.immutable = true
			s.files[s.assets+e.Name()] = f
		}
	}
	lessons, err := readAll[lesson.Lesson](built, "lessons")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lessons, func(a, b *lesson.Lesson) int { return tutorials.Place(a.ID) - tutorials.Place(b.ID) })
	for _, l := range o.Lessons {
		if slices.ContainsFunc(lessons, func(x *lesson.Lesson) bool { return x.ID == l.ID }) {
			return nil, fmt.Errorf("there are two lessons %q; give one another name", l.ID)
		}
		lessons = append(lessons, l)
	}
	documents, err := readAll[Document](built, "documents")
	if err != nil {
		return nil, err
	}
	if err := s.addLessons(lessons); err != nil {
		return nil, err
	}
	return s, s.addPages(pageList(lessons, inOrder(documents)))
}

// readAll reads the ready-made data of a folder, by the files' names.
func readAll[T any](built fs.FS, folder string) ([]*T, error) {
	names, err := fs.Glob(built, folder+"/*.json")
	if err != nil {
		return nil, err
	}
	var list []*T
	for _, name := range names {
		data, err := fs.ReadFile(built, name)
		if err != nil {
			return nil, fmt.Errorf("read the built site: %w", err)
		}
		v := new(T)
		if err := json.Unmarshal(data, v); err != nil {
			return nil, fmt.Errorf("read the built site: %s: %w", name, err)
		}
		list = append(list, v)
	}
	return list, nil
}

// inOrder puts the documents as the pages' links name them.
func inOrder(list []*Document) []Document {
	order := []string{"about", "limits", "privacy"}
	rank := func(d Document) int {
		if i := slices.Index(order, d.ID); i >= 0 {
			return i
		}
		return len(order)
	}
	var out []Document
	for _, d := range list {
		out = append(out, *d)
	}
	slices.SortStableFunc(out, func(a, b Document) int { return rank(a) - rank(b) })
	return out
}

// addLessons puts the lessons' data into a folder named by all of it, so that it
// stays with the browser for as long as no lesson changes.
func (s *Site) addLessons(list []*lesson.Lesson) error {
	data := map[string][]byte{}
	entries, all := []lesson.Entry{}, []byte{}
	for _, l := range list {
		text, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("write the lesson %s: %w", l.ID, err)
		}
		data[l.ID+".json"], all = text, append(all, text...)
		entries = append(entries, lesson.Entry{ID: l.ID, Title: l.Title, Description: l.Description, Minutes: l.Minutes, Teaches: l.Teaches, Needs: needs(l)})
	}
	index, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("write the list of lessons: %w", err)
	}
	data["index.json"] = index
	scenarios := []map[string]string{}
	for _, c := range cloud.Scenarios {
		scenarios = append(scenarios, map[string]string{"name": c.Name, "description": c.Description})
	}
	if data["scenarios.json"], err = json.Marshal(scenarios); err != nil {
		return fmt.Errorf("write the list of scenarios: %w", err)
	}
	s.lessons = "l/" + sum(append(append(all, index...), data["scenarios.json"]...)) + "/"
	for name, text := range data {
		if err := s.add(s.lessons+name, text, true); err != nil {
			return err
		}
	}
	return nil
}

// needs are the kinds of machines that a lesson is done on.
func needs(l *lesson.Lesson) (list []string) {
	for _, v := range l.Variants {
		list = append(list, v.Title)
	}
	return list
}

func (s *Site) add(name string, data []byte, immutable bool) error {
	f, err := newFile(name, data)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	f.immutable = immutable
	s.files[name] = f
	return nil
}

// addPages renders the pages and what names them: the service worker, the
// manifest, and the files for search engines.
func (s *Site) addPages(list []page) error {
	manifest, err := s.manifest()
	if err != nil {
		return err
	}
	// Named first without a name, which is made of all that would show it.
	all := []byte(assets.ServiceWorker + string(manifest))
	for _, p := range list {
		data, err := s.place(p).render()
		if err != nil {
			return err
		}
		all = append(all, data...)
	}
	s.version = sum(all)
	for _, p := range list {
		data, err := s.place(p).render()
		if err != nil {
			return err
		}
		if s.rendered[p.path], err = newFile("page.html", data); err != nil {
			return fmt.Errorf("compress the page %q: %w", p.path, err)
		}
	}
	s.pages = list
	worker, err := s.serviceWorker()
	if err != nil {
		return err
	}
	robots := "User-agent: *\nAllow: /\n"
	if s.origin != "" && s.base != "" {
		robots += "Sitemap: " + s.origin + s.base + "sitemap.xml\n"
		if err := s.add("sitemap.xml", s.sitemap(), false); err != nil {
			return err
		}
	}
	return errors.Join(s.add("sw.js", worker, false), s.add("manifest.webmanifest", manifest, false), s.add("robots.txt", []byte(robots), false))
}

// serviceWorker is the script that keeps the site, with the list of what to
// keep before it.
func (s *Site) serviceWorker() ([]byte, error) {
	list := struct {
		Version string            `json:"version"`
		Files   []string          `json:"files"` // named by their content
		Later   []string          `json:"later"` // so, too; to be loaded after them
		Loose   []string          `json:"loose"` // the others
		Pages   map[string]string `json:"pages"` // their addresses, by their paths
		Missing string            `json:"missing"`
	}{Version: s.version, Later: []string{}, Loose: []string{"manifest.webmanifest"}, Pages: map[string]string{}, Missing: notFoundPage}
	for name, f := range s.files {
		switch {
		case name == s.assets+"wide.wasm":
			list.Later = append(list.Later, name)
		case f.immutable:
			list.Files = append(list.Files, name)
		}
	}
	slices.Sort(list.Files)
	for _, p := range s.pages {
		list.Pages[p.path] = s.address(p.path)
	}
	list.Pages[notFoundPage] = notFoundPage + ".html"
	data, err := json.Marshal(list)
	return []byte("const site = " + string(data) + ";\n" + assets.ServiceWorker), err
}

// manifest describes the site to a browser that can install it.
func (s *Site) manifest() ([]byte, error) {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	icons := []icon{{Src: s.assets + "icon.svg", Sizes: "any", Type: "image/svg+xml"}}
	for _, size := range IconSizes {
		icons = append(icons, icon{fmt.Sprintf("%sicon-%d.png", s.assets, size), fmt.Sprintf("%dx%d", size, size), "image/png", "any maskable"})
	}
	return json.Marshal(map[string]any{
		"id": "./", "start_url": "./", "scope": "./", "name": siteTitle + ": managed identities, done in a tab", "short_name": siteTitle, "description": siteDescription,
		"lang": "en", "display": "standalone", "background_color": "#f6f7f9", "theme_color": "#2458e6", "icons": icons,
	})
}

func (s *Site) sitemap() []byte {
	type address struct {
		Loc string `xml:"loc"`
	}
	set := struct {
		XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URL     []address `xml:"url"`
	}{}
	for _, p := range s.pages {
		if p.path != notFoundPage {
			set.URL = append(set.URL, address{s.origin + s.base + p.path})
		}
	}
	data, _ := xml.Marshal(set) // strings alone: cannot fail
	return append([]byte(xml.Header), data...)
}
