package learn

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"

	"skylab/tutorials/lesson"
)

// alert begins a blockquote that is an alert or a div block.
var alert = regexp.MustCompile(`(?i)^\[!(note|tip|important|warning|caution|div[^\]]*)\]`)

func render(n ast.Node, source []byte) (*lesson.Block, error) {
	switch n := n.(type) {
	case *ast.HTMLBlock, *ast.LinkReferenceDefinition:
		return nil, nil
	case *ast.FencedCodeBlock:
		info := ""
		if n.Info != nil {
			info = string(n.Info.Value(source))
		}
		return &lesson.Block{Snippet: snippet(info, lines(n, source))}, nil
	case *ast.CodeBlock:
		return &lesson.Block{Snippet: snippet("", lines(n, source))}, nil
	case *ast.Blockquote:
		if m := alert.FindStringSubmatch(strings.TrimSpace(plainText(n, source))); m != nil {
			return quoted(n, m[1], source)
		}
	case *ast.List:
		if holdsCode(n) {
			return list(n, source)
		}
	}
	out, err := toHTML(n, source)
	if err != nil || strings.TrimSpace(emptyText.ReplaceAllString(out, "")) == "" {
		return nil, err
	}
	return &lesson.Block{HTML: out}, nil
}

// holdsCode reports whether a list has a fence in one of its items, at any
// depth.
func holdsCode(n ast.Node) bool {
	found := false
	_ = ast.Walk(n, func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		if _, found = n.(*ast.FencedCodeBlock); found {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return found
}

func list(n *ast.List, source []byte) (*lesson.Block, error) {
	l := &lesson.List{Ordered: n.IsOrdered(), Start: n.Start}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		blocks := []lesson.Block{}
		for c := item.FirstChild(); c != nil; {
			next := c.NextSibling() // rendering may replace c
			b, err := render(c, source)
			if err != nil {
				return nil, err
			}
			if b != nil {
				blocks = append(blocks, *b)
			}
			c = next
		}
		l.Items = append(l.Items, blocks)
	}
	return &lesson.Block{List: l}, nil
}

var emptyText = regexp.MustCompile(`<p>\s*</p>`)

func lines(n ast.Node, source []byte) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		l := n.Lines().At(i)
		b.Write(l.Value(source))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var lineBreak = regexp.MustCompile(`(?i)^<br\s*/?>$`)

// toHTML renders a node safely: raw HTML within it is left out, and so are
// targets of links that no lesson needs. Pictures become their descriptions.
func toHTML(n ast.Node, source []byte) (string, error) {
	var swap []func()
	root := n
	err := ast.Walk(n, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if !in {
			return ast.WalkContinue, nil
		}
		replace := func(with ast.Node) {
			swap = append(swap, func() { n.Parent().ReplaceChild(n.Parent(), n, with) })
		}
		switch x := n.(type) {
		case *ast.Blockquote: // an alert within a list
			m := alert.FindStringSubmatch(strings.TrimSpace(plainText(x, source)))
			if m == nil || n == root {
				break
			}
			block, err := quoted(x, m[1], source)
			if err != nil {
				return ast.WalkStop, err
			}
			inner := ""
			if block != nil {
				inner = block.HTML + "\n"
			}
			replace(verbatim(inner))
			return ast.WalkSkipChildren, nil
		case *ast.Link:
			if !safeLink(string(x.Destination)) {
				x.Destination = nil
			}
		case *ast.AutoLink:
			if x.AutoLinkType == ast.AutoLinkURL && !safeLink(string(x.URL(source))) {
				replace(verbatim(html.EscapeString(strings.TrimPrefix(string(x.Label(source)), "xref:"))))
			}
		case *ast.Image:
			with := ast.NewEmphasis(1)
			swap = append(swap, func() {
				for c := x.FirstChild(); c != nil; c = x.FirstChild() {
					with.AppendChild(with, c)
				}
				x.Parent().ReplaceChild(x.Parent(), x, with)
			})
		case *ast.RawHTML:
			var text strings.Builder
			for i := range x.Segments.Len() {
				s := x.Segments.At(i)
				text.Write(s.Value(source))
			}
			switch tag := text.String(); {
			case lineBreak.MatchString(tag):
				replace(verbatim("<br>"))
			case placeholder.FindString(tag) == tag: // what looks like a tag is a placeholder
				replace(verbatim(html.EscapeString(tag)))
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	for _, f := range swap {
		f()
	}
	var b bytes.Buffer
	if err := markdown.Renderer().Render(&b, source, n); err != nil {
		return "", fmt.Errorf("render an article: %w", err)
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "<!-- raw HTML omitted -->", "")), nil
}

// verbatim is a node that renders as just this HTML.
func verbatim(html string) ast.Node {
	s := ast.NewString([]byte(html))
	s.SetCode(true)
	return s
}

func safeLink(target string) bool {
	u, err := url.Parse(target)
	if err != nil || strings.ContainsAny(u.Host, "\"<>\\^`{|} %") {
		return false
	}
	return u.Scheme == "" && u.Host == "" || u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto"
}

// titles of alerts, for people.
var titles = map[string]string{"note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning", "caution": "Caution"}

// divs are the classes of div blocks that mean something, with our names.
var divs = map[string]string{"checklist": "checklist", "nextstepaction": "next-step"}

var divClass = regexp.MustCompile(`(?i)class\s*=\s*"([^"]*)"`)

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
	inner := emptyText.ReplaceAllString(alertText.ReplaceAllString(b.String(), "<p>"), "")
	if title, ok := titles[strings.ToLower(kind)]; ok {
		return &lesson.Block{HTML: fmt.Sprintf(`<div class="note %s"><p class="note-title">%s</p>%s</div>`, strings.ToLower(kind), html.EscapeString(title), inner)}, nil
	}
	if strings.TrimSpace(inner) == "" {
		return nil, nil
	}
	if m := divClass.FindStringSubmatch(html.UnescapeString(kind)); m != nil {
		if class, ok := divs[strings.ToLower(strings.TrimSpace(m[1]))]; ok {
			inner = `<div class="` + class + `">` + inner + `</div>`
		}
	}
	return &lesson.Block{HTML: inner}, nil
}

var alertText = regexp.MustCompile(`^<p>\[![^\]]*\]\s*(<br>)?\s*`)
