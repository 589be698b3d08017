package output

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
)

// YAML is a value as PyYAML's safe_dump writes it in block style: keys sorted,
// lines folded behind column 80.
func YAML(v any) string {
	e := &emitter{}
	if scalar(v) {
		text, plain := e.scalar(v, 0, false)
		if plain {
			return text + "\n...\n"
		}
		return text + "\n"
	}
	e.node(v, 0)
	e.b.WriteByte('\n')
	return e.b.String()
}

// emitter writes YAML; column is where the next character stands.
type emitter struct {
	b      strings.Builder
	column int
}

const bestWidth = 80

func (e *emitter) write(s string) {
	e.b.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		e.column = 0
		s = s[i+1:]
	}
	e.column += len([]rune(s))
}

func (e *emitter) newline(indent int) { e.write("\n" + strings.Repeat(" ", indent)) }

func scalar(v any) bool {
	switch v := v.(type) {
	case *ojson.Object:
		return v.Len() == 0
	case []any:
		return len(v) == 0
	}
	return true
}

// node writes a list or an object; its first line goes on where the emitter
// stands, the others begin at indent.
func (e *emitter) node(v any, indent int) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if i > 0 {
				e.newline(indent)
			}
			e.write("-")
			if scalar(item) {
				e.write(" ")
				text, _ := e.scalar(item, indent+2, true)
				e.write(text)
				continue
			}
			e.write(" ")
			e.node(item, indent+2)
		}
	case *ojson.Object:
		keys := v.Keys()
		slices.Sort(keys)
		for i, k := range keys {
			if i > 0 {
				e.newline(indent)
			}
			value, _ := v.Get(k)
			e.member(k, value, indent)
		}
	}
}

func (e *emitter) member(key string, value any, indent int) {
	simple := len([]rune(key)) < 128 && !strings.Contains(key, "\n") && key != ""
	if !simple {
		e.write("? ")
		text, _ := e.scalar(key, indent+2, true)
		e.write(text)
		e.newline(indent)
		e.write(": ")
		if scalar(value) {
			text, _ := e.scalar(value, indent+2, true)
			e.write(text)
		} else {
			e.node(value, indent+2)
		}
		return
	}
	text, _ := e.scalar(key, indent, false)
	e.write(text + ":")
	switch {
	case scalar(value):
		e.write(" ")
		text, _ := e.scalar(value, indent+2, true)
		e.write(text)
	default:
		deeper := indent + 2
		if _, list := value.([]any); list { // lists stand as deep as their key
			deeper = indent
		}
		e.newline(deeper)
		e.node(value, deeper)
	}
}

// implicit are the plain words that YAML 1.1 reads as something else than text.
var implicit = regexp.MustCompile(`^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|~|null|Null|NULL||=|<<` +
	`|[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+` +
	`|[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)` +
	`|\d\d\d\d-\d\d-\d\d|\d\d\d\d-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$`)

// scalar is a scalar's text, folded for a line that goes on at the emitter's
// column, and whether it is plain.
func (e *emitter) scalar(v any, indent int, split bool) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "null", true
	case bool:
		return strings.ToLower(jmespath.Str(v)), true
	case *ojson.Object:
		return "{}", false
	case []any:
		return "[]", false
	case string:
		return e.text(v, indent, split)
	case json.Number:
		s := jmespath.Str(v)
		switch s {
		case "inf":
			s = ".inf"
		case "-inf":
			s = "-.inf"
		case "nan":
			s = ".nan"
		}
		if strings.Contains(s, "e") && !strings.Contains(s, ".") {
			s = strings.Replace(s, "e", ".0e", 1)
		}
		return s, true
	}
	return fmt.Sprint(v), true
}

func (e *emitter) text(s string, indent int, split bool) (string, bool) {
	plain, single := analyse(s)
	switch {
	case plain && !implicit.MatchString(s):
		return e.fold(s, indent, split), true
	case single && (split || !strings.Contains(s, "\n")):
		return "'" + e.fold1(strings.ReplaceAll(s, "'", "''"), indent, split) + "'", false
	}
	return e.double(s, indent, split), false
}

// analyse says whether a text may stand plain in block context, and in single
// quotes.
func analyse(s string) (plain, single bool) {
	if s == "" {
		return true, true
	}
	plain, single = true, true
	if strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		plain = false
	}
	r := []rune(s)
	space := func(i int) bool { return i >= len(r) || strings.ContainsRune("\x00 \t\r\n\u0085\u2028\u2029", r[i]) }
	line := func(c rune) bool { return strings.ContainsRune("\n\u0085\u2028\u2029", c) }
	for i, c := range r {
		switch {
		case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", c), i == 0 && strings.ContainsRune("?-", c) && space(1),
			c == ':' && space(i+1), c == '#' && i > 0 && space(i-1):
			plain = false
		}
		if line(c) {
			plain = false
			if i > 0 && r[i-1] == ' ' {
				single = false
			}
		}
		if c == ' ' && (i == 0 || i == len(r)-1) {
			plain = false
		}
		if c == ' ' && i > 0 && line(r[i-1]) {
			plain, single = false, false
		}
		if c != '\n' && (c < ' ' || c > '~') && !(c == 0x85 || c >= 0xa0 && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd && c != 0xfeff || c >= 0x10000) {
			plain, single = false, false
		}
	}
	return plain, single
}

// fold breaks a plain text at single spaces behind the best width.
func (e *emitter) fold(s string, indent int, split bool) string {
	if !split {
		return s
	}
	var b strings.Builder
	column := e.column
	r := []rune(s)
	for i, c := range r {
		if c == ' ' && column > bestWidth && i > 0 && r[i-1] != ' ' && i+1 < len(r) && r[i+1] != ' ' {
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
			continue
		}
		b.WriteRune(c)
		column++
	}
	return b.String()
}

// fold1 does so for the inside of single quotes, where line breaks are doubled.
func (e *emitter) fold1(s string, indent int, split bool) string {
	var b strings.Builder
	pad := strings.Repeat(" ", indent)
	column := e.column + 1
	r := []rune(s)
	for i := 0; i < len(r); i++ {
		c := r[i]
		switch {
		case c == '\n':
			n := 0
			for i+n < len(r) && r[i+n] == '\n' {
				n++
			}
			b.WriteString(strings.Repeat("\n", n+1) + pad)
			column = indent
			i += n - 1
		case c == ' ' && split && column > bestWidth && i > 0 && i+1 < len(r) && r[i-1] != ' ' && r[i+1] != ' ':
			b.WriteString("\n" + pad)
			column = indent
		default:
			b.WriteRune(c)
			column++
		}
	}
	return b.String()
}

var escapes = map[rune]string{0: "0", 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "e", '"': `"`, '\\': `\`, 0x85: "N", 0xa0: "_", 0x2028: "L", 0x2029: "P"}

// double writes a text in double quotes, folded at spaces.
func (e *emitter) double(s string, indent int, split bool) string {
	var b strings.Builder
	b.WriteByte('"')
	column := e.column + 1
	put := func(t string) {
		b.WriteString(t)
		column += len([]rune(t))
	}
	r := []rune(s)
	start := 0
	for end := 0; end <= len(r); end++ {
		var c rune = -1
		if end < len(r) {
			c = r[end]
		}
		if c < 0 || strings.ContainsRune("\"\\\u0085\u2028\u2029\ufeff", c) || !(c >= ' ' && c <= '~' || c >= 0xa0 && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd) {
			if start < end {
				put(string(r[start:end]))
				start = end
			}
			if c >= 0 {
				switch esc, ok := escapes[c]; {
				case ok:
					put(`\` + esc)
				case c <= 0xff:
					put(fmt.Sprintf(`\x%02X`, c))
				case c <= 0xffff:
					put(fmt.Sprintf(`\u%04X`, c))
				default:
					put(fmt.Sprintf(`\U%08X`, c))
				}
				start = end + 1
			}
		}
		if end > 0 && end < len(r)-1 && (c == ' ' || start >= end) && column+(end-start) > bestWidth && split {
			if start < end {
				put(string(r[start:end]))
			}
			b.WriteString(`\` + "\n" + strings.Repeat(" ", indent))
			column = indent
			start = max(start, end)
			if r[start] == ' ' {
				put(`\`)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
