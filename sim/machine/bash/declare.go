package bash

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// declaration1 is one name that declare and its kin are given.
type declaration1 struct {
	assign *syntax.Assign // its value, if it has one in the source
	name   string
	value  string // where it came as a word
	has    bool
	add    bool // +=
}

// declClause runs declare, local, export, readonly and typeset as they are parsed.
func (f *frame) declClause(ctx context.Context, c *syntax.DeclClause) {
	f.substs = -1
	args := []string{c.Variant.Value}
	var names []declaration1
	for _, a := range c.Args {
		if a.Name != nil {
			names = append(names, declaration1{assign: a, name: a.Name.Value, has: !a.Naked})
			continue
		}
		words, ok := f.fields(ctx, a.Value)
		if !ok {
			return
		}
		for _, w := range words {
			if (strings.HasPrefix(w, "-") || strings.HasPrefix(w, "+")) && len(names) == 0 {
				args = append(args, w)
				continue
			}
			names = append(names, wordDeclaration(w))
		}
	}
	if f.options["xtrace"] {
		words := slices.Clone(args)
		for _, d := range names {
			if d.assign != nil {
				words = append(words, f.textOf(d.assign.Pos(), d.assign.End()))
			} else {
				words = append(words, d.name)
			}
		}
		f.traceLine(strings.Join(words, " "))
	}
	f.status = f.declare(ctx, args, names)
	if f.jump == goOn {
		f.pipes = []int{f.status}
	}
}

func wordDeclaration(w string) declaration1 {
	name, value, has := strings.Cut(w, "=")
	d := declaration1{name: name, value: value, has: has}
	if d.has && strings.HasSuffix(name, "+") {
		d.name, d.add = name[:len(name)-1], true
	}
	return d
}

// declBuiltin is a declaration whose words came from expansions.
func declBuiltin(f *frame, ctx context.Context, args []string) int {
	options := args[:1:1]
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && (rest[0][0] == '-' || rest[0][0] == '+') {
		options = append(options, rest[0])
		rest = rest[1:]
	}
	var names []declaration1
	for _, w := range rest {
		names = append(names, wordDeclaration(w))
	}
	return f.declare(ctx, options, names)
}

func (f *frame) declare(ctx context.Context, args []string, names []declaration1) int {
	builtin := args[0]
	known := map[string]string{"export": "fnp", "readonly": "aAfp", "nameref": ""}[builtin]
	if known == "" {
		known = "aAfFgiIlnrtuxp"
	}
	on, off := map[byte]bool{}, map[byte]bool{}
	for _, a := range args[1:] {
		if a == "--" {
			continue
		}
		for i := 1; i < len(a); i++ {
			if strings.IndexByte(known, a[i]) < 0 {
				return f.wrongOption(builtin, a[:1]+a[i:i+1])
			}
			if a[0] == '-' {
				on[a[i]] = true
			} else {
				off[a[i]] = true
			}
		}
	}
	switch builtin {
	case "export":
		if on['n'] {
			off['x'] = true
			delete(on, 'n')
		} else {
			on['x'] = true
		}
	case "readonly":
		on['r'] = true
	case "local":
		if len(f.calls) == 0 {
			f.complain("local: can only be used in a function")
			return 1
		}
	}
	if on['f'] || on['F'] {
		return f.declareFunctions(on, names)
	}
	if len(names) == 0 || on['p'] {
		return f.listVariables(builtin, on, names, len(args) == 1)
	}
	status := 0
	for _, d := range names {
		if !f.declareOne(ctx, builtin, d, on, off) {
			status = 1
			if f.jump != goOn {
				return f.status
			}
		}
	}
	return status
}

func (f *frame) declareOne(ctx context.Context, builtin string, d declaration1, on, off map[byte]bool) bool {
	base, _, element := strings.Cut(d.name, "[")
	if !syntax.ValidName(base) {
		shown := d.name
		if d.has && d.assign == nil {
			shown += "=" + d.value
		}
		f.complain("%s: `%s': not a valid identifier", builtin, shown)
		return false
	}
	// A function's declarations are its own, but for export and readonly.
	if len(f.calls) > 0 && !on['g'] && builtin != "export" && builtin != "readonly" {
		f.local(base)
	}
	v := f.vars[base]
	if v.ReadOnly && (d.has || off['r']) {
		f.complain("%s: %s: readonly variable", builtin, base)
		if d.has {
			return false
		}
		return false
	}
	if on['i'] {
		v.Integer = true
	}
	if off['i'] {
		v.Integer = false
	}
	for _, c := range []byte{'l', 'u'} {
		if on[c] {
			v.Case = string(c)
		} else if off[c] && v.Case == string(c) {
			v.Case = ""
		}
	}
	if on['x'] {
		v.Exported = true
	}
	if off['x'] {
		v.Exported = false
	}
	switch {
	case on['A']:
		if v.Kind == expand.Indexed {
			f.complain("%s: %s: cannot convert indexed to associative array", builtin, base)
			return false
		}
		if v.Kind != expand.Associative {
			v.Map = map[string]string{}
			if v.Kind == expand.String && v.IsSet() {
				v.Map["0"] = v.Str
			}
			v.Kind, v.Str = expand.Associative, ""
		}
	case on['a']:
		if v.Kind == expand.Associative {
			f.complain("%s: %s: cannot convert associative to indexed array", builtin, base)
			return false
		}
		if v.Kind != expand.Indexed {
			if v.Kind == expand.String && v.IsSet() {
				v.List = []string{v.Str}
			}
			v.Kind, v.Str = expand.Indexed, ""
		}
	}
	f.vars[base] = v
	ok := true
	switch {
	case !d.has:
	case d.assign != nil && on['n']:
		if d.value, ok = f.literal(ctx, d.assign.Value); ok {
			v.Kind, v.Set, v.Str = expand.NameRef, true, d.value
			f.vars[base] = v
		}
	case on['n']:
		v.Kind, v.Set, v.Str = expand.NameRef, true, d.value
		f.vars[base] = v
	case d.assign != nil:
		ok = f.assignment(ctx, d.assign, &v)
	case d.value != "" && strings.HasPrefix(d.value, "(") && strings.HasSuffix(d.value, ")") && (v.Kind == expand.Indexed || v.Kind == expand.Associative):
		old := f.source
		f.script(ctx, base+"="+d.value)
		f.source = old
	default:
		value := d.value
		var err error
		switch {
		case d.add:
			value = f.appended(v, v.String(), value)
			err = f.setText(base, value)
		case element:
			err = f.setElement(base, strings.TrimSuffix(d.name[len(base)+1:], "]"), value)
		default:
			err = f.setText(base, value)
		}
		if err != nil {
			f.complain("%s: %v", builtin, err)
			ok = false
		}
	}
	if !ok {
		return false
	}
	v = f.vars[base]
	if on['r'] {
		v.ReadOnly = true
	}
	if on['x'] {
		v.Exported = true
	}
	if off['n'] && v.Kind == expand.NameRef {
		v.Kind = expand.String
	}
	f.vars[base] = v
	return true
}

func (f *frame) declareFunctions(on map[byte]bool, names []declaration1) int {
	if len(names) == 0 {
		for _, name := range slices.Sorted(maps.Keys(f.funcs)) {
			if on['F'] {
				fmt.Fprintf(f.out(), "declare -f %s\n", name)
			} else {
				fmt.Fprint(f.out(), f.functionText(name))
			}
		}
		return 0
	}
	status := 0
	for _, d := range names {
		switch _, ok := f.funcs[d.name]; {
		case !ok:
			status = 1
		case on['x'], on['r']:
		case on['F']:
			fmt.Fprintln(f.out(), d.name)
		default:
			fmt.Fprint(f.out(), f.functionText(d.name))
		}
	}
	return status
}

func (f *frame) listVariables(builtin string, on map[byte]bool, names []declaration1, plain bool) int {
	if len(names) > 0 {
		status := 0
		for _, d := range names {
			if _, ok := f.vars[d.name]; !ok {
				f.complain("%s: %s: not found", builtin, d.name)
				status = 1
				continue
			}
			fmt.Fprint(f.out(), f.declaration(d.name, false))
		}
		return status
	}
	if plain && (builtin == "declare" || builtin == "typeset") {
		f.listAll()
		return 0
	}
	var own map[string]*variable
	if builtin == "local" {
		own = f.locals[len(f.locals)-1]
	}
	for _, name := range slices.Sorted(maps.Keys(f.vars)) {
		v := f.vars[name]
		_, isOwn := own[name]
		switch {
		case builtin == "local" && !isOwn, on['x'] && !v.Exported, on['r'] && !v.ReadOnly, on['i'] && !v.Integer, on['a'] && v.Kind != expand.Indexed, on['A'] && v.Kind != expand.Associative, on['n'] && v.Kind != expand.NameRef:
			continue
		}
		text := f.declaration(name, false)
		if builtin == "local" && !on['p'] {
			text = name + "=" + bare(v.String()) + "\n"
		}
		fmt.Fprint(f.out(), text)
	}
	return 0
}

// listAll is set without arguments.
func (f *frame) listAll() {
	for _, name := range slices.Sorted(maps.Keys(f.vars)) {
		v := f.vars[name]
		switch {
		case !v.IsSet():
		case v.Kind == expand.String || v.Kind == expand.NameRef:
			fmt.Fprintf(f.out(), "%s=%s\n", name, emptyBare(v.Str))
		default:
			_, value, _ := strings.Cut(f.declaration(name, false), "=")
			fmt.Fprintf(f.out(), "%s=%s", name, value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.funcs)) {
		fmt.Fprint(f.out(), f.functionText(name))
	}
}

func emptyBare(s string) string {
	if s == "" {
		return ""
	}
	return bare(s)
}

func unsetBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "fvn")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range rest {
		base, _, _ := strings.Cut(name, "[")
		switch _, isVar := f.vars[base]; {
		case given['f'] || !isVar && !given['v'] && !given['n']:
			delete(f.funcs, name)
		case !syntax.ValidName(base):
			f.complain("unset: `%s': not a valid identifier", name)
			status = 1
		default:
			if v := f.vars[base]; v.Kind == expand.NameRef && !given['n'] {
				name = v.Str
			}
			if err := f.unset(name); err != nil {
				f.complain("unset: %v", err)
				status = 1
			}
		}
	}
	return status
}

// getopts is how far getopts has come: a word, and a letter in it.
type getopts struct{ index, at int }

func getoptsBuiltin(f *frame, _ context.Context, args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(f.err(), "getopts: usage: getopts "+usages["getopts"])
		return 2
	}
	options, name, words := args[1], args[2], f.params
	if len(args) > 3 {
		words = args[3:]
	}
	silent := strings.HasPrefix(options, ":")
	o := &f.opt
	if n, ok := number(f.text("OPTIND")); !ok || int(n) != o.index { // it was set, or is a function's own
		o.index, o.at = 1, 0
		if ok && n > 0 && n < 1<<16 {
			o.index = int(n)
		}
	}
	delete(f.vars, "OPTARG")
	end := func() int {
		f.put(name, "?")
		f.put("OPTIND", fmt.Sprint(o.index))
		return 1
	}
	if o.index > len(words) {
		return end()
	}
	word := words[o.index-1]
	if o.at == 0 {
		if len(word) < 2 || word[0] != '-' {
			return end()
		}
		if word == "--" {
			o.index++
			return end()
		}
		o.at = 1
	}
	c := word[o.at]
	o.at++
	next := func() { o.index, o.at = o.index+1, 0 }
	report := func(message, sign string) {
		if silent {
			f.put("OPTARG", string(c))
			f.put(name, sign)
			return
		}
		f.put(name, "?")
		if f.text("OPTERR") != "0" {
			fmt.Fprintf(f.err(), "%s: %s -- %c\n", f.arg0, message, c)
		}
	}
	i := strings.IndexByte(strings.TrimPrefix(options, ":"), c)
	opts := strings.TrimPrefix(options, ":")
	switch {
	case i < 0 || c == ':':
		if o.at >= len(word) {
			next()
		}
		report("illegal option", "?")
	case i+1 < len(opts) && opts[i+1] == ':':
		switch {
		case o.at < len(word):
			f.put("OPTARG", word[o.at:])
			next()
			f.put(name, string(c))
		case o.index < len(words):
			f.put("OPTARG", words[o.index])
			o.index++
			next()
			f.put(name, string(c))
		default:
			next()
			report("option requires an argument", ":")
		}
	default:
		if o.at >= len(word) {
			next()
		}
		f.put(name, string(c))
	}
	f.put("OPTIND", fmt.Sprint(o.index))
	return 0
}

func setBuiltin(f *frame, _ context.Context, args []string) int {
	if len(args) == 1 {
		f.listAll()
		return 0
	}
	rest := args[1:]
	for len(rest) > 0 {
		a := rest[0]
		if a == "--" {
			f.params = slices.Clone(rest[1:])
			return 0
		}
		if a == "-" {
			f.options["xtrace"], f.options["verbose"] = false, false
			if len(rest) > 1 {
				f.params = slices.Clone(rest[1:])
			}
			return 0
		}
		if len(a) < 2 || a[0] != '-' && a[0] != '+' {
			break
		}
		on := a[0] == '-'
		rest = rest[1:]
		for i := 1; i < len(a); i++ {
			if a[i] == 'o' {
				if len(rest) == 0 {
					f.listOptions(on)
					return 0
				}
				name := rest[0]
				rest = rest[1:]
				if !f.knownOption(name) {
					f.complain("set: %s: invalid option name", name)
					return 2
				}
				f.setOption(name, on)
				continue
			}
			name := ""
			for _, o := range optionLetters {
				if o.letter == a[i] {
					name = o.name
				}
			}
			if name == "" {
				return f.wrongOption("set", a[:1]+a[i:i+1])
			}
			f.setOption(name, on)
		}
	}
	if len(rest) > 0 {
		f.params = slices.Clone(rest)
	}
	return 0
}

func (f *frame) setOption(name string, on bool) {
	f.options[name] = on
	if on && name == "vi" {
		f.options["emacs"] = false
	} else if on && name == "emacs" {
		f.options["vi"] = false
	}
}

func (f *frame) knownOption(name string) bool {
	return name != "" && (slices.Contains(longOptions, name) || slices.ContainsFunc(optionLetters, func(o struct {
		letter byte
		name   string
	}) bool {
		return o.name == name
	}))
}

// setNames are all of set -o, sorted.
func setNames() []string {
	names := slices.Clone(longOptions)
	for _, o := range optionLetters {
		if o.name != "" {
			names = append(names, o.name)
		}
	}
	slices.Sort(names)
	return names
}

func (f *frame) listOptions(table bool) {
	for _, name := range setNames() {
		on := f.options[name]
		switch {
		case table:
			fmt.Fprintf(f.out(), "%-15s\t%s\n", name, map[bool]string{true: "on", false: "off"}[on])
		case on:
			fmt.Fprintln(f.out(), "set -o "+name)
		default:
			fmt.Fprintln(f.out(), "set +o "+name)
		}
	}
}

func shoptBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "pqsuo")
	if !ok {
		return 2
	}
	table := f.shopts
	names := slices.Sorted(maps.Keys(shoptDefaults))
	if given['o'] {
		table, names = f.options, setNames()
	}
	show := func(name string) {
		switch on := table[name]; {
		case given['q']:
		case given['p'] && given['o']:
			fmt.Fprintf(f.out(), "set %so %s\n", map[bool]string{true: "-", false: "+"}[on], name)
		case given['p']:
			fmt.Fprintf(f.out(), "shopt -%s %s\n", map[bool]string{true: "s", false: "u"}[on], name)
		default:
			fmt.Fprintf(f.out(), "%-15s\t%s\n", name, map[bool]string{true: "on", false: "off"}[on])
		}
	}
	if len(rest) == 0 {
		for _, name := range names {
			if on := table[name]; !given['s'] && !given['u'] || given['s'] && on || given['u'] && !on {
				show(name)
			}
		}
		return 0
	}
	status := 0
	for _, name := range rest {
		if !slices.Contains(names, name) {
			f.complain("shopt: %s: invalid %soption name", name, map[bool]string{true: "", false: "shell "}[given['o']])
			status = 1
			continue
		}
		switch {
		case given['s']:
			table[name] = true
		case given['u']:
			table[name] = false
		default:
			show(name)
			if !table[name] {
				status = 1
			}
		}
	}
	return status
}

func trapBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "lp")
	if !ok {
		return 2
	}
	if given['l'] {
		return listSignals(f, nil)
	}
	full := func(name string) (string, bool) {
		switch up := strings.ToUpper(name); up {
		case "EXIT", "ERR", "DEBUG", "RETURN":
			return up, true
		}
		n, ok := signal(name)
		if !ok {
			return "", false
		}
		return signals[n], true
	}
	if given['p'] || len(rest) == 0 {
		names := slices.Sorted(maps.Keys(f.traps))
		slices.SortStableFunc(names, func(a, b string) int {
			at := func(s string) int {
				n := slices.Index(signals, s)
				if n < 0 {
					n = 100
				}
				return n
			}
			return at(a) - at(b)
		})
		for _, name := range names {
			if len(rest) > 0 {
				asked := false
				for _, r := range rest {
					if s, ok := full(r); ok && s == name {
						asked = true
					}
				}
				if !asked {
					continue
				}
			}
			shown := name
			if n := slices.Index(signals, name); n > 0 {
				shown = "SIG" + name
			}
			fmt.Fprintf(f.out(), "trap -- %s %s\n", quoted(f.traps[name]), shown)
		}
		return 0
	}
	action := rest[0]
	rest = rest[1:]
	if len(rest) == 0 {
		if _, ok := full(action); !ok {
			fmt.Fprintln(f.err(), "trap: usage: trap "+usages["trap"])
			return 2
		}
		rest, action = []string{action}, "-"
	}
	status := 0
	for _, name := range rest {
		sig, ok := full(name)
		if !ok {
			f.complain("trap: %s: invalid signal specification", name)
			status = 1
			continue
		}
		if action == "-" {
			delete(f.traps, sig)
		} else {
			f.traps[sig] = action
		}
	}
	return status
}
