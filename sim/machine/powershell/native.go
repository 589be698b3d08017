package powershell

import (
	"slices"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// programStage is a native program of a pipeline.
type programStage struct {
	c     *ctx
	k     *call
	p     Process
	input []any
}

func (c *ctx) programStage(path string, args []arg, k *call) (stage, error) {
	st := &programStage{c: c, k: k, p: Process{Path: path}}
	words := c.nativeWords(args)
	if !c.s.cfg.Windows {
		st.p.Args = c.unixArgs(words)
		return st, nil
	}
	st.p.Line = c.windowsLine(words)
	st.p.Args = SplitLine(st.p.Line)
	return st, nil
}

// nativeWord is a word of a native program's command line.
type nativeWord struct {
	text     string
	bare     bool // written without quotes
	verbatim bool // after --%
	glued    bool // goes on with the word before it
}

// nativeWords writes arguments as words. An array's items are words of their
// own, but for one that is written with commas and nothing between: a,b.
func (c *ctx) nativeWords(args []arg) (words []nativeWord) {
	verbatim := false
	for _, a := range args {
		glued := false
		if a.named {
			name := "-" + a.name
			if a.name == "-" {
				name = "--"
			}
			if a.given {
				name += ":"
				glued = true
			}
			words = append(words, nativeWord{text: name, bare: true})
			if !a.given {
				continue
			}
		}
		s, isString := a.node.(*syntax.StringExpr)
		bare := isString && s.Bare
		if bare && s.Value == "--%" && !verbatim {
			verbatim = true
			continue
		}
		if a.raw {
			words = append(words, nativeWord{text: a.text, bare: true, glued: glued})
			continue
		}
		items, many := object.Items(object.Base(a.value))
		if !many {
			items = []any{a.value}
		}
		var texts []string
		for _, x := range items {
			texts = append(texts, c.text(x))
		}
		if l, ok := a.node.(*syntax.ArrayLiteral); ok && !strings.ContainsAny(c.src.Slice(l.Span), " \t\r\n") {
			texts = []string{strings.Join(texts, ",")}
		}
		for i, t := range texts {
			words = append(words, nativeWord{t, bare, verbatim, glued && i == 0})
		}
	}
	return words
}

// unixArgs are the arguments on Linux: as they are, with ~ and patterns of bare
// words expanded.
func (c *ctx) unixArgs(words []nativeWord) (out []string) {
	for _, w := range words {
		switch {
		case w.glued && len(out) > 0:
			out[len(out)-1] += w.text
		case w.verbatim:
			out = append(out, SplitLine(c.s.expandPercent(w.text))...)
		case w.bare && (w.text == "~" || strings.HasPrefix(w.text, "~/")):
			out = append(out, c.s.cfg.Home+w.text[1:])
		case w.bare && strings.ContainsAny(w.text, "*?["):
			if found := c.s.globbed(w.text); len(found) > 0 {
				out = append(out, found...)
				continue
			}
			out = append(out, w.text)
		default:
			out = append(out, w.text)
		}
	}
	return out
}

// globbed returns the files that a pattern matches, as it is written.
func (s *Session) globbed(pattern string) (out []string) {
	if s.cfg.Files == nil {
		return nil
	}
	dir, base := "", pattern
	if i := strings.LastIndexByte(pattern, '/'); i >= 0 {
		dir, base = pattern[:i+1], pattern[i+1:]
	}
	if strings.ContainsAny(dir, "*?[") {
		return nil
	}
	at := dir
	if at == "" {
		at = "."
	}
	list, err := s.cfg.Files.ReadDir(s.Path(at))
	if err != nil {
		return nil
	}
	w, ok := object.NewWildcard(base, false)
	if !ok {
		return nil
	}
	for _, f := range list {
		if w.Match(f.Name()) && (!strings.HasPrefix(f.Name(), ".") || strings.HasPrefix(base, ".")) {
			out = append(out, dir+f.Name())
		}
	}
	slices.Sort(out)
	return out
}

// windowsLine is the command line on Windows. Windows PowerShell puts quotes
// around what has blanks outside of quotes and leaves quotes as they are, and
// empty words vanish; PowerShell 7 writes each word so that it comes back
// (7.3's "Windows" mode; both: NativeCommandParameterBinder).
func (c *ctx) windowsLine(words []nativeWord) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !w.glued {
			b.WriteByte(' ')
		}
		switch {
		case w.verbatim:
			b.WriteString(c.s.expandPercent(w.text))
		case c.s.Old() && blankOutsideQuotes(w.text):
			b.WriteString(`"` + w.text + `"`)
		case c.s.Old():
			b.WriteString(w.text)
		default:
			b.WriteString(quoteWord(w.text))
		}
	}
	return b.String()
}

func blankOutsideQuotes(s string) bool {
	quoted := false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case unicode.IsSpace(r) && !quoted:
			return true
		}
	}
	return false
}

// expandPercent puts environment variables in the place of %NAME%.
func (s *Session) expandPercent(text string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '%')
		j := -1
		if i >= 0 {
			j = strings.IndexByte(text[i+1:], '%')
		}
		if j < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		name := text[i+1 : i+1+j]
		if v, ok := s.Getenv(name); ok {
			b.WriteString(v)
			text = text[i+j+2:]
			continue
		}
		b.WriteString(text[i : i+1+j])
		text = text[i+1+j:]
	}
}

// quoteWord writes a word so that SplitLine reads it back.
func quoteWord(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\n\v\"") {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, r := range s {
		switch r {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes) + `"`)
	return b.String()
}

// SplitLine takes a Windows command line apart as the C library does: blanks
// part words outside of quotes, "" inside of them is a quote, and backslashes
// before a quote are halved.
func SplitLine(line string) (words []string) {
	var b strings.Builder
	in, quoted := false, false
	slashes := 0
	flush := func() { b.WriteString(strings.Repeat(`\`, slashes)); slashes = 0 }
	for i := 0; i < len(line); i++ {
		switch ch := line[i]; {
		case ch == '\\':
			slashes++
			in = true
		case ch == '"':
			odd := slashes%2 == 1
			slashes /= 2
			flush()
			in = true
			switch {
			case odd:
				b.WriteByte('"')
			case quoted && i+1 < len(line) && line[i+1] == '"':
				b.WriteByte('"')
				i++
			default:
				quoted = !quoted
			}
		case (ch == ' ' || ch == '\t') && !quoted:
			flush()
			if in {
				words = append(words, b.String())
				b.Reset()
				in = false
			}
		default:
			flush()
			b.WriteByte(ch)
			in = true
		}
	}
	flush()
	if in {
		words = append(words, b.String())
	}
	return words
}

func (p *programStage) begin() error { return nil }

func (p *programStage) process(v any) error { p.input = append(p.input, v); return nil }

func (p *programStage) end() error {
	c, s := p.c, p.c.s
	newline := "\n"
	if s.cfg.Windows {
		newline = "\r\n"
	}
	for _, v := range p.input {
		p.p.Stdin = append(p.p.Stdin, c.text(v)+newline...)
	}
	p.p.Piped = p.k.piped
	var failed error
	p.p.Out = func(line string) {
		if failed == nil {
			failed = p.k.write(line)
		}
	}
	if c.streams != nil && c.streams[errorStream] != nil {
		first := true
		p.p.Err = func(line string) {
			id := "NativeCommandErrorMessage"
			if first {
				id, first = "NativeCommandError", false
			}
			e := &object.Error{Type: object.MustType("System.Management.Automation.RemoteException"), Message: line}
			ex := exception(e)
			r := c.newRecord(ex, id, "NotSpecified", line, p.k.span(), p.k)
			r.SetProperty("CategoryInfo", c.category("NotSpecified", "", ex, line)) // a program is no activity
			if err := c.streams[errorStream](r); err != nil && failed == nil {
				failed = err
			}
		}
	}
	status, err := s.cfg.Programs.Run(c.go_, p.p)
	s.exitCode = status
	s.success = status == 0
	if c.go_.Err() != nil {
		return errStopped
	}
	if err != nil {
		return err
	}
	return failed
}
