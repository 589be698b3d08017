package jq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/itchyny/gojq"

	"skylab/sim/machine/vfs"
	"skylab/sim/ojson"
)

// prelude gives the functions that follow the order of keys.
const prelude = `
def _each: if type == "object" then keys_unsorted[] as $k | .[$k] else .[] end;
def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];
def with_entries(f): to_entries | map(f) | from_entries;
def from_entries: _from_entries;
def map_values(f): _each |= f;
def map(f): [_each | f];
def _recurse: recurse(_each?);
def paths: path(_recurse) | select(length > 0);
def paths(node_filter): . as $dot | paths | select(. as $p | $dot | getpath($p) | node_filter);
def fromjson: _fromjson;
def tojson: _tojson;
def now: _now;
def localtime: gmtime;
def strflocaltime($f): strftime($f);
def tostring: if type == "string" then . else _tojson end;
`

// compile makes the program, with iteration rewritten to follow the order of
// keys.
func (c *command) compile() (*gojq.Code, error) {
	filter := c.filter
	if strings.TrimSpace(filter) == "" {
		filter = "."
	}
	user, err := gojq.Parse(filter)
	if err != nil {
		return nil, fmt.Errorf("syntax error, %s (Unix shell quoting issues?) at <top-level>, line 1:\n%s", parseText(err), c.filter)
	}
	q, err := gojq.Parse(prelude + ".")
	if err != nil {
		return nil, err
	}
	c.rewrite(user)
	defs := q.FuncDefs
	user.FuncDefs = append(defs, user.FuncDefs...)
	c.order.learn([]string{"key", "value"})
	named := map[string]any{}
	for i, n := range c.names {
		named[n[1:]] = c.values[i]
	}
	positional := c.positions
	if positional == nil {
		positional = []any{}
	}
	c.order.learn([]string{"positional", "named"})
	c.names, c.values = append(c.names, "$ARGS"), append(c.values, map[string]any{"positional": positional, "named": named})
	code, err := gojq.Compile(user, gojq.WithVariables(c.names), gojq.WithInputIter(c), gojq.WithEnvironLoader(func() []string { return c.p.Environ }),
		gojq.WithFunction("keys_unsorted", 0, 0, c.keysUnsorted),
		gojq.WithFunction("_tojson", 0, 0, func(v any, _ []any) any {
			compact := &command{flags: map[string]bool{}, order: c.order}
			var b strings.Builder
			compact.write(&b, v, "")
			return b.String()
		}),
		gojq.WithFunction("_fromjson", 0, 0, c.fromJSON), gojq.WithFunction("_from_entries", 0, 0, c.fromEntries), gojq.WithFunction("_now", 0, 0, func(any, []any) any { return float64(c.p.Clock.Now().UnixMicro()) / 1e6 }))
	if err != nil {
		text := err.Error()
		if name, ok := strings.CutPrefix(text, "function not defined: "); ok {
			text = name + " is not defined"
		} else if name, ok := strings.CutPrefix(text, "variable not defined: "); ok {
			text = name + " is not defined"
		}
		return nil, fmt.Errorf("%s at <top-level>, line 1:\n%s", text, c.filter)
	}
	return code, nil
}

func parseText(err error) string {
	var pe *gojq.ParseError
	if !errors.As(err, &pe) || pe.Token == "" {
		return "unexpected $end"
	}
	if pe.Token == "invalid" || strings.Trim(pe.Token, "abcdefghijklmnopqrstuvwxyz_") == "" && len(pe.Token) > 1 {
		return "unexpected " + strings.ToUpper(pe.Token)
	}
	return "unexpected '" + pe.Token + "'"
}

func (c *command) keysUnsorted(v any, _ []any) any {
	switch v := v.(type) {
	case map[string]any:
		out := []any{}
		for _, k := range c.order.keys(v) {
			out = append(out, k)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = i
		}
		return out
	}
	return fmt.Errorf("%s has no keys", describe(v))
}

func (c *command) fromJSON(v any, _ []any) any {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("%s cannot be parsed as JSON", describe(v))
	}
	list, err := c.order.decodeAll([]byte(text))
	switch {
	case err != nil:
		return fmt.Errorf("%s (while parsing '%s')", parseError([]byte(text), err, len(text)), text)
	case len(list) == 0:
		return nil
	case len(list) > 1:
		return faultf("Unexpected extra JSON values (while parsing '%s')", text)
	}
	return list[0]
}

// fault is an error in jq's own words.
type fault string

func (f fault) Error() string { return string(f) }

func faultf(format string, args ...any) error { return fault(fmt.Sprintf(format, args...)) }

// fromEntries is from_entries, whose result has its keys in the entries' order.
func (c *command) fromEntries(v any, _ []any) any {
	list, ok := v.([]any)
	if !ok {
		return faultf("Cannot iterate over %s", describe(v))
	}
	m := map[string]any{}
	var keys []string
	for _, x := range list {
		e, ok := x.(map[string]any)
		if !ok {
			return faultf("Cannot index %s with \"key\"", describe(x))
		}
		key := pick(e, "key", "k", "name", "Name", "Key", "K")
		name, isText := key.(string)
		if !isText {
			var b strings.Builder
			(&command{flags: map[string]bool{}, order: c.order}).write(&b, key, "")
			name = b.String()
		}
		if _, there := m[name]; !there {
			keys = append(keys, name)
		}
		m[name] = pick(e, "value", "v", "Value", "V")
	}
	c.order.learn(keys)
	return m
}

// pick returns the first member that is there and not null or false.
func pick(e map[string]any, names ...string) any {
	var last any
	for _, n := range names {
		if v, ok := e[n]; ok {
			if v != nil && v != false {
				return v
			}
			last = v
		}
	}
	return last
}

// rewrite walks a program: it replaces .[] by _each, which follows the order of
// keys, and learns the orders of the objects that the program makes.
func (c *command) rewrite(q *gojq.Query) {
	if q == nil {
		return
	}
	for _, d := range q.FuncDefs {
		c.rewrite(d.Body)
	}
	c.rewrite(q.Left)
	c.rewrite(q.Right)
	c.term(q.Term)
}

func (c *command) term(t *gojq.Term) {
	if t == nil {
		return
	}
	c.index(t.Index)
	if t.Type == gojq.TermTypeRecurse {
		t.Type, t.Func = gojq.TermTypeFunc, &gojq.Func{Name: "_recurse"}
	}
	if t.Func != nil {
		for _, a := range t.Func.Args {
			c.rewrite(a)
		}
	}
	if t.Object != nil {
		var keys []string
		for _, kv := range t.Object.KeyVals {
			key := kv.Key
			if kv.KeyString != nil && kv.KeyString.Queries == nil {
				key = kv.KeyString.Str
			}
			keys = append(keys, strings.TrimPrefix(key, "$"))
			c.rewrite(kv.KeyQuery)
			c.rewrite(kv.Val)
		}
		if !slicesHasEmpty(keys) {
			c.order.learn(keys)
		}
	}
	if t.Array != nil {
		c.rewrite(t.Array.Query)
	}
	if t.Unary != nil {
		c.term(t.Unary.Term)
	}
	if t.If != nil {
		c.rewrite(t.If.Cond)
		c.rewrite(t.If.Then)
		c.rewrite(t.If.Else)
		for _, e := range t.If.Elif {
			c.rewrite(e.Cond)
			c.rewrite(e.Then)
		}
	}
	if t.Try != nil {
		c.rewrite(t.Try.Body)
		c.rewrite(t.Try.Catch)
	}
	if t.Reduce != nil {
		c.rewrite(t.Reduce.Query)
		c.rewrite(t.Reduce.Start)
		c.rewrite(t.Reduce.Update)
	}
	if t.Foreach != nil {
		c.rewrite(t.Foreach.Query)
		c.rewrite(t.Foreach.Start)
		c.rewrite(t.Foreach.Update)
		c.rewrite(t.Foreach.Extract)
	}
	if t.Label != nil {
		c.rewrite(t.Label.Body)
	}
	c.rewrite(t.Query)
	if t.Str != nil {
		for _, q := range t.Str.Queries {
			c.rewrite(q)
		}
	}
	c.suffixes(t)
}

func slicesHasEmpty(keys []string) bool {
	for _, k := range keys {
		if k == "" {
			return true
		}
	}
	return false
}

func (c *command) index(i *gojq.Index) {
	if i == nil {
		return
	}
	c.rewrite(i.Start)
	c.rewrite(i.End)
}

// suffixes turns t.[] with what follows into (t | _each) with what follows.
func (c *command) suffixes(t *gojq.Term) {
	for n, s := range t.SuffixList {
		c.index(s.Index)
		if !s.Iter {
			continue
		}
		before := *t
		before.SuffixList = t.SuffixList[:n]
		rest := t.SuffixList[n+1:]
		each := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: "_each"}}}
		*t = gojq.Term{Type: gojq.TermTypeQuery, Query: &gojq.Query{Left: &gojq.Query{Term: &before}, Op: gojq.OpPipe, Right: each}, SuffixList: rest}
		c.suffixes(t)
		return
	}
}

// source gives the inputs one after the other.
type source struct {
	c     *command
	texts [][]byte
	names []string
	d     *ojson.Decoder
	at    int // the text that is read
	raw   []string
	done  bool
}

// Next implements gojq.Iter for input and inputs.
func (c *command) Next() (any, bool) {
	if c.source == nil {
		return nil, false
	}
	return c.source.Next()
}

// inputs opens the inputs; a file that cannot be read is reported and status 2.
func (c *command) inputs() (*source, int) {
	s := &source{c: c}
	status := 0
	if len(c.files) == 0 {
		data, _ := io.ReadAll(c.p.Stdin)
		s.texts, s.names = [][]byte{data}, []string{"<stdin>"}
	}
	for _, f := range c.files {
		data, err := c.read(f)
		if err != nil {
			status = c.fail(2, "error: Could not open file %s: %s", f, vfs.Errno(err))
			continue
		}
		s.texts, s.names = append(s.texts, data), append(s.names, f)
	}
	return s, status
}

// where is what jq calls the place of an error: the file and the lines read.
func (s *source) where() string {
	at := min(s.at, len(s.texts)-1)
	if at < 0 || s.c.flags["null-input"] {
		return "<unknown>"
	}
	read := s.texts[at]
	if s.d != nil && s.at < len(s.texts) {
		end := min(int(s.d.Offset())+1, len(read))
		read = read[:end]
	}
	return fmt.Sprintf("%s:%d", s.names[at], bytes.Count(read, []byte("\n")))
}

// Next returns the next input, an error, or nothing.
func (s *source) Next() (any, bool) {
	switch {
	case s.done:
		return nil, false
	case s.c.flags["raw-input"] && s.c.flags["slurp"]:
		s.done = true
		return string(bytes.Join(s.texts, nil)), true
	case s.c.flags["raw-input"]:
		return s.line()
	case s.c.flags["slurp"]:
		s.done = true
		list := []any{}
		for {
			v, ok := s.value()
			if !ok {
				return list, true
			}
			if _, isErr := v.(error); isErr {
				return v, true
			}
			list = append(list, v)
		}
	}
	return s.value()
}

func (s *source) line() (any, bool) {
	if s.raw == nil {
		all := string(bytes.Join(s.texts, nil))
		s.raw = strings.Split(strings.TrimSuffix(all, "\n"), "\n")
		if all == "" {
			s.raw = []string{}
		}
	}
	if len(s.raw) == 0 {
		return nil, false
	}
	l := s.raw[0]
	s.raw = s.raw[1:]
	return l, true
}

func (s *source) value() (any, bool) {
	for s.at < len(s.texts) {
		if s.d == nil {
			s.d = ojson.NewDecoder(bytes.NewReader(s.texts[s.at]))
		}
		v, err := s.d.Next()
		if err == io.EOF {
			s.d = nil
			s.at++
			continue
		}
		if err != nil {
			text := s.texts[s.at]
			offset := int(s.d.Offset())
			s.at = len(s.texts)
			return fmt.Errorf("parse error: %s", parseError(text, err, offset)), true
		}
		return s.c.order.value(v), true
	}
	return nil, false
}

// parseError words what is wrong with JSON as jq does, as far as its own parser
// tells the cases apart.
func parseError(text []byte, err error, offset int) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = int(syntax.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		lines := bytes.Count(text, []byte("\n"))
		return fmt.Sprintf("Unfinished JSON term at EOF at line %d, column %d", lines+1, len(text)-bytes.LastIndexByte(text, '\n')-1)
	}
	for at := max(offset-1, 0); at <= offset && at < len(text); at++ {
		if text[at] != '}' && text[at] != ']' {
			continue
		}
		return fmt.Sprintf("Unmatched '%c' at line %d, column %d", text[at], bytes.Count(text[:at], []byte("\n"))+1, at-bytes.LastIndexByte(text[:at], '\n'))
	}
	// jq reads a whole word before it looks at it.
	end := min(max(offset-1, 0), len(text))
	for end < len(text) && !bytes.ContainsRune([]byte(" \t\n[]{},:\""), rune(text[end])) {
		end++
	}
	if end == len(text) {
		return fmt.Sprintf("Invalid numeric literal at EOF at line %d, column %d", bytes.Count(text, []byte("\n"))+1, end-bytes.LastIndexByte(text, '\n')-1)
	}
	lines := bytes.Count(text[:min(end+1, len(text))], []byte("\n"))
	column := end - bytes.LastIndexByte(text[:end], '\n')
	if end < len(text) && text[end] == '\n' {
		column = 0
	}
	return fmt.Sprintf("Invalid numeric literal at line %d, column %d", lines+1, column)
}

var (
	expected = regexp.MustCompile(`^expected an? (object|array) but got: (\w+)(?: \((.*)\))?$`)
	iterate  = regexp.MustCompile(`^cannot iterate over: (\w+)(?: \((.*)\))?$`)
	// notNumber is what tonumber says of a text.
	notNumber = regexp.MustCompile(`^tonumber cannot be applied to "(.*)": invalid number$`)
	field     = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_]*)|\.?\["([^"]*)"\]`)
)

// message words an error of the program as jq does.
func (c *command) message(err error) string {
	text := err.Error()
	if m := expected.FindStringSubmatch(text); m != nil {
		if m[1] == "array" {
			return fmt.Sprintf("Cannot index %s with number", m[2])
		}
		if names := field.FindAllStringSubmatch(c.filter, -1); len(names) > 0 {
			n := names[len(names)-1]
			return fmt.Sprintf("Cannot index %s with string \"%s\"", m[2], n[1]+n[2])
		}
		return fmt.Sprintf("Cannot index %s with string", m[2])
	}
	if m := iterate.FindStringSubmatch(text); m != nil {
		if m[2] == "" {
			m[2] = m[1]
		}
		return fmt.Sprintf("Cannot iterate over %s (%s)", m[1], m[2])
	}
	if m := notNumber.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("Invalid numeric literal at EOF at line 1, column %d (while parsing '%s')", len(m[1]), m[1])
	}
	if rest, ok := strings.CutPrefix(text, "error: "); ok {
		return strings.Trim(rest, `"`)
	}
	return text
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null (null)"
	case string:
		return fmt.Sprintf("string (%q)", v)
	}
	return fmt.Sprintf("%T (%v)", v, v)
}
