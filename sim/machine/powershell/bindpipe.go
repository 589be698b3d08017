package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// takesPipeline reports whether any parameter that has no value of its own takes
// pipeline input.
func (b *binder) takesPipeline() bool {
	for _, p := range b.params {
		if _, done := b.values[p]; done && !b.piped[p] {
			continue
		}
		for _, in := range p.In {
			if in.Pipeline || in.ByName {
				return true
			}
		}
	}
	return false
}

// pipelineInput binds an object of the pipeline: by value without conversion,
// by property name, by value with conversion, by property name with it.
func (b *binder) pipelineInput(v any) (bool, error) {
	for p := range b.piped {
		delete(b.values, p)
	}
	clear(b.piped)
	bound := false
	var firstErr error
	for _, convert := range []bool{false, true} {
		for _, s := range b.candidates() {
			for _, p := range b.params {
				in, ok := b.in(p, s)
				if _, done := b.values[p]; !ok || done {
					continue
				}
				if in.Pipeline {
					fits := p.Type == nil || p.Type == object.ObjectType || p.Type == object.PSObjectType || v != nil && object.TypeOf(v).Is(p.Type) || p.Type.Elem != nil && v != nil && (p.Type.Elem == object.ObjectType || p.Type.Elem == object.PSObjectType || object.TypeOf(v).Is(p.Type.Elem))
					if fits || convert {
						err := b.give(p, arg{value: v, at: b.k.span()})
						if err == nil {
							b.piped[p], bound = true, true
							continue
						}
						if f, ok := err.(*Failure); ok && firstErr == nil {
							id, _ := f.Record.Value("FullyQualifiedErrorId")
							if !strings.HasPrefix(b.c.s.obj.String(id), "CannotConvert") && !strings.HasPrefix(b.c.s.obj.String(id), "ParameterArgumentTransformation") {
								firstErr = err
							}
						}
					}
				}
				if in.ByName && v != nil {
					if x, ok, _ := b.c.byName(v, p); ok {
						if err := b.give(p, arg{value: x, at: b.k.span()}); err == nil {
							b.piped[p], bound = true, true
						} else if firstErr == nil {
							if f, ok := err.(*Failure); ok {
								id, _ := f.Record.Value("FullyQualifiedErrorId")
								if strings.HasPrefix(b.c.s.obj.String(id), "ParameterArgumentValidation") {
									firstErr = err
								}
							}
						}
					}
				}
			}
			if bound {
				break
			}
		}
		if bound {
			break
		}
	}
	if !bound && firstErr != nil {
		return false, firstErr
	}
	if bound {
		for _, s := range b.candidates() {
			if len(b.missing(s, false)) == 0 {
				return true, nil
			}
		}
		return false, nil
	}
	return false, nil
}

// byName returns the property of an object that a parameter's name or alias
// names.
func (c *ctx) byName(v any, p *Param) (any, bool, error) {
	for _, n := range append([]string{p.Name}, p.Aliases...) {
		if d, ok := object.Base(v).(*object.Dict); ok {
			_ = d
			continue
		}
		if x, ok, err := c.members().GetProperty(v, n); ok {
			return x, true, err
		}
	}
	return nil, false, nil
}

func (b *binder) inputNotBound(v any) *Failure {
	f := b.k.fail("System.Management.Automation.ParameterBindingException", "InputObjectNotBound,"+b.k.errorName(), "InvalidArgument", "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.", v, syntax.Span{})
	return f
}

// commonActions turns common parameters into preferences and variables.
func (b *binder) commonActions(c *ctx) (map[int]string, map[int]Sink, Sink) {
	actions, vars := map[int]string{}, map[int]Sink{}
	var outVar Sink
	for name, v := range b.common {
		switch name {
		case "Verbose":
			actions[verboseStream] = onOff(v)
		case "Debug":
			actions[debugStream] = onOff(v)
		case "ErrorAction":
			actions[errorStream] = b.c.actionName(v)
		case "WarningAction":
			actions[warningStream] = b.c.actionName(v)
		case "InformationAction":
			actions[informationStream] = b.c.actionName(v)
		case "ErrorVariable":
			vars[errorStream] = b.variableSink(v)
		case "WarningVariable":
			vars[warningStream] = b.variableSink(v)
		case "InformationVariable":
			vars[informationStream] = b.variableSink(v)
		case "OutVariable":
			outVar = b.variableSink(v)
		case "PipelineVariable":
			n := b.c.text(v)
			outVar = func(x any) error { b.c.scope.setLocal(n, x); return nil }
		}
	}
	return actions, vars, outVar
}

func onOff(v any) string {
	if object.Truth(v) {
		return "Continue"
	}
	return "SilentlyContinue"
}

// variableSink appends to a variable: anew, or with + before its name to what
// it holds.
func (b *binder) variableSink(v any) Sink {
	name := b.c.text(v)
	add := strings.HasPrefix(name, "+")
	name = strings.TrimPrefix(name, "+")
	l := &object.List{Type: object.ArrayListType}
	if add {
		if old := b.c.scope.find(strings.ToLower(name)); old != nil {
			if items, ok := object.Items(old.Value); ok {
				l.Items = append(l.Items, items...)
			}
		}
	}
	b.c.scope.setLocal(name, l)
	return func(x any) error { l.Items = append(l.Items, x); return nil }
}
