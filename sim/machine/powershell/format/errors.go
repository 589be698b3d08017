package format

import (
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
)

// ErrorText shows an error record in the view that $ErrorView names, with its
// line ends.
func ErrorText(s *powershell.Session, r *object.Object) string {
	g := getter{s}
	message := g.text(r, "ErrorDetails", "Message")
	details := message != ""
	if !details {
		message = g.text(r, "Exception", "Message")
	}
	view, _ := s.Variable("ErrorView")
	v := strings.ToLower(s.Objects().String(view))
	if !s.Old() && (v == "conciseview" || v == "") {
		return concise(s, r, message)
	}
	if v == "categoryview" {
		return CategoryText(s, r) + "\n"
	}
	var b strings.Builder
	if n := g.text(r, "InvocationInfo", "InvocationName"); n != "" && n != "&" && n != "." {
		b.WriteString(n + " : ")
	}
	b.WriteString(message + "\n")
	if p := g.text(r, "InvocationInfo", "PositionMessage"); p != "" && g.text(r, "CategoryInfo", "Category") != "ParserError" {
		b.WriteString(p + "\n")
	}
	pad := ""
	if s.Old() {
		pad = "    "
	}
	b.WriteString(pad + "+ CategoryInfo          : " + CategoryText(s, r) + "\n")
	b.WriteString(pad + "+ FullyQualifiedErrorId : " + g.text(r, "FullyQualifiedErrorId") + "\n")
	if s.Old() && !details {
		b.WriteString(" \n")
	}
	return b.String()
}

// CategoryText is an ErrorCategoryInfo as a line.
func CategoryText(s *powershell.Session, r *object.Object) string {
	return getter{s}.text(r, "CategoryInfo")
}

type getter struct{ s *powershell.Session }

// text follows properties and returns the text of the last.
func (g getter) text(v any, names ...string) string {
	for _, n := range names {
		if v == nil {
			return ""
		}
		x, ok, err := g.s.Members().Get(v, n)
		if !ok || err != nil {
			return ""
		}
		v = x
	}
	if v == nil {
		return ""
	}
	return g.s.Objects().String(v)
}

func concise(s *powershell.Session, r *object.Object, message string) string {
	g := getter{s}
	category := g.text(r, "CategoryInfo", "Category")
	head := ""
	switch {
	case category == "ParserError":
		head = "ParserError"
	case g.text(r, "InvocationInfo", "InvocationName") != "":
		head = g.text(r, "InvocationInfo", "InvocationName")
	case thrown(r):
		head = "Exception"
	case g.text(r, "CategoryInfo", "Activity") != "":
		head = g.text(r, "CategoryInfo", "Activity")
	case category != "NotSpecified":
		head = category
	default:
		head = g.text(r, "CategoryInfo", "Reason")
	}
	line := g.text(r, "InvocationInfo", "ScriptLineNumber")
	file := g.text(r, "InvocationInfo", "ScriptName")
	if category != "ParserError" && file == "" && (line == "1" || line == "0" || line == "") {
		return head + ": " + message + "\n"
	}
	position := g.text(r, "InvocationInfo", "PositionMessage")
	p := strings.Split(position, "\n")
	if len(p) < 3 {
		return head + ": " + message + "\n"
	}
	if category == "ParserError" {
		// The message holds the places of all errors; the first's own is wanted.
		lines := strings.Split(message, "\n")
		if len(lines) > 3 {
			message = lines[3]
			for _, l := range lines[4:] {
				if l == "" {
					break
				}
				message += "\n" + l
			}
		}
	}
	source, marks := strings.TrimPrefix(p[1], "+ "), strings.TrimPrefix(p[2], "+ ")
	var b strings.Builder
	if file != "" {
		b.WriteString(head + ": " + file + ":" + line + "\n")
	} else {
		b.WriteString(head + ": \n")
	}
	pad := func(n string) string { return strings.Repeat(" ", max(0, 4-len(n))) + n }
	b.WriteString("Line |\n")
	b.WriteString(pad(line) + " |  " + source + "\n")
	b.WriteString("     |  " + marks + "\n")
	if category == "ParserError" {
		for _, l := range wrapMessage(message, s.Width()) {
			b.WriteString("     | " + l + "\n")
		}
		b.WriteString("\n")
		return b.String()
	}
	b.WriteString("     | " + message + "\n")
	return b.String()
}

func wrapMessage(s string, width int) (out []string) {
	for _, l := range strings.Split(s, "\n") {
		for _, w := range wrap(l, max(10, width-7)) {
			out = append(out, strings.TrimRight(w, " "))
		}
	}
	return out
}

func thrown(r *object.Object) bool {
	return r.Members.Get("\x00thrown") != nil
}
