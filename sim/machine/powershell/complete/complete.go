// Package complete finds what could stand at a place of a PowerShell text:
// commands, parameters and their values, variables, members, types, keys,
// properties of what is piped in, and paths. It looks at the session and changes
// nothing. It must not know how what it finds is chosen or shown.
package complete

import (
	"regexp"
	"slices"
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
)

// Match is one thing that could stand there.
type Match struct {
	Text string // to be put in
	List string // to be shown in a list
	Kind string // as PowerShell's CompletionResultType has it
}

// Result is what could replace the bytes from Start to End.
type Result struct {
	Start, End int
	Matches    []Match
}

// primary is an expression that only reads.
const primary = `(?:\$\{[^}]+\}|\$(?:\w+:)?\w+|\[[\w.]+\])(?:(?:\.|::)\w+|\[(?:-?\d+|'[^']*'|"[^"$]*")\])*`

var (
	memberAt   = regexp.MustCompile(`(` + primary + `)(\.|::)(\w*)$`)
	keyAt      = regexp.MustCompile(`(` + primary + `)\[(["']?\w*)$`)
	bracedAt   = regexp.MustCompile(`\$\{([^}]*)$`)
	variableAt = regexp.MustCompile(`\$((?:\w+:)?\w*)$`)
	typeAt     = regexp.MustCompile(`(?:^|[\s(=,;|{!])\[([\w.]+)$`)
	pipedFrom  = regexp.MustCompile(`^\s*(` + primary + `)\s*\|\s*$`)
)

// At finds what could stand at a byte position of a text.
func At(s *powershell.Session, text string, pos int) Result {
	pos = min(max(pos, 0), len(text))
	head, quote := innermost(text[:pos])
	f := finder{s: s, pos: pos}
	if quote == '\'' {
		return f.none()
	}
	if quote == 0 {
		if m := memberAt.FindStringSubmatch(head); m != nil {
			return f.members(m[1], m[2], m[3])
		}
	}
	if m := keyAt.FindStringSubmatch(text[:pos]); m != nil && (quote == 0 || strings.ContainsAny(m[2], `"'`)) {
		return f.keys(m[1], m[2])
	}
	if m := bracedAt.FindStringSubmatch(head); m != nil {
		return f.variables("${", m[1], "}")
	}
	if m := variableAt.FindStringSubmatch(head); m != nil {
		return f.variables("$", m[1], "")
	}
	if quote != 0 {
		return f.none()
	}
	if m := typeAt.FindStringSubmatch(head); m != nil {
		return f.types(m[1])
	}
	return f.command(head)
}

// innermost returns the text of the innermost bracket that is open at the end,
// with the pipes before it, and the quote in which the end lies, 0 if none.
func innermost(text string) (string, byte) {
	type level struct {
		from  int
		quote byte
	}
	stack := []level{{}}
	for i := 0; i < len(text); i++ {
		top := &stack[len(stack)-1]
		c := text[i]
		switch {
		case c == '`':
			i++
		case top.quote == '\'':
			if c == '\'' {
				stack = stack[:len(stack)-1]
			}
		case top.quote == '"':
			if c == '"' {
				stack = stack[:len(stack)-1]
			} else if c == '$' && i+1 < len(text) && text[i+1] == '(' {
				i++
				stack = append(stack, level{from: i + 1})
			}
		case c == '\'' || c == '"':
			stack = append(stack, level{i, c})
		case c == '(' || c == '{' && (i == 0 || text[i-1] != '$'):
			stack = append(stack, level{from: i + 1})
		case (c == ')' || c == '}') && len(stack) > 1:
			stack = stack[:len(stack)-1]
		case c == ';' || c == '\n' || c == '&' && i > 0 && text[i-1] == '&':
			top.from = i + 1
		}
	}
	top := stack[len(stack)-1]
	return text[top.from:], top.quote
}

type finder struct {
	s   *powershell.Session
	pos int
}

func (f finder) none() Result { return Result{Start: f.pos, End: f.pos} }

func (f finder) result(length int, list []Match) Result {
	return Result{f.pos - length, f.pos, list}
}

func begins(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func (f finder) variables(open, typed, end string) Result {
	var list []Match
	if scope, prefix, ok := strings.Cut(typed, ":"); ok && strings.EqualFold(scope, "env") {
		for _, n := range f.s.Environ() {
			if begins(n, prefix) {
				list = append(list, Match{open + scope + ":" + n + end, n, "Variable"})
			}
		}
		return f.result(len(open+typed), list)
	}
	for _, n := range f.s.VariableNames() {
		if !begins(n, typed) {
			continue
		}
		text := open + n + end
		if open == "$" && strings.ContainsFunc(n, func(r rune) bool {
			return r != '_' && r != '?' && !(r >= '0' && r <= '9' || r|32 >= 'a' && r|32 <= 'z')
		}) {
			text = "${" + n + "}"
		}
		list = append(list, Match{text, n, "Variable"})
	}
	return f.result(len(open+typed), list)
}

func (f finder) keys(from, typed string) Result {
	v, ok := f.s.Peek(from)
	d, isDict := object.Base(v).(*object.Dict)
	if !ok || !isDict {
		return f.none()
	}
	prefix := strings.TrimLeft(typed, `"'`)
	var list []Match
	for _, e := range d.Entries() {
		if k, ok := e.Key.(string); ok && begins(k, prefix) {
			list = append(list, Match{"'" + strings.ReplaceAll(k, "'", "''") + "'", k, "Property"})
		}
	}
	return f.result(len(typed), list)
}

func (f finder) types(typed string) Result {
	var list []Match
	for _, n := range object.Accelerators() {
		if begins(n, typed) {
			list = append(list, Match{n, n, "Type"})
		}
	}
	return f.result(len(typed), list)
}

var operators = strings.Fields(`and as band bnot bor bxor ccontains ceq cge cgt cin cle clike clt cmatch cne cnotcontains cnotin cnotlike cnotmatch contains creplace csplit eq f ge gt icontains ieq ige igt iin
	ile ilike ilt imatch in ine inotcontains inotin inotlike inotmatch ireplace is isnot isplit join le like lt match ne not notcontains notin notlike notmatch or replace shl shr split xor`)

var switchParams = strings.Fields("CaseSensitive Exact File Parallel Regex Wildcard")

func parameters(names []string, prefix string) (list []Match) {
	for _, n := range names {
		if begins(n, prefix) {
			list = append(list, Match{"-" + n, n, "ParameterName"})
		}
	}
	return list
}

// command finds what could stand in a command.
func (f finder) command(head string) Result {
	before, line := "", head
	if i := lastPipe(head); i >= 0 {
		before, line = head[:i+1], head[i+1:]
	}
	words, last := split(line)
	switch {
	case len(words) == 0 && !strings.HasPrefix(last, "-"):
		return f.result(len(last), f.commands(last))
	case strings.HasPrefix(last, "-"):
		if len(words) == 0 || !f.s.IsCommand(words[0]) {
			if len(words) == 1 && strings.EqualFold(words[0], "switch") {
				return f.result(len(last), parameters(switchParams, last[1:]))
			}
			return f.result(len(last), parameters(operators, last[1:]))
		}
		params, common, ok := f.s.Parameters(words[0])
		if !ok {
			return f.none()
		}
		var names []string
		for _, p := range params {
			names = append(names, p.Name)
		}
		list := parameters(append(names, common...), last[1:])
		if len(list) == 0 {
			for _, p := range params {
				list = append(list, parameters(p.Aliases, last[1:])...)
			}
		}
		return f.result(len(last), list)
	}
	if list := f.arguments(words, last, before); list != nil {
		return f.result(len(last), list)
	}
	return f.result(len(last), f.paths(last))
}

// lastPipe is the place of the last pipe outside quotes and brackets; -1 if
// there is none.
func lastPipe(text string) int {
	at, depth, quote := -1, 0, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '{':
			depth++
		case c == ')' || c == '}':
			depth--
		case c == '|' && depth == 0:
			at = i
		}
	}
	return at
}

// split takes a command apart into the words that are complete and the one that
// the end lies in.
func split(line string) (words []string, last string) {
	from, quote, depth := -1, byte(0), 0
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == ' ' || c == '\t' || c == ',') && depth == 0:
			if from >= 0 {
				words = append(words, line[from:i])
			}
			from = -1
			continue
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '{':
			depth++
		case c == ')' || c == '}':
			depth--
		}
		if from < 0 {
			from = i
		}
	}
	if from >= 0 {
		last = line[from:]
	}
	return words, last
}

func (f finder) commands(prefix string) (list []Match) {
	if strings.ContainsAny(prefix, `/\`) {
		return f.paths(prefix)
	}
	if prefix == "" {
		return nil
	}
	for _, n := range f.s.CommandNames() {
		if begins(n, prefix) {
			list = append(list, Match{n, n, "Command"})
		}
	}
	return append(list, f.paths(prefix)...)
}

// takesProperties are the commands whose arguments name properties of what is
// piped in.
var takesProperties = strings.Fields("select-object where-object sort-object group-object measure-object format-table format-list format-wide foreach-object")

// arguments finds the values of a parameter, or the properties of what is piped
// in; nil if neither is known.
func (f finder) arguments(words []string, last, before string) []Match {
	params, _, ok := f.s.Parameters(words[0])
	if !ok {
		return nil
	}
	if name := words[len(words)-1]; len(words) > 1 && strings.HasPrefix(name, "-") {
		i := slices.IndexFunc(params, func(p *powershell.Param) bool { return strings.EqualFold(p.Name, name[1:]) })
		if i < 0 {
			i = slices.IndexFunc(params, func(p *powershell.Param) bool { return begins(p.Name, name[1:]) })
		}
		if i >= 0 {
			if list := values(params[i], last); list != nil {
				return list
			}
		}
	}
	if !slices.Contains(takesProperties, strings.ToLower(f.s.CommandOf(words[0]))) {
		return nil
	}
	m := pipedFrom.FindStringSubmatch(before)
	if m == nil {
		return nil
	}
	v, ok := f.s.Peek(m[1])
	if !ok {
		return nil
	}
	list := []Match{}
	names := f.s.Members().PropertyNames(v)
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for _, n := range names {
		if begins(n, last) && !slices.Contains(words[1:], n) {
			list = append(list, Match{n, n, "Property"})
		}
	}
	return list
}

// values are those that a parameter's type or its tests name.
func values(p *powershell.Param, typed string) (list []Match) {
	var names []string
	for _, v := range p.Validate {
		if v.Name != "validateset" {
			continue
		}
		for _, a := range v.Args {
			if s, ok := a.(string); ok {
				names = append(names, s)
			}
		}
	}
	if t := p.Type; names == nil && t != nil && t.IsEnum {
		for _, v := range t.Values {
			names = append(names, v.Name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for _, n := range names {
		if begins(n, strings.Trim(typed, `'"`)) {
			text := n
			if strings.ContainsFunc(n, func(r rune) bool { return r == ' ' || r == '-' || r == '\'' }) || n[0] >= '0' && n[0] <= '9' {
				text = "'" + strings.ReplaceAll(n, "'", "''") + "'"
			}
			list = append(list, Match{text, n, "ParameterValue"})
		}
	}
	return list
}
