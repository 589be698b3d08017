package powershell

import (
	"fmt"
	"slices"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/regex"
	"skylab/sim/machine/powershell/syntax"
)

// functionMeta is what a function's attributes say.
type functionMeta struct {
	sets                                  []string
	advanced, shouldProcess, noPositional bool
	defaultSet                            string
}

func lastName(t *syntax.TypeName) string {
	n := strings.ToLower(t.String())
	if i := strings.LastIndexByte(n, '.'); i >= 0 {
		n = n[i+1:]
	}
	return strings.TrimSuffix(n, "attribute")
}

func (c *ctx) constant(e syntax.Expr) any {
	if e == nil {
		return true
	}
	v, err := c.value(e)
	if err != nil {
		return nil
	}
	return v
}

// declared reads the parameters that a script block declares.
func (c *ctx) declared(body *syntax.ScriptBlock, fn *Function) ([]*Param, functionMeta, error) {
	var meta functionMeta
	for _, a := range body.Attributes {
		if lastName(a.Type) != "cmdletbinding" {
			continue
		}
		meta.advanced = true
		for _, n := range a.Named {
			v := c.constant(n.Value)
			switch strings.ToLower(n.Name) {
			case "supportsshouldprocess":
				meta.shouldProcess = object.Truth(v)
			case "defaultparametersetname":
				meta.defaultSet = c.text(v)
			case "positionalbinding":
				meta.noPositional = !object.Truth(v)
			}
		}
	}
	decls := body.Params
	if fn != nil && fn.def != nil && fn.def.HasParams {
		decls = fn.def.Params
	}
	var params []*Param
	explicit := false
	for _, d := range decls {
		p, adv, pos, err := c.parameter(d)
		if err != nil {
			return nil, meta, err
		}
		meta.advanced = meta.advanced || adv
		explicit = explicit || pos
		params = append(params, p)
	}
	at := 0
	for _, p := range params {
		for s, in := range p.In {
			if in.Position == -2 {
				in.Position = -1
				if !explicit && !meta.noPositional && !isSwitch(p) && !in.Remaining {
					in.Position = at
				}
				if !explicit && in.Remaining {
					in.Position = 1 << 29
				}
				p.In[s] = in
			}
		}
		if !isSwitch(p) {
			at++
		}
	}
	meta.noPositional = false
	for _, d := range params {
		var own []string
		for s := range d.In {
			if s != "" {
				own = append(own, s)
			}
		}
		slices.Sort(own)
		for _, s := range own {
			if !slices.Contains(meta.sets, s) {
				meta.sets = append(meta.sets, s)
			}
		}
	}
	if meta.defaultSet != "" && !slices.Contains(meta.sets, meta.defaultSet) {
		meta.sets = append(meta.sets, meta.defaultSet)
	}
	return params, meta, nil
}

// parameter reads one declaration. advanced says that a Parameter attribute
// makes the function one; positioned that it names a position.
func (c *ctx) parameter(d *syntax.ParamDecl) (p *Param, advanced, positioned bool, err error) {
	p = &Param{Name: d.Name.Name, Default: d.Default, decl: d, In: map[string]ParamIn{}}
	for _, a := range d.Attributes {
		if a.Constraint {
			tv, err := c.typeNamed(a.Type)
			if err != nil {
				return nil, false, false, err
			}
			t := tv.(*object.Type)
			if p.Type == nil {
				p.Type = t
			}
			p.types = append(p.types, t)
			continue
		}
		switch lastName(a.Type) {
		case "parameter":
			advanced = true
			in, set := ParamIn{Position: -2}, ""
			for _, n := range a.Named {
				v := c.constant(n.Value)
				switch strings.ToLower(n.Name) {
				case "mandatory":
					in.Mandatory = object.Truth(v)
				case "position":
					if x, _, ok := object.Integer(v); ok {
						in.Position = int(x)
						positioned = true
					}
				case "valuefrompipeline":
					in.Pipeline = object.Truth(v)
				case "valuefrompipelinebypropertyname":
					in.ByName = object.Truth(v)
				case "valuefromremainingarguments":
					in.Remaining = object.Truth(v)
				case "parametersetname":
					set = c.text(v)
				case "helpmessage":
					p.Help = c.text(v)
				}
			}
			if set == "__AllParameterSets" {
				set = ""
			}
			p.In[set] = in
		case "alias":
			for _, e := range a.Positional {
				v, err := c.value(e)
				if err != nil {
					return nil, false, false, err
				}
				if items, ok := object.Items(v); ok {
					for _, x := range items {
						p.Aliases = append(p.Aliases, c.text(x))
					}
				} else {
					p.Aliases = append(p.Aliases, c.text(v))
				}
			}
		case "allownull":
			p.AllowNull = true
		case "allowemptystring":
			p.AllowEmpty = true
		case "allowemptycollection":
			p.AllowEmptyList = true
		case "supportswildcards":
			p.Wildcard = true
		default:
			v, err := c.validator(a)
			if err != nil {
				return nil, false, false, err
			}
			if v != nil {
				p.Validate = append(p.Validate, *v)
			}
		}
	}
	if len(p.In) == 0 {
		p.In[""] = ParamIn{Position: -2}
	}
	return p, advanced, positioned, nil
}

// validator reads a Validate attribute; nil for another one.
func (c *ctx) validator(a *syntax.Attribute) (*Validator, error) {
	name := lastName(a.Type)
	if !strings.HasPrefix(name, "validate") {
		return nil, nil
	}
	v := &Validator{Name: name}
	for _, e := range a.Positional {
		x, err := c.value(e)
		if err != nil {
			return nil, err
		}
		if items, ok := object.Items(x); ok && name == "validateset" {
			v.Args = append(v.Args, items...)
			continue
		}
		v.Args = append(v.Args, x)
	}
	for _, n := range a.Named {
		x := c.constant(n.Value)
		switch strings.ToLower(n.Name) {
		case "errormessage":
			v.Message = c.text(x)
		case "ignorecase":
			v.Exact = !object.Truth(x)
		}
	}
	return v, nil
}

// validate returns why a value fails, or "".
func (c *ctx) validate(list []Validator, v any) string {
	for _, val := range list {
		if msg := c.validateOne(val, v); msg != "" {
			return msg
		}
	}
	return ""
}

func (c *ctx) validateOne(val Validator, v any) string {
	args := val.Args
	c.s.active = c
	eachItem := func(test func(x any) string) string {
		items, many := object.Items(v)
		if !many {
			return test(v)
		}
		for _, x := range items {
			if msg := test(x); msg != "" {
				return msg
			}
		}
		return ""
	}
	custom := func(x any, more ...any) (string, bool) {
		if val.Message == "" {
			return "", false
		}
		s, msg := c.s.obj.Composite(val.Message, append([]any{c.text(x)}, more...), c.s.obj.Culture)
		return s, msg == ""
	}
	switch val.Name {
	case "validateset":
		return eachItem(func(x any) string {
			s := c.text(x)
			var all []string
			for _, a := range args {
				t := c.text(a)
				if t == s || !val.Exact && equalFold(t, s) {
					return ""
				}
				all = append(all, t)
			}
			if m, ok := custom(x, strings.Join(all, ",")); ok {
				return m
			}
			return fmt.Sprintf(`The argument "%s" does not belong to the set "%s" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.`, s, strings.Join(all, ","))
		})
	case "validaterange":
		return eachItem(func(x any) string {
			if len(args) == 1 {
				return c.rangeKind(c.text(args[0]), x)
			}
			if len(args) < 2 {
				return ""
			}
			n := object.Base(x)
			if s, ok := n.(string); ok {
				if m, err := c.s.obj.Convert(s, object.TypeOf(args[0])); err == nil {
					n = m
				}
			}
			if k, err := c.s.ops.Compare(n, args[0], true); err == nil && k < 0 {
				return fmt.Sprintf("The %s argument is less than the minimum allowed range of %s. Supply an argument that is greater than or equal to %s and then try the command again.", c.text(x), c.text(args[0]), c.text(args[0]))
			}
			if k, err := c.s.ops.Compare(n, args[1], true); err == nil && k > 0 {
				return fmt.Sprintf("The %s argument is greater than the maximum allowed range of %s. Supply an argument that is less than or equal to %s and then try the command again.", c.text(x), c.text(args[1]), c.text(args[1]))
			}
			return ""
		})
	case "validatelength":
		return eachItem(func(x any) string {
			n := object.Len(c.text(x))
			lo, _, _ := object.Integer(args[0])
			hi, _, _ := object.Integer(args[1])
			switch {
			case n < int(lo):
				return fmt.Sprintf("The character length (%d) of the argument is too short. Specify an argument with a length that is greater than or equal to \"%d\", and then try the command again.", n, lo)
			case n > int(hi):
				return fmt.Sprintf("The character length of the %d argument is too long. Shorten the character length of the argument so it is fewer than or equal to \"%d\" characters, and then try the command again.", n, hi)
			}
			return ""
		})
	case "validatecount":
		items, many := object.Items(v)
		if !many {
			items = []any{v}
		}
		lo, _, _ := object.Integer(args[0])
		hi, _, _ := object.Integer(args[1])
		if len(items) < int(lo) || len(items) > int(hi) {
			if lo == hi {
				return fmt.Sprintf("The parameter requires exactly %d value(s) - %d value(s) were provided.", lo, len(items))
			}
			return fmt.Sprintf("The parameter requires at least %d value(s) and no more than %d value(s) - %d value(s) were provided.", lo, hi, len(items))
		}
	case "validatepattern":
		return eachItem(func(x any) string {
			p := c.text(args[0])
			re, bad := c.s.ops.Regex(p, regex.IgnoreCase)
			if bad != nil {
				return bad.Message
			}
			if m, _ := re.Find(regex.NewText(c.text(x)), 0); m != nil {
				return ""
			}
			if m, ok := custom(x, p); ok {
				return m
			}
			return fmt.Sprintf(`The argument "%s" does not match the "%s" pattern. Supply an argument that matches "%s" and try the command again.`, c.text(x), p, p)
		})
	case "validatescript":
		sb, ok := args[0].(*object.ScriptBlock)
		if !ok {
			return ""
		}
		return eachItem(func(x any) string {
			out, err := c.blockValues(sb, x)
			if err != nil {
				return err.Error()
			}
			if object.Truth(null(collected(out))) {
				return ""
			}
			if m, ok := custom(x, sb.Text()); ok {
				return m
			}
			return fmt.Sprintf(`The "%s" validation script for the argument with value "%s" did not return a result of True. Determine why the validation script failed, and then try the command again.`, sb.Text(), c.text(x))
		})
	case "validatenotnull":
		if v == nil {
			return "The argument is null. Provide a valid value for the argument, and then try running the command again."
		}
		return eachItem(func(x any) string {
			if x == nil {
				return "The argument is null, or an element of the argument collection contains a null value."
			}
			return ""
		})
	case "validatenotnullorempty":
		if v == nil {
			return "The argument is null or empty. Provide an argument that is not null or empty, and then try the command again."
		}
		if items, many := object.Items(v); many && len(items) == 0 {
			return "The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not contain any null values and then try the command again."
		}
		return eachItem(func(x any) string {
			if s, ok := object.Base(x).(string); x == nil || ok && s == "" {
				return "The argument is null or empty. Provide an argument that is not null or empty, and then try the command again."
			}
			return ""
		})
	case "validatenotnullorwhitespace":
		return eachItem(func(x any) string {
			if strings.TrimSpace(c.text(x)) == "" {
				return "The argument is null, empty, or consists of only white-space characters. Provide an argument that contains non white-space characters, and then try the command again."
			}
			return ""
		})
	}
	return ""
}

func (c *ctx) rangeKind(kind string, x any) string {
	f, ok := object.Float(object.Base(x))
	if !ok {
		return ""
	}
	bad := false
	word := ""
	switch strings.ToLower(kind) {
	case "positive":
		bad, word = f <= 0, "positive"
	case "nonnegative":
		bad, word = f < 0, "non-negative"
	case "negative":
		bad, word = f >= 0, "negative"
	case "nonpositive":
		bad, word = f > 0, "non-positive"
	}
	if !bad {
		return ""
	}
	cmp := map[string]string{"positive": "is not greater than zero", "non-negative": "is less than zero", "negative": "is not less than zero", "non-positive": "is greater than zero"}[word]
	return fmt.Sprintf("The argument \"%s\" cannot be validated because its value %s. Supply a %s argument and then try the command again.", c.text(x), cmp, word)
}
