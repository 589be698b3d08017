package member

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// members.txt: "=" begins a type, ".new" a constructor, ":" a static member; the
// rest are instance members. Lines read as Get-Member's definitions.
//
//go:embed members.txt
var memberText string

// signature is one overload.
type signature struct {
	text   string
	names  []string
	types  []*object.Type // nil where the type is not known
	ref    []bool
	params bool // the last one takes any number
	// optional says that the last one may be left out.
	optional bool
}

// section returns the lines of a type.
func section(t *object.Type) string {
	name := t.Name
	if t.Elem != nil {
		name = "System.Object[]"
	}
	i := strings.Index(memberText, "\n="+name)
	if i < 0 && strings.HasPrefix(memberText, "="+name) {
		i = -1
	} else if i < 0 {
		return ""
	}
	s := memberText[i+1:]
	if c := s[len(name)+1]; c != '\t' && c != '[' {
		return sectionExact(name)
	}
	if j := strings.Index(s, "\n="); j >= 0 {
		s = s[:j]
	}
	_, s, _ = strings.Cut(s, "\n")
	return s
}

func sectionExact(name string) string {
	for _, end := range []string{"\t", "["} {
		if i := strings.Index(memberText, "\n="+name+end); i >= 0 {
			s := memberText[i+1:]
			if j := strings.Index(s, "\n="); j >= 0 {
				s = s[:j]
			}
			_, s, _ = strings.Cut(s, "\n")
			return s
		}
	}
	return ""
}

// signatures returns the overloads of a method of exactly this type; the name
// "new" means its constructors.
func signatures(t *object.Type, name string, static bool) (out []signature) {
	lines := section(t)
	for lines != "" {
		var l string
		l, lines, _ = strings.Cut(lines, "\n")
		text := l
		switch {
		case strings.HasPrefix(l, ".new"):
			if name != ".ctor" {
				continue
			}
			text = l[1:]
		case name == ".ctor":
			continue
		case strings.HasPrefix(l, ":") != static:
			continue
		default:
			text = strings.TrimPrefix(l, ":")
		}
		i := strings.IndexByte(text, '(')
		if i < 0 {
			continue
		}
		head := text[:i]
		n := head[strings.LastIndexByte(head, ' ')+1:]
		if name != ".ctor" && !strings.EqualFold(n, name) {
			continue
		}
		s := parseSignature(t, text, text[i+1:len(text)-1])
		s.optional = optional[text]
		out = append(out, s)
	}
	return out
}

// optional are the overloads whose last parameter has a default value.
var optional = map[string]bool{
	"string[] Split(string separator, System.StringSplitOptions options)":            true,
	"string[] Split(string separator, int count, System.StringSplitOptions options)": true,
	"string[] Split(char separator, System.StringSplitOptions options)":              true,
	"string[] Split(char separator, int count, System.StringSplitOptions options)":   true,
}

func parseSignature(owner *object.Type, text, params string) signature {
	s := signature{text: text}
	for _, p := range splitParams(params) {
		j := strings.LastIndexByte(p, ' ')
		if j < 0 {
			continue
		}
		typ, name := p[:j], p[j+1:]
		if t, ok := strings.CutPrefix(typ, "Params "); ok {
			typ, s.params = t, true
		}
		ref := false
		if t, ok := strings.CutPrefix(typ, "[ref] "); ok {
			typ, ref = t, true
		}
		s.names = append(s.names, name)
		s.ref = append(s.ref, ref)
		s.types = append(s.types, typeOf(owner, typ))
	}
	return s
}

func splitParams(s string) (out []string) {
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	if t := strings.TrimSpace(s[start:]); t != "" {
		out = append(out, t)
	}
	return out
}

// generics are the arguments with which the table's generic types were recorded.
var generics = map[string][]string{
	"System.Collections.Generic.List`1": {"string"}, "System.Collections.Generic.HashSet`1": {"string"},
	"System.Collections.Generic.Dictionary`2": {"string", "System.Object"},
}

// substitute puts a type's own arguments in place of the recorded ones.
func substitute(owner *object.Type, n *syntax.TypeName) *object.Type {
	for i, g := range generics[owner.Name] {
		if i < len(owner.Args) && n.Elem == nil && len(n.Args) == 0 && n.Name == g {
			return owner.Args[i]
		}
	}
	switch {
	case n.Elem != nil:
		if t := substitute(owner, n.Elem); t != nil {
			return t.ArrayOf(n.Rank)
		}
	case len(n.Args) > 0:
		var args []*object.Type
		for _, a := range n.Args {
			t := substitute(owner, a)
			if t == nil {
				return nil
			}
			args = append(args, t)
		}
		return object.Generic(n.Name+"`"+strconv.Itoa(len(args)), args...)
	}
	return object.Lookup(n, nil)
}

func typeOf(owner *object.Type, name string) *object.Type {
	if name == "T" || name == "TValue" || name == "TKey" {
		return object.ObjectType
	}
	n, ok := syntax.ParseTypeName(name)
	if !ok {
		return nil
	}
	if len(owner.Args) > 0 {
		return substitute(owner, n)
	}
	return object.Lookup(n, nil)
}

const impossible = 1 << 20

// numericOrder ranks numeric types from narrow to wide.
var numericOrder = map[*object.Type]int{
	object.SByteType: 1, object.ByteType: 1, object.Int16Type: 2, object.UInt16Type: 2, object.Int32Type: 3, object.UInt32Type: 4,
	object.Int64Type: 5, object.UInt64Type: 6, object.DecimalType: 7, object.DoubleType: 8, object.SingleType: 9,
}

// cost says how far an argument is from a parameter's type.
func (e *Env) cost(v any, t *object.Type) int {
	if t == nil {
		return impossible
	}
	b := object.Base(v)
	if b == nil {
		if t.IsValue() && !t.IsNullable() {
			return 60
		}
		if t == object.StringType {
			return 2
		}
		return 1
	}
	from := object.TypeOf(b)
	if from == t {
		return 0
	}
	a, an := numericOrder[from]
	c, cn := numericOrder[t]
	switch {
	case cn && from == object.StringType:
		return 48 // whether it can be is seen when it is converted
	case an && cn:
		if c > a {
			if isFloat(from) && t == object.DecimalType {
				return 50
			}
			return 1 + c - a
		}
		return 30 + a - c
	case from == object.ScriptBlockType && t.Is(delegateType):
		return 3
	case t == object.ObjectType:
		return 15
	case from.Is(t):
		return 10
	case t == object.CharType:
		if s, ok := b.(string); ok {
			if object.Len(s) == 1 {
				return 20
			}
			return impossible
		}
		if an {
			return 45
		}
		return impossible
	case t == object.StringType:
		if from == object.CharType {
			return 12
		}
		return 40
	case t.Elem != nil:
		items, many := object.Items(b)
		if !many {
			if s, ok := b.(string); ok && t.Elem == object.CharType {
				_ = s
				return 25
			}
			if k := e.cost(b, t.Elem); k < impossible {
				return 46 + k/8
			}
			return impossible
		}
		worst := 0
		for _, x := range items {
			worst = max(worst, e.cost(x, t.Elem))
		}
		if worst >= impossible {
			return impossible
		}
		return 18 + worst/4
	case t.IsEnum:
		if _, ok := b.(string); ok {
			return 22
		}
		if an {
			return 28
		}
	case strings.HasPrefix(t.Name, "System.Collections.Generic.IEnumerable"):
		if _, many := object.Items(b); many {
			return 19
		}
		return impossible
	}
	if _, err := e.Convert(v, t); err != nil {
		return impossible
	}
	return 50
}

func isFloat(t *object.Type) bool { return t == object.DoubleType || t == object.SingleType }

// choose picks an overload and converts the arguments to its types.
func (e *Env) choose(name string, sigs []signature, args []any) (*signature, []any, error) {
	best, bestCost, ties := -1, impossible, 0
	counted := -1
	for i := range sigs {
		s := &sigs[i]
		n := len(s.types)
		expand := false
		switch {
		case n == len(args):
		case s.optional && n == len(args)+1:
		case s.params && len(args) >= n-1:
			expand = true
		default:
			continue
		}
		if counted < 0 {
			counted = i
		}
		total := 0
		for j, a := range args {
			if expand && j >= n-1 {
				total += 5 + e.cost(a, s.types[n-1].Elem)
				continue
			}
			if s.ref[j] {
				if !e.refers(a, s.types[j]) {
					total += impossible
				}
				continue
			}
			k := e.cost(a, s.types[j])
			if s.params && j == n-1 && k >= 18 {
				k = min(k, 5+e.cost(a, s.types[j].Elem))
			}
			total += k
		}
		if expand {
			total += 3
		}
		if s.optional && n > len(args) {
			total++
		}
		switch {
		case total < bestCost:
			best, bestCost, ties = i, total, 0
		case total == bestCost && total < impossible:
			ties++
		}
	}
	if best < 0 || bestCost >= impossible {
		if counted >= 0 && e.single(sigs, len(args)) {
			best = counted
		} else {
			return nil, nil, &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Category: "NotSpecified", Message: fmt.Sprintf(`Cannot find an overload for "%s" and the argument count: "%d".`, name, len(args))}
		}
	}
	s := &sigs[best]
	if strings.HasPrefix(s.text, "new(") {
		name = ".ctor"
	}
	out := make([]any, 0, len(args))
	n := len(s.types)
	for j := 0; j < n; j++ {
		if s.params && j == n-1 && (len(args) != n || len(args) == n && e.cost(args[j], s.types[j]) > 5+e.cost(args[j], s.types[j].Elem)) {
			rest := &object.Array{Elem: s.types[j].Elem}
			for k := j; k < len(args); k++ {
				v, err := e.argument(name, s, j, k, args[k], s.types[j].Elem)
				if err != nil {
					return nil, nil, err
				}
				rest.Items = append(rest.Items, v)
			}
			out = append(out, rest)
			break
		}
		if j >= len(args) {
			out = append(out, zeroOf(s.types[j]))
			break
		}
		if s.ref[j] {
			out = append(out, object.Base(args[j]))
			continue
		}
		v, err := e.argument(name, s, j, j, args[j], s.types[j])
		if err != nil {
			return nil, nil, err
		}
		out = append(out, v)
	}
	return s, out, nil
}

// refers reports whether an argument is a reference that a parameter of type t
// takes: what it refers to must convert to t.
func (e *Env) refers(v any, t *object.Type) bool {
	r, ok := object.Base(v).(*object.Ref)
	if !ok || t == nil || r.Get == nil {
		return ok
	}
	_, err := e.Convert(r.Get(), t)
	return err == nil
}

// single reports whether only one overload takes that many arguments.
func (e *Env) single(sigs []signature, n int) bool {
	count := 0
	for i := range sigs {
		if len(sigs[i].types) == n {
			count++
			for _, t := range sigs[i].types {
				if t == nil {
					return false
				}
			}
			for _, r := range sigs[i].ref {
				if r {
					return false
				}
			}
		}
	}
	return count == 1
}

func (e *Env) argument(name string, s *signature, j, k int, v any, t *object.Type) (any, error) {
	if t == nil {
		return v, nil
	}
	if t.Elem == object.CharType {
		if str, ok := object.Base(v).(string); ok {
			a := &object.Array{Elem: object.CharType}
			for _, u := range object.Units(str) {
				a.Items = append(a.Items, object.Char(u))
			}
			return a, nil
		}
	}
	if v == nil && t == object.StringType {
		return nil, nil
	}
	x, err := e.Convert(v, t)
	if err != nil {
		return nil, &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodArgumentConversionInvalidCastArgument", Category: "NotSpecified", Message: fmt.Sprintf(`Cannot convert argument "%s", with value: "%s", for "%s" to type "%s": "%s"`, s.names[j], e.Display(v), name, t.FullName(), err)}
	}
	return x, nil
}

// Definitions returns the definitions of a type's members, as Get-Member shows
// them: name and text.
func Definitions(t *object.Type, static bool) (out [][2]string) {
	for _, l := range strings.Split(section(t), "\n") {
		if l == "" || strings.HasPrefix(l, ".new") || strings.HasPrefix(l, ":") != static {
			continue
		}
		l = strings.TrimPrefix(l, ":")
		head := l
		if i := strings.IndexAny(l, "({"); i >= 0 {
			head = strings.TrimSpace(l[:i])
		}
		if i := strings.LastIndexByte(head, '['); i >= 0 && strings.HasSuffix(head, "]") { // an indexer
			head = head[:i]
		}
		name := head[strings.LastIndexByte(head, ' ')+1:]
		if n := len(out); n > 0 && out[n-1][0] == name && !strings.Contains(l, "(") && !strings.Contains(l, name+"[") {
			out = out[:n-1] // hidden by that of the derived type, which is listed behind it
		}
		out = append(out, [2]string{name, l})
	}
	return out
}
