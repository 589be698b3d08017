package bash

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// syntaxError words a parser's error as bash words it. What has no form of
// bash's here is told in the parser's words behind bash's prefix.
func (s *Session) syntaxError(text string, err error) string {
	var pe syntax.ParseError
	line := uint(1)
	what := err.Error()
	if errors.As(err, &pe) {
		line, what = pe.Pos.Line(), pe.Text
	}
	prefix, end := s.name+": ", s.name+": "
	if !s.interactive {
		last := strings.Count(strings.TrimRight(text, "\n"), "\n") + 1
		prefix = fmt.Sprintf("%s: -c: line %d: ", s.name, line)
		end = fmt.Sprintf("%s: -c: line %d: ", s.name, last+1)
		if s.name != "bash" {
			prefix, end = fmt.Sprintf("%s: line %d: ", s.name, line), fmt.Sprintf("%s: line %d: ", s.name, last+1)
		}
	}
	if m := unclosedQuote.FindStringSubmatch(what); m != nil {
		mark := m[1]
		if mark == "$'" || mark == `$"` {
			mark = mark[1:]
		}
		return fmt.Sprintf("%sunexpected EOF while looking for matching `%s'", prefix, mark)
	}
	if bare := strings.TrimSpace(text); bare == "for" || bare == "select" || bare == "case" {
		return fmt.Sprintf("%ssyntax error near unexpected token `newline'\n%s`%s'", prefix, prefix, text)
	}
	if syntax.IsIncomplete(err) || strings.Contains(what, "must be followed by") && nothingLeft(text, pe.Pos) || strings.Contains(what, "must end with") {
		return end + "syntax error: unexpected end of file"
	}
	token := tokenAt(text, what, pe.Pos)
	out := fmt.Sprintf("%ssyntax error near unexpected token `%s'", prefix, token)
	lines := strings.Split(text, "\n")
	if !s.interactive && int(line) <= len(lines) && token != "newline" {
		out += fmt.Sprintf("\n%s`%s'", prefix, lines[line-1])
	} else if !s.interactive {
		out += fmt.Sprintf("\n%s`%s'", prefix, lines[min(int(line), len(lines))-1])
	}
	return out
}

var unclosedQuote = regexp.MustCompile("without closing quote [`\"]([$]?['\"`])[`\"]")

func nothingLeft(text string, pos syntax.Pos) bool {
	at := int(pos.Offset())
	return at < len(text) && strings.TrimSpace(text[at:]) == ""
}

var namedToken = regexp.MustCompile("(?:encountered |`)([^` ]+)`?")

// tokenAt is the word that bash would name.
func tokenAt(text, what string, pos syntax.Pos) string {
	at := int(pos.Offset())
	if strings.Contains(what, "must be followed by a word") {
		// the operator stands at pos; what follows it is wrong
		rest := strings.TrimLeft(text[min(at, len(text)):], "<>&|0123456789")
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" || rest[0] == '\n' {
			return "newline"
		}
		return operator(rest)
	}
	if at < len(text) {
		return operator(text[at:])
	}
	if m := namedToken.FindStringSubmatch(what); m != nil {
		return m[1]
	}
	return "newline"
}

// operator returns the operator or word at the start of a text.
func operator(text string) string {
	for _, op := range []string{"&&", "||", ";;", "<<", ">>", "|&", "&>", "(", ")", "&", "|", ";", "<", ">", "\n"} {
		if strings.HasPrefix(text, op) {
			if op == "\n" {
				return "newline"
			}
			return op
		}
	}
	if i := strings.IndexAny(text, " \t\n;&|<>()"); i > 0 {
		return text[:i]
	}
	return text
}
