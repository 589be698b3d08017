package learn

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Fault is something that an article has wrong.
type Fault struct {
	File string
	Line int // counted from 1
	Text string
}

func (f Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Faults are all faults of an article, in the order of its lines.
type Faults []Fault

func (f Faults) Error() string {
	var lines []string
	for _, x := range f {
		lines = append(lines, x.Error())
	}
	return strings.Join(lines, "\n")
}

// maxDepth is how deep includes may lie in one another, maxLines how many lines
// an article may grow to by them, maxBytes how much may be read for it.
const (
	maxDepth = 10
	maxLines = 50_000
	maxBytes = 4 << 20
)

// line is a line of an article with the place that it came from.
type line struct {
	text string
	file string
	at   int
}

// reader turns the dialect's own marks into what a reader of plain Markdown
// leaves alone: zones and monikers into comments that [Parse] knows again,
// everything else into Markdown.
type reader struct {
	files  fs.FS // nil: there are none, and what would be read is left out
	bytes  *int  // read from files so far
	prefix string
	faults Faults
	out    []line
	stack  []string // files that are being read, the innermost last
	zone   *line    // where the open zone began
	spans  []line   // where open monikers and rows began
}

func (r *reader) fault(at line, format string, args ...any) {
	r.faults = append(r.faults, Fault{path.Join(r.prefix, at.file), at.at, fmt.Sprintf(format, args...)})
}

var (
	quotePrefix = regexp.MustCompile(`^[ \t>]*`)
	fenceMark   = regexp.MustCompile("^(`{3,}|~{3,})(.*)$")
	include     = regexp.MustCompile(`(?i)\[!include\s*\[[^\]]*\]\s*\(\s*([^)\s]+)(?:\s+"[^"]*")?\s*\)\s*\]`)
	codeLink    = regexp.MustCompile(`(?i)\[!code(?:-([a-z0-9#+-]+))?\s*\[[^\]]*\]\s*\(\s*([^)\s]+)(?:\s+"[^"]*")?\s*\)\s*\]`)
	video       = regexp.MustCompile(`(?i)\[!video\s+([^\]\s]+)\s*\]`)
	control     = regexp.MustCompile(`(?i)\[!(uicontrol|dnl)\s+([^\]]+)\]`)
	colons      = regexp.MustCompile(`^:::\s*([A-Za-z-]+)(.*?)\s*(?::::)?\s*$`)
	inColons    = regexp.MustCompile(`:::\s*(image|no-loc|video)\s+([^\n]*?):::`)
	attribute   = regexp.MustCompile(`([A-Za-z-]+)\s*=\s*"([^"]*)"`)
	pivotName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// The comments that stand for zones. An author who writes one by hand has
// written a zone.
const (
	zoneComment    = "<!--zone "
	zoneEndComment = "<!--zone-end-->"
)

// attributes reads name="value" pairs.
func attributes(s string) map[string]string {
	out := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(s, -1) {
		out[strings.ToLower(m[1])] = html.UnescapeString(m[2])
	}
	return out
}

// read adds a file's lines to the article.
func (r *reader) read(file, text string, skipped int, prefix string) {
	r.stack = append(r.stack, file)
	defer func() { r.stack = r.stack[:len(r.stack)-1] }()
	var fence string
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if len(r.out) > maxLines {
			return
		}
		at := line{lines[i], file, skipped + i + 1}
		lead := quotePrefix.FindString(at.text)
		body := at.text[len(lead):]
		if m := fenceMark.FindStringSubmatch(body); m != nil {
			switch {
			case fence == "":
				fence = m[1]
			case strings.HasPrefix(m[1], fence) && strings.TrimSpace(m[2]) == "":
				fence = ""
			}
			r.add(at, prefix+at.text)
			continue
		}
		if fence != "" {
			r.add(at, prefix+at.text)
			continue
		}
		if strings.HasPrefix(body, ":::") && !strings.Contains(body[3:], ":::") && unfinished(body) {
			// An image's or a code's attributes may run over several lines.
			for n := 1; n < 12 && i+n < len(lines); n++ {
				if more := strings.TrimSpace(lines[i+n]); strings.HasSuffix(more, ":::") {
					body += " " + strings.Join(lines[i+1:i+n+1], " ")
					i += n
					break
				}
			}
		}
		r.line(at, prefix+lead, body)
	}
	if fence != "" && len(r.stack) > 1 {
		r.add(line{"", file, skipped + len(lines)}, prefix+fence)
	}
}

// unfinished says that a directive is one of those that end with colons.
func unfinished(body string) bool {
	m := colons.FindStringSubmatch(body)
	return m != nil && slices.Contains([]string{"image", "code", "video", "no-loc"}, strings.ToLower(m[1]))
}

func (r *reader) add(at line, text string) { r.out = append(r.out, line{text, at.file, at.at}) }

// line adds one line that is no code.
func (r *reader) line(at line, lead, body string) {
	if m := include.FindStringSubmatch(body); m != nil && strings.TrimSpace(body) == m[0] {
		if text, name, skipped, ok := r.open(at, m[1]); ok {
			r.read(name, text, skipped, lead)
		} else {
			r.add(at, strings.TrimRight(lead, " "))
		}
		return
	}
	body = include.ReplaceAllStringFunc(body, func(s string) string { // within a sentence
		text, name, skipped, ok := r.open(at, include.FindStringSubmatch(s)[1])
		if !ok {
			return ""
		}
		sub := &reader{files: r.files, bytes: r.bytes, prefix: r.prefix, stack: r.stack}
		sub.read(name, text, skipped, "")
		sub.finish()
		r.faults = append(r.faults, sub.faults...)
		var words []string
		for _, l := range sub.out {
			words = append(words, strings.TrimSpace(l.text))
		}
		return strings.TrimSpace(strings.Join(words, " "))
	})
	if m := codeLink.FindStringSubmatch(body); m != nil {
		file, query, _ := strings.Cut(m[2], "?")
		a := map[string]string{"language": m[1], "source": file}
		for _, p := range strings.Split(query, "&") {
			k, v, _ := strings.Cut(p, "=")
			a[strings.ToLower(k)] = v
		}
		r.code(at, lead, a)
		return
	}
	if strings.HasPrefix(body, ":::") {
		if m := colons.FindStringSubmatch(body); m != nil && r.directive(at, lead, strings.ToLower(m[1]), m[2], body) {
			return
		}
	}
	body = inColons.ReplaceAllStringFunc(body, func(s string) string {
		m := inColons.FindStringSubmatch(s)
		a := attributes(m[2])
		switch m[1] {
		case "no-loc":
			return escapeMarkdown(a["text"])
		case "video":
			return videoLink(a["source"], a["title"])
		}
		return described(a["alt-text"])
	})
	body = video.ReplaceAllStringFunc(body, func(s string) string { return videoLink(video.FindStringSubmatch(s)[1], "") })
	body = control.ReplaceAllStringFunc(body, func(s string) string {
		m := control.FindStringSubmatch(s)
		if strings.EqualFold(m[1], "dnl") {
			return m[2]
		}
		return "**" + m[2] + "**"
	})
	r.add(at, lead+body)
}

// directive handles a line of colons; false means that it is none.
func (r *reader) directive(at line, lead, name, rest, body string) bool {
	a := attributes(rest)
	comment := func(text string) { // a comment between blank lines stands by itself
		r.add(at, "")
		r.add(at, text)
		r.add(at, "")
	}
	switch name {
	case "zone":
		pivots := pivotList(a["pivot"])
		switch {
		case r.zone != nil:
			r.fault(at, "a zone begins within the zone of line %d", r.zone.at)
		case len(pivots) == 0 && a["target"] == "":
			r.fault(at, `a zone must name its pivots: pivot="…"`)
		}
		r.zone = &at
		comment(zoneComment + strings.Join(pivots, ",") + "-->")
	case "zone-end":
		if r.zone == nil {
			r.fault(at, "a zone ends that did not begin")
		}
		r.zone = nil
		comment(zoneEndComment)
	case "moniker", "row":
		if name == "moniker" {
			if a["range"] == "" {
				r.fault(at, `a moniker must name its versions: range="…"`)
			}
			r.add(at, "")
			r.add(at, "*Applies to: "+escapeMarkdown(a["range"])+"*")
		}
		at.text = name
		r.spans = append(r.spans, at)
		r.add(at, "")
	case "moniker-end", "row-end":
		n := len(r.spans)
		if n == 0 || r.spans[n-1].text+"-end" != name {
			r.fault(at, "a %s ends that did not begin", strings.TrimSuffix(name, "-end"))
		} else {
			r.spans = r.spans[:n-1]
		}
		r.add(at, "")
	case "column", "column-end", "form", "image-end": // layout alone
		r.add(at, "")
	case "image":
		if strings.Count(body, ":::") > 2 || strings.TrimSpace(afterColons(body)) != "" {
			return false // more stands on the line
		}
		r.add(at, lead+described(a["alt-text"]))
		if a["type"] == "complex" {
			r.add(at, "")
		}
	case "video":
		r.add(at, lead+videoLink(a["source"], a["title"]))
	case "code":
		r.code(at, lead, a)
	case "no-loc":
		return false
	default:
		r.fault(at, "the directive :::%s is not known", name)
		r.add(at, lead)
	}
	return true
}

// afterColons is what stands after a directive's closing colons.
func afterColons(body string) string {
	i := strings.Index(body[3:], ":::")
	if i < 0 {
		return ""
	}
	return body[3+i+3:]
}

func pivotList(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); pivotName.MatchString(p) {
			out = append(out, p)
		}
	}
	return out
}

// described is a picture's description in its place: the pictures of an article
// are of a portal that a lesson shows itself.
func described(alt string) string {
	if alt = strings.TrimSpace(alt); alt == "" {
		return ""
	}
	return "*" + escapeMarkdown(alt) + "*"
}

// videoLink links to a video, which no page of ours embeds.
func videoLink(source, title string) string {
	if title == "" {
		title = "Video"
	}
	if !strings.HasPrefix(source, "https://") || !safeLink(source) || strings.ContainsAny(source, "<> \t") {
		return escapeMarkdown(title)
	}
	return "[" + escapeMarkdown(title) + "](<" + source + ">)"
}

var special = regexp.MustCompile("[\\\\`*_{}\\[\\]()#+.!|<>~:-]")

// escapeMarkdown makes plain text of a value.
func escapeMarkdown(s string) string { return special.ReplaceAllString(s, `\$0`) }

// locate resolves a link of a file to a name below the tree's root; "~" is the
// root. It never leads outside.
func (r *reader) locate(at line, target string) (string, bool) {
	name := target
	switch {
	case strings.HasPrefix(target, "~/"):
		name = target[2:]
	case strings.HasPrefix(target, "/") || strings.Contains(target, ":") || strings.Contains(target, `\`):
		r.fault(at, "%s is no path within the article's folder", target)
		return "", false
	default:
		name = path.Join(path.Dir(at.file), target)
	}
	if name = path.Clean(name); !fs.ValidPath(name) || name == "." {
		r.fault(at, "%s leads out of the article's folder", target)
		return "", false
	}
	return name, true
}

// load reads a file of the tree.
func (r *reader) load(at line, name string) (string, bool) {
	data, err := fs.ReadFile(r.files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fault(at, "the file %s does not exist", path.Join(r.prefix, name))
	case err != nil:
		r.fault(at, "the file %s cannot be read: %v", path.Join(r.prefix, name), err)
	default:
		if *r.bytes += len(data); *r.bytes > maxBytes {
			r.fault(at, "with the file %s the article has more than %d MB", path.Join(r.prefix, name), maxBytes>>20)
			return "", false
		}
		return clean(data), true
	}
	return "", false
}

// open reads an included file without its front matter; skipped is how many
// lines that had.
func (r *reader) open(at line, target string) (text, name string, skipped int, ok bool) {
	if r.files == nil {
		return
	}
	if name, ok = r.locate(at, target); !ok {
		return
	}
	switch {
	case !strings.HasSuffix(strings.ToLower(name), ".md"):
		r.fault(at, "%s is not Markdown: an include must end with .md", target)
	case slices.Contains(r.stack, name):
		r.fault(at, "%s includes itself: %s", name, strings.Join(append(slices.Clone(r.stack), name), " → "))
	case len(r.stack) > maxDepth:
		r.fault(at, "includes lie more than %d deep", maxDepth)
	default:
		if text, ok = r.load(at, name); ok {
			_, text, skipped = frontMatter(text)
			return text, name, skipped, true
		}
	}
	return "", "", 0, false
}

// clean drops a byte-order mark and carriage returns.
func clean(data []byte) string {
	s := strings.TrimPrefix(string(data), "\ufeff")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\x00", "\ufffd")
}

// finish reports what was never closed.
func (r *reader) finish() {
	if r.zone != nil {
		r.fault(*r.zone, "the zone that begins here never ends")
	}
	for _, s := range r.spans {
		r.fault(s, "the %s that begins here never ends", s.text)
	}
}

// Pivot is one of the versions of an article whose zones tell them apart.
type Pivot struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
}

// pivotFile is where Learn keeps the names of pivots: at the tree's root.
const pivotFile = "zone-pivot-groups.yml"

// pivots returns the pivots of the groups that an article names, from the file
// of groups where there is one, and those that its zones use besides, in the
// order in which they come.
func (r *reader) pivots(groups string, used []string) []Pivot {
	var out []Pivot
	if r.files != nil && groups != "" {
		var f struct {
			Groups []struct {
				ID     string  `yaml:"id"`
				Pivots []Pivot `yaml:"pivots"`
			} `yaml:"groups"`
		}
		if data, err := fs.ReadFile(r.files, pivotFile); err == nil {
			if err := yaml.Unmarshal(data, &f); err != nil {
				r.fault(line{file: pivotFile, at: 1}, "%s", strings.SplitN(err.Error(), "\n", 2)[0])
			}
		}
		named := strings.Split(strings.ReplaceAll(groups, " ", ""), ",")
		for _, g := range f.Groups {
			if slices.Contains(named, g.ID) {
				out = append(out, g.Pivots...)
			}
		}
	}
	for _, id := range used {
		if !slices.ContainsFunc(out, func(p Pivot) bool { return p.ID == id }) {
			out = append(out, Pivot{ID: id})
		}
	}
	for i, p := range out {
		if p.Title == "" {
			out[i].Title = strings.ReplaceAll(p.ID, "-", " ")
		}
	}
	return out
}
