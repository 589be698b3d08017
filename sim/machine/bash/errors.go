package bash

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// mistake tells of a text that cannot be parsed.
func (f *frame) mistake(text string, err error) {
	fmt.Fprintln(f.err(), f.syntaxError(text, err))
	f.status = 2
	switch {
	case f.evals > 0 || f.sourced > 0:
		f.status = 2
		if f.interactive || f.evals > 0 {
			break
		}
		fallthrough
	case !f.interactive:
		f.jump = exiting
	}
}

// syntaxError words a parser's error as bash words it. What has no form of
// bash's here is told in the parser's words behind bash's prefix.
func (f *frame) syntaxError(text string, err error) string {
	var pe syntax.ParseError
	line := uint(1)
	what := err.Error()
	if errors.As(err, &pe) {
		line, what = pe.Pos.Line(), pe.Text
	}
	prefix, end := f.name+": ", f.name+": "
	prompt := f.interactive && f.evals == 0 && f.sourced == 0
	if !prompt {
		lead := f.arg0 + ": "
		switch {
		case f.evals > 0:
			lead += "eval: "
		case f.hasC && f.sourced == 0:
			lead = f.name + ": -c: "
		}
		last := strings.Count(strings.TrimRight(text, "\n"), "\n") + 1
		prefix, end = fmt.Sprintf("%sline %d: ", lead, line), fmt.Sprintf("%sline %d: ", lead, last+1)
	}
	if m := unclosedQuote.FindStringSubmatch(what); m != nil {
		mark := m[1]
		if mark == "$'" || mark == `$"` {
			mark = mark[1:]
		}
		return fmt.Sprintf("%sunexpected EOF while looking for matching `%s'", prefix, mark)
	}
	if m := unmatched.FindStringSubmatch(what); m != nil {
		at := prefix
		if m[1] != "}" {
			at = end
		}
		return fmt.Sprintf("%sunexpected EOF while looking for matching `%s'", at, m[1])
	}
	if bare := strings.TrimRight(text, " \t\n"); !prompt && bare != "" && (strings.ContainsRune("<>", rune(bare[len(bare)-1])) || strings.HasSuffix(bare, "(") && len(bare) > 1 && bare[len(bare)-2] != '=' && !strings.HasSuffix(bare, "((") || bare == "function") {
		return fmt.Sprintf("%ssyntax error near unexpected token `newline'\n%s`%s'", prefix, prefix, text)
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
	if !prompt && int(line) <= len(lines) && token != "newline" {
		out += fmt.Sprintf("\n%s`%s'", prefix, lines[line-1])
	} else if !prompt {
		out += fmt.Sprintf("\n%s`%s'", prefix, lines[min(int(line), len(lines))-1])
	}
	return out
}

// unmatched is an expansion that is not closed.
var unmatched = regexp.MustCompile("without matching [`\"]?[$][({]+[`\"]? with [`\"]?([)}])")

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
