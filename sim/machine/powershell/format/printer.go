package format

import (
	"strings"
	"unicode/utf8"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
)

// Printer lays Data out as text. It implements powershell.Formatter.
type Printer struct {
	s      *powershell.Session
	shaper *Shaper
	width  int
	write  func(string)
	fail   func(string) // gets errors
	lay    *Layout
	rows   [][]string // that wait for the width of their columns
	widths []int      // nil until known
	wide   []string
	any    bool // an entry came in this group
	groups int  // that began
	head   string
}

// New returns a printer that writes lines of at most width columns.
func New(s *powershell.Session, width int, write func(string)) powershell.Formatter {
	p := &Printer{s: s, width: width, write: write, fail: write}
	p.shaper = NewShaper(s, p.data)
	p.shaper.Eval = s.Evaluate
	return p
}

// Object implements powershell.Formatter.
func (p *Printer) Object(v any) error { return p.shaper.Object(v) }

// ErrorsTo sends errors elsewhere.
func (p *Printer) ErrorsTo(write func(string)) { p.fail = write }

// Error implements powershell.Formatter.
func (p *Printer) Error(r *object.Object) error {
	p.drain()
	p.fail(ErrorText(p.s, r))
	return nil
}

// Flush implements powershell.Formatter.
func (p *Printer) Flush() error { return p.shaper.End() }

func (p *Printer) data(d *Data) error {
	if d.aside {
		p.drain()
		if d.lay != nil {
			p.write("\n")
			p.list(d.lay, d.cells)
			p.write("\n")
		} else {
			p.write(strings.ReplaceAll(d.text, "\r\n", "\n") + "\n")
		}
		return nil
	}
	st := styleOf(p.s)
	switch d.part {
	case start:
		p.lay, p.groups = d.lay, 0
	case groupStart:
		p.lay, p.rows, p.widths, p.any = d.lay, nil, nil, false
		p.head = "\n"
		switch {
		case d.text != "":
			p.head = st.beforeGroup
			if p.groups > 0 {
				p.head = st.laterGroup
			}
			p.head += st.groupIndent + d.text + "\n"
			if d.lay.kind != Custom {
				p.head += st.behindGroup
			}
		case d.lay.kind == List:
			p.head = st.beforeList
		}
		p.groups++
		if d.lay.kind != Table || !d.lay.auto {
			p.write(p.head)
		}
		if d.lay.kind == Table && !d.lay.auto {
			p.measure(nil)
			p.header()
		}
	case entry:
		p.any = true
		switch d.lay.kind {
		case Table:
			if p.widths == nil {
				p.rows = append(p.rows, d.cells)
				return nil
			}
			p.row(d.cells)
		case List:
			p.list(d.lay, d.cells)
			p.write("\n")
		case Wide:
			p.wide = append(p.wide, strings.Join(d.cells, ""))
		case Custom:
			p.write(d.text + "\n")
		}
	case groupEnd:
		p.drain()
		p.wides()
		p.write(st.groupEnd)
	case end:
		if d.lay.kind == List {
			p.write(st.endList)
		} else {
			p.write(st.end)
		}
		p.lay = nil
	}
	return nil
}

// drain prints the rows that wait.
func (p *Printer) drain() {
	if p.lay == nil || p.lay.kind != Table || p.widths != nil || len(p.rows) == 0 {
		return
	}
	p.write(p.head)
	p.measure(p.rows)
	p.header()
	for _, r := range p.rows {
		p.row(r)
	}
	p.rows = nil
}

const minimum = 4 // columns a table's column is cut to

// measure settles the columns' widths; -1 is hidden.
func (p *Printer) measure(rows [][]string) {
	cols := p.lay.columns
	w := make([]int, len(cols))
	open := 0
	used := 0
	for i, c := range cols {
		if p.lay.auto {
			w[i] = cells(c.Label)
			for _, r := range rows {
				w[i] = max(w[i], cells(r[i]))
			}
		} else {
			w[i] = c.width
		}
		if w[i] == 0 && !p.lay.auto {
			open++
		}
		used += w[i] + 1
	}
	p.widths = w
	if open > 0 {
		// What is left is shared.
		free := p.width - used + 1
		for i := range w {
			if w[i] == 0 {
				w[i] = max(1, free/open)
				if free/open <= 0 {
					w[i] = -1
				}
			}
		}
	}
	for {
		total, last := -1, -1
		for i, x := range w {
			if x > 0 {
				total += x + 1
				last = i
			}
		}
		excess := total - p.width
		if excess <= 0 || last < 0 {
			return
		}
		if n := w[last] - excess; n < minimum {
			w[last] = -1
		} else {
			w[last] = n
		}
	}
}

func (p *Printer) header() {
	if p.lay.hide {
		return
	}
	labels := make([]string, len(p.lay.columns))
	lines := make([]string, len(labels))
	hidden := false
	for i, c := range p.lay.columns {
		labels[i] = c.Label
		lines[i] = strings.Repeat("-", max(0, min(cells(c.Label), p.widths[i])))
		hidden = hidden || p.widths[i] < 0
	}
	p.line(labels, false)
	p.line(lines, hidden)
}

// row prints a row, over several lines if it wraps.
func (p *Printer) row(c []string) {
	if !p.lay.wrap {
		one := make([]string, len(c))
		for i, s := range c {
			s = strings.ReplaceAll(s, "\r\n", "\n")
			if j := strings.IndexByte(s, '\n'); j >= 0 {
				s = s[:j] + p.s.Ellipsis()
			}
			one[i] = s
		}
		p.line(one, false)
		return
	}
	var parts [][]string
	n := 1
	for i, s := range c {
		var ls []string
		if p.widths[i] > 0 {
			ls = wrap(s, p.widths[i])
		}
		parts = append(parts, ls)
		n = max(n, len(ls))
	}
	for k := 0; k < n; k++ {
		one := make([]string, len(c))
		for i, ls := range parts {
			if k < len(ls) {
				one[i] = ls[k]
			}
		}
		p.line(one, false)
	}
}

func (p *Printer) line(c []string, pad bool) {
	var b strings.Builder
	last := -1
	for i := range c {
		if p.widths[i] > 0 {
			last = i
		}
	}
	first := true
	for i, s := range c {
		w := p.widths[i]
		if w <= 0 {
			continue
		}
		if !first {
			b.WriteByte(' ')
		}
		first = false
		n := cells(s)
		a := p.lay.columns[i].align
		dots := p.s.Ellipsis()
		if n > w {
			r := []rune(s)
			k := max(0, w-cells(dots))
			if a == right {
				s = dots + string(r[len(r)-k:])
			} else {
				s = string(r[:k]) + dots
			}
			if k == 0 {
				s = string(r[:w])
			}
			n = w
		}
		fill := w - n
		switch a {
		case right:
			b.WriteString(strings.Repeat(" ", fill) + s)
			fill = 0
		case center:
			b.WriteString(strings.Repeat(" ", fill/2) + s)
			fill -= fill / 2
		default:
			b.WriteString(s)
		}
		if i < last || pad || p.s.Old() {
			b.WriteString(strings.Repeat(" ", fill))
		}
	}
	p.write(b.String() + "\n")
}

func (p *Printer) list(l *Layout, c []string) {
	w := 0
	for i := range l.columns {
		w = max(w, cells(l.columns[i].Label))
	}
	for i, s := range c {
		label := l.columns[i].Label
		head := label + strings.Repeat(" ", w-cells(label)) + " : "
		for k, part := range wrap(s, max(1, p.width-w-3)) {
			if k > 0 {
				head = strings.Repeat(" ", w+3)
			}
			p.write(head + part + "\n")
		}
	}
}

func (p *Printer) wides() {
	if len(p.wide) == 0 {
		return
	}
	n := p.lay.perRow
	if n == 0 {
		n = 2
		if p.lay.auto {
			m := 1
			for _, s := range p.wide {
				m = max(m, cells(s))
			}
			n = max(1, (p.width+1)/(m+1))
		}
	}
	w := max(1, (p.width-n+1)/n)
	for i := 0; i < len(p.wide); i += n {
		var b strings.Builder
		for k := i; k < min(i+n, len(p.wide)); k++ {
			s := p.wide[k]
			if cells(s) > w {
				s = string([]rune(s)[:max(0, w-1)]) + p.s.Ellipsis()
			}
			b.WriteString(s)
			if k < min(i+n, len(p.wide))-1 {
				b.WriteString(strings.Repeat(" ", w-cells(s)+1))
			}
		}
		p.write(b.String() + "\n")
	}
	p.wide = nil
}

// cells is how many columns a text takes.
func cells(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6) {
			n++
		}
	}
	return n
}

// wrap breaks a text into lines of at most w columns, between words if it can.
func wrap(s string, w int) (out []string) {
	for _, l := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if cells(l) <= w {
			out = append(out, l)
			continue
		}
		var b []rune
		for _, word := range words(l) {
			r := []rune(word)
			if len(b) > 0 && len(b)+len(r) > w {
				if strings.TrimRight(word, " \t") != word && len(b)+len([]rune(strings.TrimRight(word, " \t"))) == w {
					out = append(out, string(b)+strings.TrimRight(word, " \t"))
					b = b[:0]
					continue
				}
				out = append(out, string(b))
				b = b[:0]
			}
			for len(r) > w {
				out = append(out, string(r[:w]))
				r = r[w:]
			}
			b = append(b, r...)
		}
		if len(b) > 0 {
			out = append(out, string(b))
		}
	}
	return out
}

// words splits after blanks.
func words(s string) (out []string) {
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == '\t' {
			out = append(out, s[from:i+1])
			from = i + 1
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}
