// Package learn reads Microsoft Learn's dialect of Markdown into sections of
// blocks: sanitised HTML, and code whose placeholders and colours are marked.
// It runs when a site is built, not in the tab. It must not know lessons.
//
// Raw HTML is left out, but for line breaks. Of the dialect it knows
//
//   - front matter, of which it keeps the single-line values;
//   - alerts ("> [!NOTE]") and div blocks ("> [!div class=…]"), of which
//     checklists and next steps keep their class;
//   - tabs ("# [Portal](#tab/portal)" up to "---");
//   - zones ("::: zone pivot=…"): what lies in one carries its pivots, whose
//     names come from zone-pivot-groups.yml at the tree's root;
//   - monikers ("::: moniker range=…"): all versions stay, each under its range;
//   - includes ("[!INCLUDE [x](path)]", on a line or in a sentence) and code from
//     files (":::code source=…:::", "[!code-bash[x](path)]"), read from the
//     article's own tree and never from outside it;
//   - pictures, which become their descriptions, and videos, which become links;
//   - rows and columns, whose layout is dropped;
//   - the languages of fences with "-interactive" and highlight;
//   - [!UICONTROL], [!DNL], no-loc and xref.
//
// Links that are neither relative nor http, https or mailto lose their target.
package learn

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"skylab/tutorials/lesson"
)

// Article is a document taken apart.
type Article struct {
	Meta     map[string]string // the front matter's single-line values
	Pivots   []Pivot           // of its zones; the first is shown if none is chosen
	Sections []Section
}

// Section is a heading with what follows it; the first section of a document
// may have no heading.
type Section struct {
	Heading string
	Level   int
	File    string // of the heading: the article's own, or one it includes
	Line    int    // of the heading in its file, counted from 1
	Pivots  []string
	Blocks  []lesson.Block
}

// Title returns the text of the first heading of level 1, or "".
func (a Article) Title() string {
	for _, s := range a.Sections {
		if s.Level == 1 {
			return s.Heading
		}
	}
	return ""
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.TaskList))

// Parse reads an article that stands alone: what it would take from other files
// is left out. The error is [Faults]; the article is what could be read.
func Parse(source []byte) (Article, error) {
	return parse(&reader{}, "article.md", source)
}

// ParseFile reads an article of a tree. What it includes must lie in the tree,
// whose root is also what "~" means in a path. prefix is put before the names of
// files in faults.
func ParseFile(tree fs.FS, name, prefix string) (Article, error) {
	source, err := fs.ReadFile(tree, name)
	if err != nil {
		return Article{}, err
	}
	return parse(&reader{files: tree, bytes: new(int), prefix: prefix}, name, source)
}

func parse(r *reader, name string, source []byte) (Article, error) {
	meta, body, skipped := frontMatter(clean(source))
	r.read(name, body, skipped, "")
	r.finish()
	var all []string
	for _, l := range r.out {
		all = append(all, l.text)
	}
	a, used, err := assemble([]byte(strings.Join(all, "\n")), r.out, name)
	if err != nil {
		return a, err
	}
	a.Meta = meta
	a.Pivots = r.pivots(meta["zone_pivot_groups"], used)
	if len(r.faults) > 0 {
		return a, r.faults
	}
	return a, nil
}

// assemble takes plain Markdown apart. origin tells where its lines came from;
// used are the pivots that its zones name.
func assemble(body []byte, origin []line, name string) (a Article, used []string, err error) {
	a.Sections = []Section{{File: name, Line: 1}}
	doc := markdown.Parser().Parse(text.NewReader(body))
	var pivots []string    // of the zone that is open
	var tabs *lesson.Block // the group of tabs that is open
	add := func(b lesson.Block) {
		s := &a.Sections[len(a.Sections)-1]
		b.Pivots = pivots
		s.Blocks = append(s.Blocks, b)
	}
	closeTabs := func() {
		if tabs != nil {
			add(*tabs)
			tabs = nil
		}
	}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if zone, is := zoneOf(n, body); is {
			closeTabs()
			pivots = zone
			for _, p := range zone {
				if !slices.Contains(used, p) {
					used = append(used, p)
				}
			}
			continue
		}
		h, isHeading := n.(*ast.Heading)
		_, isBreak := n.(*ast.ThematicBreak)
		switch {
		case isHeading && tabID(h) != "":
			if tabs == nil {
				tabs = &lesson.Block{}
			}
			tabs.Tabs = append(tabs.Tabs, lesson.Tab{ID: tabID(h), Title: plainText(h, body)})
			continue
		case isBreak && tabs != nil:
			closeTabs()
			continue
		case isHeading && (tabs == nil || h.Level < 3): // deeper ones may stand in a tab
			closeTabs()
			s := Section{Heading: plainText(h, body), Level: h.Level, File: name, Line: 1, Pivots: pivots}
			if at := lineOf(h, body); at <= len(origin) {
				s.File, s.Line = origin[at-1].file, origin[at-1].at
			}
			a.Sections = append(a.Sections, s)
			continue
		}
		block, err := render(n, body)
		switch {
		case err != nil:
			return a, nil, err
		case block == nil:
		case tabs != nil:
			t := &tabs.Tabs[len(tabs.Tabs)-1]
			t.Blocks = append(t.Blocks, *block)
		default:
			add(*block)
		}
	}
	closeTabs()
	if len(a.Sections[0].Blocks) == 0 && len(a.Sections) > 1 {
		a.Sections = a.Sections[1:]
	}
	return a, used, nil
}

// zoneOf reads the comment that begins or ends a zone.
func zoneOf(n ast.Node, source []byte) (pivots []string, is bool) {
	h, ok := n.(*ast.HTMLBlock)
	if !ok {
		return nil, false
	}
	text := strings.TrimSpace(lines(h, source))
	if text == zoneEndComment {
		return nil, true
	}
	list, ok := strings.CutPrefix(text, zoneComment)
	if !ok {
		return nil, false
	}
	return pivotList(strings.TrimSuffix(list, "-->")), true
}

// tabID is the name of the tab that a heading begins: "# [Portal](#tab/portal)".
func tabID(h *ast.Heading) string {
	l, ok := h.FirstChild().(*ast.Link)
	if !ok || l.NextSibling() != nil {
		return ""
	}
	id, ok := strings.CutPrefix(string(l.Destination), "#tab/")
	if !ok {
		return ""
	}
	id, _, _ = strings.Cut(id, "/") // what follows is a condition on another tab
	return id
}

var frontLine = regexp.MustCompile(`^([A-Za-z_.]+):\s*(.*)$`)

// frontMatter takes the block between two lines of dashes off a document and
// returns its single-line values, the rest, and the number of lines taken.
func frontMatter(source string) (meta map[string]string, body string, skipped int) {
	meta = map[string]string{}
	rest, ok := strings.CutPrefix(source, "---\n")
	if !ok {
		return meta, source, 0
	}
	head, body, ok := strings.Cut("\n"+rest, "\n---")
	if !ok {
		return meta, source, 0
	}
	for _, l := range strings.Split(head, "\n") {
		if m := frontLine.FindStringSubmatch(l); m != nil {
			meta[m[1]] = strings.Trim(strings.TrimSpace(m[2]), `"'`)
		}
	}
	_, body, _ = strings.Cut(body, "\n")
	return meta, body, strings.Count(head, "\n") + 2
}

// lineOf is the line of a node, counted from 1.
func lineOf(n ast.Node, source []byte) int {
	if n.Lines().Len() == 0 {
		return 1
	}
	return strings.Count(string(source[:n.Lines().At(0).Start]), "\n") + 1
}

// plainText is the text of a node without its marks.
func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		switch t := n.(type) {
		case *ast.Text:
			if in {
				b.Write(t.Segment.Value(source))
				if t.SoftLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if in {
				b.Write(t.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
