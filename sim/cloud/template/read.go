package template

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deeply arrays and objects may nest.
const maxDepth = 128

// SyntaxError is what the service's reader (Json.NET) says of JSON that it
// cannot read.
type SyntaxError struct {
	Message      string
	Path         string
	Line, Column int
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s Path '%s', line %d, position %d.", e.Message, e.Path, e.Line, e.Column)
}

// Read reads a JSON document as tolerantly as the service: with comments,
// trailing commas, names without quotes and single quotes.
func Read(data []byte) (n *Node, err error) {
	r := &reader{text: strings.TrimPrefix(string(data), "\ufeff"), line: 1}
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(*SyntaxError)
			if !ok {
				panic(v)
			}
			n, err = nil, e
		}
	}()
	r.space("")
	if r.at >= len(r.text) {
		r.fail("", "Error reading JToken from JsonReader.")
	}
	n = r.value("", "", 0)
	r.space("")
	if r.at < len(r.text) {
		r.fail("", "Additional text encountered after finished reading JSON content: %c.", r.peek())
	}
	return n, nil
}

// reader holds the place in the text. col counts UTF-16 units, as .NET does.
type reader struct {
	text      string
	at        int
	line, col int
}

// fail ends the reading: the reader's own panic, which Read turns into its error.
func (r *reader) fail(path, format string, args ...any) {
	panic(&SyntaxError{fmt.Sprintf(format, args...), path, r.line, r.col})
}

// peek returns the next character; 0 at the end.
func (r *reader) peek() rune {
	if r.at >= len(r.text) {
		return 0
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.at:])
	return c
}

func (r *reader) next() rune {
	c, size := utf8.DecodeRuneInString(r.text[r.at:])
	r.at += size
	switch {
	case c == '\n', c == '\r' && r.peek() != '\n':
		r.line++
		r.col = 0
	case c == '\r':
	case c > 0xffff:
		r.col += 2
	default:
		r.col++
	}
	return c
}

// space skips white space and comments.
func (r *reader) space(path string) {
	for r.at < len(r.text) {
		switch c := r.peek(); {
		case c == '/':
			r.comment(path)
		case c == 0xfeff || unicode.IsSpace(c):
			r.next()
		default:
			return
		}
	}
}

func (r *reader) comment(path string) {
	r.next()
	switch c := r.peek(); c {
	case '/':
		for r.at < len(r.text) && r.peek() != '\n' && r.peek() != '\r' {
			r.next()
		}
	case '*':
		r.next()
		for r.at < len(r.text) {
			if r.next() == '*' && r.peek() == '/' {
				r.next()
				return
			}
		}
		r.fail(path, "Unexpected end while parsing comment.")
	default:
		r.fail(path, "Error parsing comment. Expected: *, got %c.", c)
	}
}

// value reads the value at a path; before is the path of what was read last.
func (r *reader) value(path, before string, depth int) *Node {
	if depth > maxDepth {
		r.fail(before, "The reader's MaxDepth of %d has been exceeded.", maxDepth)
	}
	n := &Node{Path: path, Start: r.at}
	defer func() { n.End = r.at }()
	switch c := r.peek(); {
	case c == '{':
		r.next()
		n.Kind, n.Line, n.Column = Object, r.line, r.col
		r.object(n, depth)
		return n
	case c == '[':
		r.next()
		n.Kind, n.Line, n.Column = Array, r.line, r.col
		r.array(n, depth)
		return n
	case c == '"' || c == '\'':
		n.Kind, n.Value = String, r.str(path)
	case c == '-' || c >= '0' && c <= '9':
		r.number(n)
	case r.word(n, "true", Boolean, true), r.word(n, "false", Boolean, false), r.word(n, "null", Null, nil):
	default:
		r.fail(before, "Unexpected character encountered while parsing value: %c.", c)
	}
	n.Line, n.Column = r.line, r.col
	return n
}

// word reads a word that stands for a value.
func (r *reader) word(n *Node, word string, kind Kind, v any) bool {
	if !strings.HasPrefix(r.text[r.at:], word) {
		return false
	}
	for range word {
		r.next()
	}
	if c := r.peek(); c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) {
		r.fail(n.Path, "Error parsing %s value.", strings.ToLower(string(kind)))
	}
	n.Kind, n.Value = kind, v
	return true
}

func (r *reader) number(n *Node) {
	start := r.at
	for strings.ContainsRune("+-.0123456789eExXabcdefABCDEF", r.peek()) {
		r.next()
	}
	if c := r.peek(); c != 0 && !unicode.IsSpace(c) && !strings.ContainsRune(",}])/", c) {
		r.fail(n.Path, "Unexpected character encountered while parsing number: %c.", c)
	}
	s := r.text[start:r.at]
	if i, err := strconv.ParseInt(s, 0, 64); err == nil {
		n.Kind, n.Value = Integer, i
		return
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		r.fail(n.Path, "Input string '%s' is not a valid number.", s)
	}
	if !json.Valid([]byte(s)) {
		s = strconv.FormatFloat(f, 'g', -1, 64)
	}
	n.Kind, n.Value = Float, json.Number(s)
}

// child is the path of a member.
func child(path, name string) string {
	if strings.ContainsAny(name, ".' /\"[]()\t\n\r\f\b\\\u0085\u2028\u2029") {
		return path + "['" + name + "']"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *reader) object(n *Node, depth int) {
	last := n.Path
	for {
		r.space(last)
		switch c := r.peek(); {
		case c == 0 && r.at >= len(r.text):
			r.fail(last, "Unexpected end when deserializing object.")
		case c == '}':
			r.next()
			return
		}
		f := Field{Name: r.name(last)}
		last = child(n.Path, f.Name)
		r.space(last)
		if c := r.peek(); c != ':' {
			if r.at >= len(r.text) {
				r.fail(last, "Unexpected end when deserializing object.")
			}
			r.fail(last, "Invalid character after parsing property name. Expected ':' but got: %c.", c)
		}
		r.next()
		f.Line, f.Column = r.line, r.col
		r.space(last)
		if r.at >= len(r.text) {
			r.fail(last, "Unexpected end when deserializing object.")
		}
		f.Value = r.value(last, last, depth+1)
		n.set(f)
		if r.after(last, "Object", '}') {
			return
		}
	}
}

// set adds a member; one of the same name gives way.
func (n *Node) set(f Field) {
	for i := range n.Fields {
		if n.Fields[i].Name == f.Name {
			n.Fields[i] = f
			return
		}
	}
	n.Fields = append(n.Fields, f)
}

func (r *reader) array(n *Node, depth int) {
	last := n.Path
	for {
		r.space(last)
		if r.at >= len(r.text) {
			r.fail(last, "Unexpected end when deserializing array.")
		}
		if r.peek() == ']' {
			r.next()
			return
		}
		before := last
		last = n.Path + "[" + strconv.Itoa(len(n.Items)) + "]"
		n.Items = append(n.Items, r.value(last, before, depth+1))
		if r.after(last, "Array", ']') {
			return
		}
	}
}

// after reads what stands behind a value in a container: a comma, or its end.
func (r *reader) after(path, container string, end rune) (done bool) {
	r.space(path)
	switch c := r.peek(); {
	case c == 0 && r.at >= len(r.text):
		r.fail(path, "Unexpected end when deserializing %s.", strings.ToLower(container))
	case c == end:
		r.next()
		return true
	case c == ',':
		r.next()
	case c == '}' || c == ']':
		r.next()
		token := "EndObject"
		if c == ']' {
			token = "EndArray"
		}
		r.fail(path, "JsonToken %s is not valid for closing JsonType %s.", token, container)
	default:
		r.fail(path, "After parsing a value an unexpected character was encountered: %c.", c)
	}
	return false
}

// name reads the name of a member, with quotes or without.
func (r *reader) name(path string) string {
	c := r.peek()
	if c == '"' || c == '\'' {
		return r.str(path)
	}
	if c != '_' && c != '$' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
		r.fail(path, "Invalid property identifier character: %c.", c)
	}
	start := r.at
	for {
		switch c := r.peek(); {
		case c == '_' || c == '$' || unicode.IsLetter(c) || unicode.IsDigit(c):
			r.next()
		case c == ':' || unicode.IsSpace(c):
			return r.text[start:r.at]
		case r.at >= len(r.text):
			r.fail(path, "Unexpected end while parsing unquoted property name.")
		default:
			r.fail(path, "Invalid JavaScript property identifier character: %c.", c)
		}
	}
}

// escapes are the characters behind a backslash that stand for others.
var escapes = map[rune]rune{'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '\\': '\\', '"': '"', '\'': '\'', '/': '/'}

func (r *reader) str(path string) string {
	quote := r.next()
	var b strings.Builder
	for {
		if r.at >= len(r.text) {
			r.fail(path, "Unterminated string. Expected delimiter: %c.", quote)
		}
		c := r.next()
		if c == quote {
			return b.String()
		}
		if c != '\\' {
			b.WriteRune(c)
			continue
		}
		e := r.peek()
		if e == 0 {
			r.fail(path, "Unterminated string. Expected delimiter: %c.", quote)
		}
		r.next()
		switch plain, ok := escapes[e]; {
		case ok:
			b.WriteRune(plain)
		case e == 'u':
			u := r.unicode(path)
			if utf16.IsSurrogate(u) && strings.HasPrefix(r.text[r.at:], `\u`) {
				r.next()
				r.next()
				u = utf16.DecodeRune(u, r.unicode(path))
			}
			b.WriteRune(u)
		default:
			r.fail(path, `Bad JSON escape sequence: \%c.`, e)
		}
	}
}

func (r *reader) unicode(path string) rune {
	if len(r.text)-r.at < 4 {
		r.fail(path, "Unexpected end while parsing Unicode escape sequence.")
	}
	digits := r.text[r.at : r.at+4]
	u, err := strconv.ParseUint(digits, 16, 16)
	if err != nil {
		r.fail(path, `Invalid Unicode escape sequence: \u%s.`, digits)
	}
	for range digits {
		r.next()
	}
	return rune(u)
}
