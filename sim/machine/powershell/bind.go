package powershell

import (
	"fmt"
	"sort"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

var memberTypes = object.MustType("System.Management.Automation.PSMemberTypes")

// binder gives a command's parameters their values.
type binder struct {
	c                     *ctx
	k                     *call
	params                []*Param
	set                   string   // the default set
	sets                  []string // all sets, in order
	advanced, function    bool
	supportsShouldProcess bool
	noPositional          bool
	values                map[*Param]any
	// piped are those that the pipeline fills anew for each object.
	piped map[*Param]bool
	// splatted got their value from a splatted hashtable.
	splatted map[*Param]bool
	common   map[string]any
	rest     []any
	valid    map[string]bool // sets still possible; nil if there is only one
	bindAt   map[*Param]syntax.Span
}

// commonParams are those that every advanced command has: name, aliases, and
// whether it is a switch.
var commonParams = []struct {
	name, alias string
	sw          bool
}{

	{"Verbose", "vb", true}, {"Debug", "db", true}, {"ErrorAction", "ea", false}, {"WarningAction", "wa", false}, {"InformationAction", "infa", false},
	{"ProgressAction", "proga", false}, {"ErrorVariable", "ev", false}, {"WarningVariable", "wv", false}, {"InformationVariable", "iv", false},
	{"OutVariable", "ov", false}, {"OutBuffer", "ob", false}, {"PipelineVariable", "pv", false}, {"WhatIf", "wi", true}, {"Confirm", "cf", true},
}

func (b *binder) hasCommon(i int) bool {
	n := commonParams[i].name
	if n == "WhatIf" || n == "Confirm" {
		return b.advanced && b.supportsShouldProcess
	}
	return b.advanced
}

// find returns the parameter that a name or its beginning means; common is set
// for a common one.
func (b *binder) find(name string) (p *Param, common string, err error) {
	for _, q := range b.params {
		if equalFold(q.Name, name) {
			return q, "", nil
		}
		for _, a := range q.Aliases {
			if equalFold(a, name) {
				return q, "", nil
			}
		}
	}
	for i, cp := range commonParams {
		if b.hasCommon(i) && (equalFold(cp.name, name) || equalFold(cp.alias, name)) {
			return nil, cp.name, nil
		}
	}
	var hits []string
	prefix := func(s string) bool { return len(s) >= len(name) && equalFold(s[:len(name)], name) }
	for _, q := range b.params {
		ok := prefix(q.Name)
		for _, a := range q.Aliases {
			ok = ok || prefix(a)
		}
		if ok {
			hits = append(hits, q.Name)
			p = q
		}
	}
	for i, cp := range commonParams {
		if b.hasCommon(i) && prefix(cp.name) {
			hits = append(hits, cp.name)
			common = cp.name
		}
	}
	switch len(hits) {
	case 0:
		return nil, "", nil
	case 1:
		return p, common, nil
	}
	var list strings.Builder
	for _, h := range hits {
		list.WriteString(" -" + h)
	}
	return nil, "", fmt.Errorf("Parameter cannot be processed because the parameter name '%s' is ambiguous. Possible matches include:%s.", name, list.String())
}

func (b *binder) fail(id, msg string, at syntax.Span) *Failure {
	return b.k.fail("System.Management.Automation.ParameterBindingException", id+","+b.k.errorName(), "InvalidArgument", msg, nil, at)
}

func isSwitch(p *Param) bool { return p.Type == object.SwitchType }

func (b *binder) typeName(p *Param) string {
	if p.Type == nil {
		return "System.Object"
	}
	return p.Type.FullName()
}

// bind binds the arguments of the command line: named ones, then by position.
func (b *binder) bind(args []arg) error {
	b.values = map[*Param]any{}
	b.common = map[string]any{}
	b.bindAt = map[*Param]syntax.Span{}
	b.piped = map[*Param]bool{}
	b.splatted = map[*Param]bool{}
	if len(b.sets) > 1 {
		b.valid = map[string]bool{}
		for _, s := range b.sets {
			b.valid[s] = true
		}
	}
	var loose []arg
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !a.named {
			loose = append(loose, a)
			continue
		}
		if a.name == "-" {
			if b.function && !b.advanced {
				loose = append(loose, args[i+1:]...)
				break
			}
			for _, r := range args[i+1:] {
				if r.named {
					r.named, r.value = false, r.text
				}
				loose = append(loose, r)
			}
			break
		}
		p, common, err := b.find(a.name)
		if err != nil {
			return b.fail("AmbiguousParameter", err.Error(), a.at)
		}
		if p == nil && common == "" {
			if !b.advanced || !b.function && b.remaining() != nil {
				if a.splat {
					b.rest = append(b.rest, splatName(a.name), a.value)
				} else {
					t := a.text
					if a.colon {
						t += ":"
					}
					loose = append(loose, arg{value: t, at: a.at, raw: true, text: t, stray: b.remaining() == nil})
					if a.given {
						loose = append(loose, arg{value: a.value, at: a.at})
					}
				}
				continue
			}
			return b.fail("NamedParameterNotFound", fmt.Sprintf("A parameter cannot be found that matches parameter name '%s'.", a.name), a.at)
		}
		sw := p != nil && isSwitch(p)
		if common != "" {
			for _, cp := range commonParams {
				if cp.name == common {
					sw = cp.sw
				}
			}
		}
		if !a.given {
			switch {
			case sw:
				a.value, a.given = object.Switch(true), true
			case i+1 < len(args) && !args[i+1].named:
				i++
				a.value, a.raw, a.text = args[i].value, args[i].raw, args[i].text
				a.at = args[i].at
			default:
				if i+1 < len(args) && args[i+1].named && args[i+1].name != "-" {
					if q, cm, _ := b.find(args[i+1].name); q == nil && cm == "" && !args[i+1].given {
						i++
						a.value, a.raw, a.text = args[i].text, true, args[i].text
						break
					}
				}
				tn := "System.String"
				if p != nil {
					tn = b.typeName(p)
				}
				return b.fail("MissingArgument", fmt.Sprintf("Missing an argument for parameter '%s'. Specify a parameter of type '%s' and try again.", nameOf(p, common), tn), a.at)
			}
		}
		if common != "" {
			if strings.HasSuffix(common, "Action") {
				if _, err := b.c.s.obj.Convert(a.value, actionType); err != nil {
					return b.fail("CannotConvertArgumentNoMessage", fmt.Sprintf("Cannot bind parameter '%s'. %s", common, err), a.at)
				}
			}
			b.common[common] = a.value
			continue
		}
		if _, twice := b.values[p]; twice && a.splat {
			continue // what is named on the line wins
		} else if twice && !b.splatted[p] {
			return b.fail("ParameterAlreadyBound", fmt.Sprintf("Cannot bind parameter because parameter '%s' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, \"-parameter value1,value2,value3\".", p.Name), a.at)
		}
		if err := b.give(p, a); err != nil {
			return err
		}
		if b.splatted[p] = a.splat; !a.splat {
			delete(b.splatted, p)
		}
	}
	if err := b.positional(loose); err != nil {
		return err
	}
	return nil
}

func nameOf(p *Param, common string) string {
	if p != nil {
		return p.Name
	}
	return common
}

// narrow leaves only the sets that the parameter is in.
func (b *binder) narrow(p *Param) {
	if b.valid == nil {
		return
	}
	if _, all := p.In[""]; all {
		return
	}
	for s := range b.valid {
		if _, ok := p.In[s]; !ok {
			delete(b.valid, s)
		}
	}
}

// in returns what a parameter is in the sets still possible; ok is false if it
// is in none of them.
func (b *binder) in(p *Param, set string) (ParamIn, bool) {
	if in, ok := p.In[""]; ok {
		return in, true
	}
	in, ok := p.In[set]
	return in, ok
}

// candidates are the sets still possible, the default one first.
func (b *binder) candidates() []string {
	if b.valid == nil {
		if len(b.sets) == 1 {
			return b.sets
		}
		return []string{""}
	}
	var out []string
	if b.valid[b.set] {
		out = append(out, b.set)
	}
	for _, s := range b.sets {
		if b.valid[s] && s != b.set {
			out = append(out, s)
		}
	}
	return out
}

func (b *binder) positional(loose []arg) error {
	b.rest = append([]any{}, b.rest...)
	for len(loose) > 0 {
		if loose[0].stray && b.nextPositional(loose[0]) != nil {
			// A name that is no parameter's takes what follows with it.
			b.rest = append(b.rest, loose[0].value)
			if loose = loose[1:]; len(loose) > 0 && !loose[0].stray {
				b.rest = append(b.rest, loose[0].value)
				loose = loose[1:]
			}
			continue
		}
		p := b.nextPositional(loose[0])
		if p == nil || p == b.remaining() && len(loose) > 1 {
			break
		}
		a := loose[0]
		loose = loose[1:]
		if err := b.give(p, a); err != nil {
			return err
		}
	}
	if len(loose) == 0 {
		return nil
	}
	for _, s := range b.candidates() {
		for _, p := range b.params {
			in, ok := b.in(p, s)
			if _, done := b.values[p]; !ok || !in.Remaining || done {
				continue
			}
			var list []any
			for _, a := range loose {
				list = append(list, a.value)
			}
			v := any(object.NewArray(list...))
			if len(list) == 1 {
				if _, many := object.Items(list[0]); many {
					v = list[0]
				}
			}
			l := &object.List{Type: object.Generic("System.Collections.Generic.List`1", object.ObjectType)}
			l.Items, _ = object.Items(v)
			return b.give(p, arg{value: l, at: loose[0].at})
		}
	}
	if b.advanced {
		return b.fail("PositionalParameterNotFound", fmt.Sprintf("A positional parameter cannot be found that accepts argument '%s'.", b.argText(loose[0])), b.k.span())
	}
	for _, a := range loose {
		b.rest = append(b.rest, a.value)
	}
	return nil
}

// remaining is the parameter that takes what is left, if there is one.
func (b *binder) remaining() *Param {
	for _, p := range b.params {
		for _, in := range p.In {
			if in.Remaining {
				return p
			}
		}
	}
	return nil
}

func (b *binder) argText(a arg) string {
	if a.value == nil {
		return ""
	}
	if a.raw {
		return a.text
	}
	return b.c.text(a.value)
}

// nextPositional returns the parameter of the lowest position that has no value
// yet, in the first possible set that has one for the argument.
func (b *binder) nextPositional(a arg) *Param {
	if b.noPositional {
		return nil
	}
	var first, second *Param
	lowest := 1 << 30
	for _, s := range b.candidates() {
		for _, p := range b.params {
			in, ok := b.in(p, s)
			if _, done := b.values[p]; ok && !done && in.Position >= 0 && !(in.Remaining && in.Position == 1<<29) {
				lowest = min(lowest, in.Position)
			}
		}
	}
	for _, s := range b.candidates() {
		var best *Param
		at := lowest + 1
		for _, p := range b.params {
			in, ok := b.in(p, s)
			if _, done := b.values[p]; !ok || done || in.Position < 0 || in.Position >= at || in.Remaining && in.Position == 1<<29 {
				continue
			}
			best, at = p, in.Position
		}
		if best == nil {
			continue
		}
		if best.Name == "NotePropertyName" {
			// Add-Member takes a kind of member in its place.
			if e, err := b.c.s.obj.Convert(a.value, memberTypes); err == nil && equalFold(b.c.text(e), b.c.text(a.value)) {
				continue
			}
		}
		if first == nil {
			first = best
		}
		if best.Type == nil || a.value != nil && object.TypeOf(a.value).Is(best.Type) {
			return best
		}
		if second == nil {
			if _, err := b.coerce(best, a); err == nil {
				second = best
			}
		}
	}
	if second != nil {
		return second
	}
	return first
}

// coerce converts an argument to a parameter's type.
func (b *binder) coerce(p *Param, a arg) (any, error) {
	v := a.value
	if a.raw && p.Type != nil && (p.Type == object.StringType || p.Type.Elem == object.StringType) {
		v = a.text
	}
	types := p.types
	if types == nil && p.Type != nil {
		types = []*object.Type{p.Type}
	}
	b.c.s.active = b.c
	if len(types) > 0 && types[0] == object.StringType && b.function && b.advanced {
		if _, many := object.Items(v); many {
			return nil, fmt.Errorf("Cannot convert value to type System.String.")
		}
	}
	for i := len(types) - 1; i >= 0; i-- {
		t := types[i]
		if v == nil && !b.function && t != object.StringType && t.Elem == nil && !t.IsValue() {
			continue
		}
		if v == nil && t.Elem != nil {
			continue
		}
		if t == object.StringType {
			if _, many := object.Items(v); many && !b.function {
				return nil, fmt.Errorf("Cannot convert value to type System.String.")
			}
			if s, ok := v.(string); ok {
				v = s
				continue
			}
			v = b.c.text(v)
			continue
		}
		if _, text := object.Base(v).(string); text && t == object.BoolType {
			return nil, fmt.Errorf("Cannot convert value \"%s\" to type \"System.Boolean\". Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0.", object.TypeOf(v).FullName())
		}
		x, err := b.c.s.obj.Convert(v, t)
		if err != nil {
			return nil, err
		}
		v = x
	}
	return v, nil
}

// give converts, tests and binds a value.
func (b *binder) give(p *Param, a arg) error {
	in := ParamIn{}
	for _, x := range p.In {
		in.Mandatory = in.Mandatory || x.Mandatory
	}
	for _, v := range p.Validate {
		if v.Name == "validatenotnullorempty" && !b.function {
			in.Mandatory = false // its own message comes
		}
	}
	if in.Mandatory && !p.AllowNull && a.value == nil && !(b.function && p.Type == object.StringType) && (p.Type == nil || !p.Type.IsValue()) {
		return b.validation(p, "ParameterArgumentValidationErrorNullNotAllowed", fmt.Sprintf("Cannot bind argument to parameter '%s' because it is null.", p.Name), a.at)
	}
	v, err := b.coerce(p, a)
	if err != nil {
		if b.function {
			return b.transformation(p, err, a.at)
		}
		return b.fail("CannotConvertArgumentNoMessage", fmt.Sprintf("Cannot bind parameter '%s'. %s", p.Name, err), a.at)
	}
	if in.Mandatory {
		if s, ok := v.(string); ok && s == "" && !p.AllowEmpty {
			return b.validation(p, "ParameterArgumentValidationErrorEmptyStringNotAllowed", fmt.Sprintf("Cannot bind argument to parameter '%s' because it is an empty string.", p.Name), a.at)
		}
		if items, many := object.Items(v); many && p.Type != nil && (p.Type.Elem != nil || p.Type == object.ArrayType) {
			if len(items) == 0 && !p.AllowEmptyList {
				return b.validation(p, "ParameterArgumentValidationErrorEmptyArrayNotAllowed", fmt.Sprintf("Cannot bind argument to parameter '%s' because it is an empty array.", p.Name), a.at)
			}
			for _, x := range items {
				if x == nil && !p.AllowNull {
					return b.validation(p, "ParameterArgumentValidationErrorNullNotAllowed", fmt.Sprintf("Cannot bind argument to parameter '%s' because it is null.", p.Name), a.at)
				}
				if s, ok := x.(string); ok && s == "" && !p.AllowEmpty {
					return b.validation(p, "ParameterArgumentValidationErrorEmptyStringNotAllowed", fmt.Sprintf("Cannot bind argument to parameter '%s' because it is an empty string.", p.Name), a.at)
				}
			}
		}
	}
	if msg := b.c.validate(p.Validate, v); msg != "" {
		return b.validation(p, "ParameterArgumentValidationError", fmt.Sprintf("Cannot validate argument on parameter '%s'. %s", p.Name, msg), a.at)
	}
	b.values[p] = v
	b.bindAt[p] = a.at
	b.narrow(p)
	if b.valid != nil && len(b.valid) == 0 {
		return b.ambiguous()
	}
	return nil
}

func (b *binder) ambiguous() error {
	return b.fail("AmbiguousParameterSet", "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used together or an insufficient number of parameters were provided.", b.k.span())
}

func (b *binder) validation(p *Param, id, msg string, at syntax.Span) *Failure {
	f := b.k.fail("System.Management.Automation.ParameterBindingValidationException", id+","+b.k.errorName(), "InvalidData", msg, nil, at)
	return f
}

func (b *binder) transformation(p *Param, err error, at syntax.Span) *Failure {
	return b.k.fail("System.Management.Automation.ParameterBindingArgumentTransformationException", "ParameterArgumentTransformationError,"+b.k.errorName(), "InvalidData", fmt.Sprintf("Cannot process argument transformation on parameter '%s'. %s", p.Name, err), nil, at)
}

// chosenSet is the parameter set that remains.
func (b *binder) chosenSet() string {
	if b.valid == nil {
		if len(b.sets) == 1 {
			return b.sets[0]
		}
		return "__AllParameterSets"
	}
	c := b.candidates()
	if len(c) == 0 {
		return ""
	}
	// The first whose mandatory parameters all have values.
	for _, s := range c {
		if len(b.missing(s, false)) == 0 {
			return s
		}
	}
	return c[0]
}

// missing returns the mandatory parameters of a set that have no value.
func (b *binder) missing(set string, piped bool) (out []*Param) {
	for _, p := range b.params {
		in, ok := b.in(p, set)
		if _, done := b.values[p]; !ok || done || !in.Mandatory || piped && (in.Pipeline || in.ByName) {
			continue
		}
		out = append(out, p)
	}
	return out
}

// mandatory complains of parameters that have no value.
func (b *binder) mandatory(piped bool) error {
	if !b.advanced && !b.function {
		return nil
	}
	var least []*Param
	for i, s := range b.candidates() {
		m := b.missing(s, piped)
		if len(m) == 0 {
			return nil
		}
		if i == 0 || least == nil {
			least = m
		}
	}
	if len(b.candidates()) > 1 && b.set == "" {
		return b.ambiguous()
	}
	for _, p := range least {
		v, asked, err := b.c.s.ask(p)
		if err != nil {
			return err
		}
		if !asked {
			sort.SliceStable(least, func(i, j int) bool { return b.position(least[i]) < b.position(least[j]) })
			var names strings.Builder
			for _, m := range least {
				names.WriteString(" " + m.Name)
			}
			return b.fail("MissingMandatoryParameter", "Cannot process command because of one or more missing mandatory parameters:"+names.String()+".", b.k.span())
		}
		if err := b.give(p, arg{value: v, at: b.k.span()}); err != nil {
			return err
		}
	}
	return nil
}

func (b *binder) position(p *Param) int {
	for _, in := range p.In {
		if in.Position >= 0 {
			return in.Position
		}
	}
	return 1 << 30
}
