package member

import (
	"strings"

	"skylab/sim/machine/powershell/object"
)

// psBase is .psbase: the object without what PowerShell adds to it or sees in
// it, such as a dictionary's keys as properties.
type psBase struct {
	env *Env
	v   any
}

// NetType implements object.Typed.
func (p *psBase) NetType() *object.Type { return object.TypeOf(p.v) }

// ToString implements object.Textual.
func (p *psBase) ToString(c *object.Context) string { return c.Display(p.v) }

// GetMember implements Dynamic.
func (p *psBase) GetMember(name string) (any, bool) {
	v, ok, err := p.env.property(object.Base(p.v), strings.ToLower(name))
	if err != nil || !ok {
		if o, isObj := p.v.(*object.Object); isObj && o.Base == nil {
			return o.Value(name)
		}
	}
	return v, ok && err == nil
}

// CallMember implements Dynamic.
func (p *psBase) CallMember(name string, args []any) (any, bool, error) {
	return p.env.Call(p.v, name, args)
}
