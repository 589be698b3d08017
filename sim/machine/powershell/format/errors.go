package format

import (
	"strings"
	"unicode"

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
	switch g.text(r, "FullyQualifiedErrorId") { // what a program wrote
	case "NativeCommandErrorMessage":
		return message + "\n"
	case "NativeCommandError":
		if !s.Old() {
			return message + "\n"
		}
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
	b.WriteString(commandPrefix(g, r))
	b.WriteString(message + "\n")
	if p := g.text(r, "InvocationInfo", "PositionMessage"); p != "" && (g.text(r, "CategoryInfo", "Category") != "ParserError" || g.text(r, "InvocationInfo", "MyCommand", "CommandType") != "") {
		b.WriteString(p + "\n")
	}
	st := styleOf(s)
	b.WriteString(st.info("+ CategoryInfo          : "+CategoryText(s, r), s.Width()) + "\n")
	b.WriteString(st.info("+ FullyQualifiedErrorId : "+g.text(r, "FullyQualifiedErrorId"), s.Width()) + "\n")
	if !details {
		b.WriteString(st.lastBlank)
	}
	return st.fold(b.String(), s.Columns())
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

// commandPrefix names the command that complains, before the message.
func commandPrefix(g getter, r *object.Object) string {
	name := ""
	invoked := g.text(r, "InvocationInfo", "InvocationName")
	switch g.text(r, "InvocationInfo", "MyCommand", "CommandType") {
	case "":
		name = invoked
	case "ExternalScript":
		name = g.text(r, "InvocationInfo", "MyCommand", "Path")
	case "Script":
		name = g.text(r, "InvocationInfo", "MyCommand", "ScriptBlock")
	default:
		name = invoked
		if name == "" || name == "&" || name == "." {
			name = g.text(r, "InvocationInfo", "MyCommand", "Name")
		}
	}
	if name == "" {
		return ""
	}
	return name + " : "
}

// conciseName is what stands before the message in ConciseView.
func conciseName(g getter, r *object.Object) string {
	command := g.text(r, "InvocationInfo", "MyCommand", "Name")
	category := g.text(r, "CategoryInfo", "Category")
	if category == "NotSpecified" {
		category = ""
	}
	if thrown(r) {
		return "Exception"
	}
	if command != "" && g.s.IsCommand(command) {
		return command
	}
	for _, n := range []string{g.text(r, "CategoryInfo", "Activity"), g.text(r, "InvocationInfo", "MyCommand"), g.text(r, "InvocationInfo", "InvocationName"), category, g.text(r, "CategoryInfo", "Reason")} {
		if n != "" {
			return n
		}
	}
	return "Error"
}

// concise is ConciseView: one line, or where the error is in a file, in a later
// line or in the syntax, the line with it.
func concise(s *powershell.Session, r *object.Object, details string) string {
	g := getter{s}
	if id := g.text(r, "FullyQualifiedErrorId"); id == "NativeCommandError" || id == "NativeCommandErrorMessage" {
		return g.text(r, "Exception", "Message") + "\n"
	}
	parser := g.text(r, "CategoryInfo", "Category") == "ParserError"
	parse := parser && g.text(r, "CategoryInfo", "Reason") == "ParentContainsErrorRecordException"
	line, file := g.text(r, "InvocationInfo", "ScriptLineNumber"), g.text(r, "InvocationInfo", "ScriptName")
	position := strings.Split(g.text(r, "InvocationInfo", "PositionMessage"), "\n")
	prefix, pos, message := "", "", details
	later := line != "" && line != "0" && line != "1"
	if (parse || file != "" || later) && len(position) > 1 && !strings.HasSuffix(strings.ToLower(file), ".psm1") {
		if file != "" {
			pos = file + ":" + line
		}
		wide := strings.Repeat(" ", max(0, len(line)-4))
		pos += "\n" + wide + "Line |\n" + strings.Repeat(" ", max(0, 4-len(line))) + line + " | " + strings.TrimPrefix(position[1], "+") + "\n"
		prefix = wide + "     | "
		if marks := strings.TrimPrefix(position[len(position)-1], "+"); marks != "" {
			pos += prefix + marks + "\n"
		}
	}
	if g.text(r, "ErrorDetails", "Message") == "" && parser {
		// The message holds the places of all errors; the first's own is wanted.
		if _, rest, ok := strings.Cut(message, "~\n"); ok {
			rest, _, _ = strings.Cut(rest, "~\n")
			message, _, _ = strings.Cut(rest, "\n\n")
		}
	}
	message = prefix + message
	if file != "" || parser {
		message = wrapMessage(message, prefix, s.Width()) + "\n"
	}
	text := conciseName(g, r) + ": " + pos + message
	if action := g.text(r, "ErrorDetails", "RecommendedAction"); strings.TrimSpace(action) != "" {
		text += "\n  Recommendation: " + action
	}
	return text + "\n"
}

// wrapMessage breaks a message at blanks, each further line after the prefix.
func wrapMessage(s, prefix string, width int) string {
	s = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(s)
	r := []rune(s)
	cut := func(r []rune) []rune {
		if len(r) <= width {
			return r
		}
		for i := width - 1; i >= 0; i-- {
			if unicode.IsSpace(r[i]) {
				return r[:i]
			}
		}
		return r[:width]
	}
	if width <= 0 || len(r) <= width {
		return s
	}
	head := []rune(prefix)
	first := cut(r)
	var b strings.Builder
	b.WriteString(string(first) + "\n")
	rest := []rune(strings.TrimSpace(string(r[len(first):])))
	for len(rest)+len(head) > width {
		part := cut(append(append([]rune{}, head...), rest...))
		if len(part) <= len(head) {
			break
		}
		b.WriteString(string(part) + "\n")
		rest = []rune(strings.TrimSpace(string(rest[len(part)-len(head):])))
	}
	b.WriteString(prefix + strings.TrimSpace(string(rest)))
	return b.String()
}

func thrown(r *object.Object) bool {
	return r.Members.Get("\x00thrown") != nil
}
