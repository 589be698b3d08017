package cmdlet

import (
	"fmt"
	"math"
	"strings"

	"skylab/sim/machine/powershell/object"
)

// measure is the state of Measure-Object.
type measure struct {
	props               []property
	stats               []*stat
	lines, words, chars int64
	text                bool
}

type stat struct {
	name     string
	n        int64
	sum      float64
	values   []float64
	min, max any
}

func measureBegin(i *invocation) error {
	st := &measure{props: properties(i, i.List("Property")), text: i.Has("Line") || i.Has("Word") || i.Has("Character")}
	for _, p := range st.props {
		st.stats = append(st.stats, &stat{name: p.name})
	}
	if len(st.props) == 0 {
		st.stats = []*stat{{}}
	}
	i.State = st
	return nil
}

func measureProcess(i *invocation) error {
	st := i.State.(*measure)
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	v := i.Value("InputObject")
	if v == nil {
		return nil
	}
	if st.text {
		s := i.Session().Objects().String(v)
		if len(st.props) > 0 {
			s = i.Session().Objects().String(st.props[0].value(i, v))
		}
		st.lines += int64(strings.Count(s, "\n"))
		if s != "" {
			st.lines++
		}
		st.words += int64(len(strings.Fields(s)))
		if i.Switch("IgnoreWhiteSpace") {
			s = strings.Join(strings.Fields(s), "")
		}
		st.chars += int64(object.Len(s))
		return nil
	}
	wants := i.Switch("Sum") || i.Switch("Average") || i.Switch("StandardDeviation") || i.Switch("AllStats")
	for n, s := range st.stats {
		x := v
		if len(st.props) > 0 {
			m := i.Session().Members()
			val, ok, _ := m.GetProperty(v, st.props[n].path)
			if st.props[n].block != nil {
				val, ok = st.props[n].value(i, v), true
			}
			if d, isDict := object.Base(v).(*object.Dict); isDict {
				val, ok = d.Get(st.props[n].path)
			}
			if !ok || val == nil {
				continue
			}
			x = val
		}
		s.n++
		e := i.Session().Operators()
		if i.Switch("Minimum") || i.Switch("AllStats") {
			if c, err := e.Compare(x, s.min, true); s.min == nil || err == nil && c < 0 {
				s.min = x
			}
		}
		if i.Switch("Maximum") || i.Switch("AllStats") {
			if c, err := e.Compare(x, s.max, true); s.max == nil || err == nil && c > 0 {
				s.max = x
			}
		}
		if !wants {
			continue
		}
		f, err := e.Convert(x, object.DoubleType)
		if err != nil {
			er := &object.Error{Type: object.MustType("System.Management.Automation.PSInvalidCastException"), Message: fmt.Sprintf("Input object \"%s\" is not numeric.", i.Session().Objects().String(x))}
			if werr := i.WriteError(i.ErrorRecord(er, "NonNumericInputObject", "InvalidType", x)); werr != nil {
				return werr
			}
			s.n--
			continue
		}
		s.sum += f.(float64)
		s.values = append(s.values, f.(float64))
	}
	return nil
}

func measureEnd(i *invocation) error {
	st := i.State.(*measure)
	if st.text {
		o := &object.Object{Type: object.MustType("Microsoft.PowerShell.Commands.TextMeasureInfo")}
		for _, x := range []struct {
			name, sw string
			n        int64
		}{{"Lines", "Line", st.lines}, {"Words", "Word", st.words}, {"Characters", "Character", st.chars}} {
			var v any
			if i.Has(x.sw) {
				v = int32(x.n)
			}
			o.SetProperty(x.name, v)
		}
		o.SetProperty("Property", nil)
		return i.Write(o)
	}
	all := i.Switch("AllStats")
	for n, s := range st.stats {
		if len(st.props) > 0 && s.n == 0 {
			e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("The property \"%s\" cannot be found in the input for any objects.", st.props[n].name)}
			if err := i.WriteError(i.ErrorRecord(e, "GenericMeasurePropertyNotFound", "InvalidArgument", nil)); err != nil {
				return err
			}
			continue
		}
		o := &object.Object{Type: object.MustType("Microsoft.PowerShell.Commands.GenericMeasureInfo")}
		o.SetProperty("Count", int32(s.n))
		pick := func(on bool, v any) any {
			if on {
				return v
			}
			return nil
		}
		avg, sd := 0.0, 0.0
		if s.n > 0 {
			avg = s.sum / float64(s.n)
		}
		if s.n > 1 {
			for _, f := range s.values {
				sd += (f - avg) * (f - avg)
			}
			sd = math.Sqrt(sd / float64(s.n-1))
		}
		number := func(v any) any {
			if f, ok := object.Float(object.Base(v)); ok {
				return f
			}
			return v
		}
		o.SetProperty("Average", pick((i.Switch("Average") || all) && s.n > 0, avg))
		o.SetProperty("Sum", pick((i.Switch("Sum") || all) && s.n > 0, s.sum))
		o.SetProperty("Maximum", pick(i.Switch("Maximum") || all, number(s.max)))
		o.SetProperty("Minimum", pick(i.Switch("Minimum") || all, number(s.min)))
		o.SetProperty("StandardDeviation", pick((i.Switch("StandardDeviation") || all) && s.n > 0, sd))
		var name any
		if len(st.props) > 0 {
			name = st.props[n].name
		}
		o.SetProperty("Property", name)
		if err := i.Write(o); err != nil {
			return err
		}
	}
	return nil
}
