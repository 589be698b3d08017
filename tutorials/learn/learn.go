// Package learn reads Microsoft Learn's dialect of Markdown into sections of
// blocks: sanitised HTML, and code whose placeholders and colours are marked.
// It runs when a site is built, not in the tab. It must not know lessons.
//
// Raw HTML is left out. Of the dialect it knows front matter, alerts
// ("> [!NOTE]"), div blocks ("> [!div class=…]"), images (":::image:::"), tabs
// ("# [Portal](#tab/portal)" up to "---") and tables; links that are neither relative nor http, https or mailto lose their
// target.
package learn

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"skylab/tutorials/lesson"
)

// Article is a document taken apart.
type Article struct {
	Meta     map[string]string // the front matter's single-line values
	Sections []Section
}

// Section is a heading with what follows it; the first section of a document
// may have no heading.
type Section struct {
	Heading string
	Level   int
	Line    int // of the heading in the source, counted from 1
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

// Parse reads an article.
func Parse(source []byte) (Article, error) {
	a := Article{Meta: map[string]string{}, Sections: []Section{{Line: 1}}}
	body, offset := a.frontMatter(source)
	body = images.ReplaceAllFunc(body, imageMarkdown)
	doc := markdown.Parser().Parse(text.NewReader(body))
	var tabs *lesson.Block // the group of tabs that is open
	closeTabs := func() {
		if tabs != nil {
			s := &a.Sections[len(a.Sections)-1]
			s.Blocks = append(s.Blocks, *tabs)
			tabs = nil
		}
	}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
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
			a.Sections = append(a.Sections, Section{Heading: plainText(h, body), Level: h.Level, Line: offset + lineOf(h, body)})
			continue
		}
		block, err := render(n, body)
		if err != nil {
			return a, err
		}
		switch {
		case block == nil:
		case tabs != nil:
			t := &tabs.Tabs[len(tabs.Tabs)-1]
			t.Blocks = append(t.Blocks, *block)
		default:
			s := &a.Sections[len(a.Sections)-1]
			s.Blocks = append(s.Blocks, *block)
		}
	}
	closeTabs()
	if len(a.Sections[0].Blocks) == 0 && len(a.Sections) > 1 {
		a.Sections = a.Sections[1:]
	}
	return a, nil
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

var frontLine = regexp.MustCompile(`^([A-Za-z.]+):\s*(.*)$`)

// frontMatter takes the block between two lines of dashes off a document and
// returns the rest with the number of lines taken.
func (a *Article) frontMatter(source []byte) ([]byte, int) {
	rest, ok := bytes.CutPrefix(source, []byte("---\n"))
	if !ok {
		return source, 0
	}
	end := bytes.Index(rest, []byte("\n---"))
	if end < 0 {
		return source, 0
	}
	head := string(rest[:end])
	for _, line := range strings.Split(head, "\n") {
		if m := frontLine.FindStringSubmatch(line); m != nil {
			a.Meta[m[1]] = strings.Trim(m[2], `"`)
		}
	}
	rest = rest[end+len("\n---"):]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[i+1:]
	}
	return rest, strings.Count(head, "\n") + 3
}

var (
	images   = regexp.MustCompile(`:::image\s+([^\n]*?):::`)
	imageAlt = regexp.MustCompile(`alt-text="([^"]*)"`)
	alert    = regexp.MustCompile(`^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION|DIV[^\]]*|div[^\]]*)\]`)
	// Placeholder is how articles write what a reader must fill in.
	placeholder = regexp.MustCompile(`<[A-Z][A-Z0-9 _-]*[A-Z0-9]>`)
)

// imageMarkdown turns an image into its description: the pictures of an article
// are of a portal that a lesson shows itself.
func imageMarkdown(m []byte) []byte {
	if alt := imageAlt.FindSubmatch(m); alt != nil {
		return []byte("*" + string(alt[1]) + "*")
	}
	return nil
}

func lineOf(n ast.Node, source []byte) int {
	if n.Lines().Len() == 0 {
		return 1
	}
	return bytes.Count(source[:n.Lines().At(0).Start], []byte("\n")) + 1
}

// plainText is the text of a node without its marks.
func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && in {
			b.Write(t.Segment.Value(source))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

func render(n ast.Node, source []byte) (*lesson.Block, error) {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		return nil, nil
	case *ast.FencedCodeBlock:
		return &lesson.Block{Snippet: snippet(string(n.Language(source)), lines(n, source))}, nil
	case *ast.CodeBlock:
		return &lesson.Block{Snippet: snippet("", lines(n, source))}, nil
	case *ast.Blockquote:
		if m := alert.FindStringSubmatch(strings.TrimSpace(plainText(n, source))); m != nil {
			return quoted(n, m[1], source)
		}
	}
	out, err := toHTML(n, source)
	return &lesson.Block{HTML: out}, err
}

func lines(n ast.Node, source []byte) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		l := n.Lines().At(i)
		b.Write(l.Value(source))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// toHTML renders a node safely: raw HTML within it is left out, and so are
// targets of links that no lesson needs.
func toHTML(n ast.Node, source []byte) (string, error) {
	_ = ast.Walk(n, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && in && !safeLink(string(l.Destination)) {
			l.Destination = nil
		}
		if i, ok := n.(*ast.Image); ok && in {
			i.Destination = nil
		}
		return ast.WalkContinue, nil
	})
	var b bytes.Buffer
	if err := markdown.Renderer().Render(&b, source, n); err != nil {
		return "", fmt.Errorf("render an article: %w", err)
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "<!-- raw HTML omitted -->", "")), nil
}

func safeLink(target string) bool {
	u, err := url.Parse(target)
	return err == nil && (u.Scheme == "" && u.Host == "" || u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto")
}

// titles of alerts, for people.
var titles = map[string]string{"NOTE": "Note", "TIP": "Tip", "IMPORTANT": "Important", "WARNING": "Warning", "CAUTION": "Caution"}

// quoted renders an alert or a div block.
func quoted(n *ast.Blockquote, kind string, source []byte) (*lesson.Block, error) {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		out, err := toHTML(c, source)
		if err != nil {
			return nil, err
		}
		b.WriteString(out)
	}
	inner := alertText.ReplaceAllString(b.String(), "<p>")
	title, ok := titles[kind]
	if !ok {
		return &lesson.Block{HTML: inner}, nil
	}
	return &lesson.Block{HTML: fmt.Sprintf(`<div class="note %s"><p class="note-title">%s</p>%s</div>`, strings.ToLower(kind), html.EscapeString(title), inner)}, nil
}

var alertText = regexp.MustCompile(`^<p>\[![^\]]*\]\s*`)

// snippet highlights code and marks its placeholders.
func snippet(lang, code string) *lesson.Snippet {
	lang, _, _ = strings.Cut(strings.ToLower(lang), " ")
	s := &lesson.Snippet{Lang: lang}
	lexer := lexers.Get(lang)
	if lexer == nil {
		s.Parts = split(code, nil)
		return s
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		s.Parts = split(code, nil)
		return s
	}
	classes := make([]string, 0, len(code))
	for _, t := range tokens.Tokens() {
		for range t.Value {
			classes = append(classes, chroma.StandardTypes[t.Type])
		}
	}
	s.Parts = split(code, classes)
	return s
}

// split cuts code where its class changes and at placeholders, which may lie
// across several tokens.
func split(code string, classes []string) []lesson.Part {
	var out []lesson.Part
	runes := []rune(code)
	class := func(i int) string {
		if i < len(classes) {
			return classes[i]
		}
		return ""
	}
	plain := func(from, to int) {
		for i := from; i < to; {
			j := i
			for j < to && class(j) == class(i) {
				j++
			}
			out = append(out, lesson.Part{Text: string(runes[i:j]), Class: class(i)})
			i = j
		}
	}
	at := 0
	for _, m := range placeholder.FindAllStringIndex(code, -1) {
		from, to := len([]rune(code[:m[0]])), len([]rune(code[:m[1]]))
		plain(at, from)
		out = append(out, lesson.Part{Text: string(runes[from:to]), Field: strings.Trim(string(runes[from:to]), "<>")})
		at = to
	}
	plain(at, len(runes))
	return out
}
