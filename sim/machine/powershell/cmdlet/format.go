package cmdlet

import (
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/format"
	"skylab/sim/machine/powershell/object"
)

var formatBodies = map[string]body{
	"Format-Table":  {begin: formatBegin(format.Table), process: formatProcess, end: formatEnd},
	"Format-List":   {begin: formatBegin(format.List), process: formatProcess, end: formatEnd},
	"Format-Wide":   {begin: formatBegin(format.Wide), process: formatProcess, end: formatEnd},
	"Format-Custom": {begin: formatBegin(format.None), process: formatProcess, end: formatEnd},
}

// columnKeys are the keys of a calculated property by what they mean.
var columnKeys = []string{"name", "label", "expression", "formatstring", "width", "alignment"}

func formatBegin(kind format.Kind) func(*powershell.Invocation) error {
	return func(i *powershell.Invocation) error {
		o := format.Options{Kind: kind, Auto: i.Switch("AutoSize"), Wrap: i.Switch("Wrap"), HideHeaders: i.Switch("HideTableHeaders"), Columns: i.Int("Column", 0), Force: i.Switch("Force")}
		for _, p := range i.List("Property") {
			c, err := formatColumn(i, p)
			if err != nil {
				return err
			}
			o.Properties = append(o.Properties, c)
		}
		if len(o.Properties) == 1 && o.Properties[0].Name == "*" {
			o.All = true
		}
		if g := i.Value("GroupBy"); g != nil {
			c, err := formatColumn(i, g)
			if err != nil {
				return err
			}
			o.Group = &c
		}
		f := format.NewShaper(i.Session(), func(d *format.Data) error { return i.Write(d) })
		f.Set(o)
		f.Eval = func(sb *object.ScriptBlock, v any) (any, error) {
			out, err := i.Values(sb, v)
			switch {
			case err != nil || len(out) == 0:
				return nil, err
			case len(out) == 1:
				return out[0], nil
			}
			return object.NewArray(out...), nil
		}
		i.State = f
		return nil
	}
}

func formatColumn(i *powershell.Invocation, p any) (format.Column, error) {
	switch x := object.Base(p).(type) {
	case *object.ScriptBlock:
		return format.Column{Label: x.Text(), Block: x}, nil
	case *object.Dict:
		c := format.Column{}
		for _, e := range x.Entries() {
			k := strings.ToLower(i.Session().Objects().String(e.Key))
			meaning := ""
			for _, full := range columnKeys {
				if k != "" && strings.HasPrefix(full, k) {
					meaning = full
					break
				}
			}
			text := i.Session().Objects().String(e.Value)
			switch meaning {
			case "name", "label":
				c.Label = text
			case "expression":
				if sb, ok := object.Base(e.Value).(*object.ScriptBlock); ok {
					c.Block = sb
					if c.Label == "" {
						c.Label = sb.Text()
					}
				} else {
					c.Name = text
				}
			case "formatstring":
				c.Format = text
			case "width":
				n, _, _ := object.Integer(object.Base(e.Value))
				c.SetWidth(int(n))
			case "alignment":
				c.SetAlign(strings.ToLower(text))
			default:
				name := i.Session().Objects().String(e.Key)
				return c, i.ErrorRecord(&object.Error{Type: object.MustType("System.NotSupportedException"), Message: "The " + name + " key is not valid."}, "DictionaryKeyIllegal", "InvalidArgument", nil)
			}
		}
		if c.Label == "" {
			c.Label = c.Name
		}
		return c, nil
	}
	return format.Column{Name: i.Session().Objects().String(p)}, nil
}

func formatProcess(i *powershell.Invocation) error {
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	return i.State.(*format.Shaper).Object(i.Value("InputObject"))
}

func formatEnd(i *powershell.Invocation) error { return i.State.(*format.Shaper).End() }
