package cmdlet

import (
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

type invocation = powershell.Invocation

var coreBodies = map[string]body{
	"ForEach-Object":    {begin: forEachBegin, process: forEachProcess, end: forEachEnd},
	"Where-Object":      {process: whereProcess},
	"Out-Null":          {process: func(*invocation) error { return nil }},
	"Out-Default":       {process: outDefault},
	"Out-Host":          {process: outDefault},
	"Set-StrictMode":    {process: setStrictMode},
	"Invoke-Expression": {process: func(i *invocation) error { return i.Eval(i.Text("Command")) }},
	"Get-Command":       {process: getCommand},
	"Invoke-Command":    {end: invokeCommand},
	"Start-Sleep":       {process: startSleep},
	"Out-String":        {begin: outStringBegin, process: outStringProcess, end: outStringEnd},
}

func block(v any) *object.ScriptBlock {
	sb, _ := object.Base(v).(*object.ScriptBlock)
	return sb
}

// forEach is the state of ForEach-Object: the blocks for begin, each object and
// end.
type forEach struct {
	begin, end *object.ScriptBlock
	process    []*object.ScriptBlock
}

func forEachBegin(i *invocation) error {
	st := &forEach{begin: block(i.Value("Begin")), end: block(i.Value("End"))}
	for _, v := range i.List("Process") {
		if sb := block(v); sb != nil {
			st.process = append(st.process, sb)
		}
	}
	for _, v := range i.List("RemainingScripts") {
		if sb := block(v); sb != nil {
			st.process = append(st.process, sb)
		}
	}
	// Of several, the first is begin and the last of three or more is end.
	if n := len(st.process); n > 1 && st.begin == nil {
		st.begin, st.process = st.process[0], st.process[1:]
		if n > 2 && st.end == nil {
			st.end, st.process = st.process[n-2], st.process[:n-2]
		}
	}
	if i.Has("Parallel") {
		return i.ErrorRecord(object.Fail("", "skylab: ForEach-Object -Parallel is real but not simulated here"), "NotSimulated", "NotImplemented", nil)
	}
	i.State = st
	if st.begin != nil {
		return i.Run(st.begin, nil, i.Write)
	}
	return nil
}

func forEachProcess(i *invocation) error {
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	st := i.State.(*forEach)
	in := i.Value("InputObject")
	if i.Has("MemberName") {
		return forEachMember(i, in)
	}
	for _, sb := range st.process {
		if err := i.Run(sb, in, i.Write); err != nil {
			return err
		}
	}
	return nil
}

func forEachMember(i *invocation, in any) error {
	name := i.Text("MemberName")
	if i.Has("ArgumentList") {
		v, found, err := i.Session().Members().Call(in, name, i.List("ArgumentList"))
		if err != nil || !found {
			return err
		}
		return i.WriteEach(v)
	}
	m := i.Session().Members()
	if d, ok := object.Base(in).(*object.Dict); ok {
		if v, has := d.Get(name); has {
			return i.WriteEach(v)
		}
	}
	if object.HasWildcard(name) {
		w, _ := object.NewWildcard(name, true)
		for _, n := range m.PropertyNames(in) {
			if w.Match(n) {
				name = n
				break
			}
		}
	}
	v, ok, err := m.GetProperty(in, name)
	if err != nil {
		return err
	}
	if !ok {
		if in == nil {
			return nil
		}
		if r, found, err := m.Call(in, name, nil); found {
			if err != nil {
				return err
			}
			return i.WriteEach(r)
		}
		v, err = i.Property(in, name)
		if err != nil {
			return err
		}
	}
	return i.WriteEach(v)
}

func forEachEnd(i *invocation) error {
	if st := i.State.(*forEach); st.end != nil {
		return i.Run(st.end, nil, i.Write)
	}
	return nil
}

func whereProcess(i *invocation) error {
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	in := i.Value("InputObject")
	if sb := block(i.Value("FilterScript")); sb != nil {
		out, err := i.Values(sb, in)
		if err != nil {
			return err
		}
		if truth(out) {
			return i.Write(in)
		}
		return nil
	}
	ok, err := whereProperty(i, in)
	if err == nil && ok {
		return i.Write(in)
	}
	return err
}

func truth(out []any) bool {
	switch len(out) {
	case 0:
		return false
	case 1:
		return object.Truth(out[0])
	}
	return true
}

// whereOperators maps the switches of Where-Object to operators.
var whereOperators = map[string]syntax.Kind{
	"EQ": syntax.Ieq, "CEQ": syntax.Ceq, "NE": syntax.Ine, "CNE": syntax.Cne, "GT": syntax.Igt, "CGT": syntax.Cgt, "LT": syntax.Ilt, "CLT": syntax.Clt,
	"GE": syntax.Ige, "CGE": syntax.Cge, "LE": syntax.Ile, "CLE": syntax.Cle, "Like": syntax.Ilike, "CLike": syntax.Clike, "NotLike": syntax.Inotlike,
	"CNotLike": syntax.Cnotlike, "Match": syntax.Imatch, "CMatch": syntax.Cmatch, "NotMatch": syntax.Inotmatch, "CNotMatch": syntax.Cnotmatch,
	"Contains": syntax.Icontains, "CContains": syntax.Ccontains, "NotContains": syntax.Inotcontains, "CNotContains": syntax.Cnotcontains,
	"In": syntax.Iin, "CIn": syntax.Cin, "NotIn": syntax.Inotin, "CNotIn": syntax.Cnotin, "Is": syntax.Is, "IsNot": syntax.IsNot,
}

func whereProperty(i *invocation, in any) (bool, error) {
	v, err := i.Property(in, i.Text("Property"))
	if err != nil {
		return false, err
	}
	if d, ok := object.Base(in).(*object.Dict); ok {
		v, _ = d.Get(i.Text("Property"))
	}
	if i.Has("Not") {
		return !object.Truth(v), nil
	}
	for name, op := range whereOperators {
		if !i.Has(name) {
			continue
		}
		right := i.Value("Value")
		if name == "Is" || name == "IsNot" {
			if s, ok := right.(string); ok {
				right = strings.Trim(s, "[]")
			}
		}
		r, err := i.Session().Operators().Binary(op, v, right)
		if err != nil {
			return false, err
		}
		return object.Truth(r), nil
	}
	return object.Truth(v), nil
}

func outDefault(i *invocation) error {
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	return i.Default(i.Value("InputObject"))
}

func setStrictMode(i *invocation) error {
	if i.Switch("Off") {
		i.Strict(0)
		return nil
	}
	if strings.EqualFold(i.Text("Version"), "latest") {
		i.Strict(3)
		return nil
	}
	x := i.Value("Version")
	if n, _, ok := object.Integer(object.Base(x)); ok {
		i.Strict(min(3, int(n)))
		return nil
	}
	v, err := i.Session().Objects().Convert(x, object.VersionType)
	if err != nil {
		return err
	}
	i.Strict(min(3, v.(*object.Version).Major))
	return nil
}

func getCommand(i *invocation) error {
	names := append(i.Texts("Name"), i.Texts("ArgumentList")...)
	if !i.Has("Name") {
		for _, c := range i.Session().Config().Commands {
			if v := i.Texts("Verb"); len(v) > 0 && !matches(v, strings.Split(c.Name, "-")[0]) {
				continue
			}
			if n := i.Texts("Noun"); len(n) > 0 && !matches(n, c.Name[strings.IndexByte(c.Name, '-')+1:]) {
				continue
			}
			if err := i.Write(i.CmdletInfo(c)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range i.Texts("Name") {
		if object.HasWildcard(name) {
			w, _ := object.NewWildcard(name, true)
			for _, c := range i.Session().Config().Commands {
				if w.Match(c.Name) {
					if err := i.Write(i.CmdletInfo(c)); err != nil {
						return err
					}
				}
			}
			continue
		}
		if info := i.Command(name); info != nil {
			if err := i.Write(info); err != nil {
				return err
			}
			continue
		}
		e := &object.Error{Type: object.MustType("System.Management.Automation.CommandNotFoundException"), Message: "The term '" + name + "' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."}
		if err := i.WriteError(i.ErrorRecord(e, "CommandNotFoundException", "ObjectNotFound", name)); err != nil {
			return err
		}
	}
	_ = names
	return nil
}

func matches(patterns []string, s string) bool {
	for _, p := range patterns {
		if w, ok := object.NewWildcard(p, true); ok && w.Match(s) {
			return true
		}
	}
	return false
}

func invokeCommand(i *invocation) error {
	if i.Has("ComputerName") || i.Has("Session") {
		return i.ErrorRecord(object.Fail("", "skylab: Invoke-Command on another computer is real but not simulated here"), "NotSimulated", "NotImplemented", nil)
	}
	if sb := block(i.Value("ScriptBlock")); sb != nil {
		return i.RunScoped(sb, i.Write, i.List("ArgumentList")...)
	}
	return nil
}

// outString is the state of Out-String.
type outString struct {
	f    powershell.Formatter
	text strings.Builder
}

func outStringBegin(i *invocation) error {
	st := &outString{}
	width := i.Int("Width", i.Session().Columns())
	st.f = i.Formatter(width, func(s string) { st.text.WriteString(s) })
	i.State = st
	return nil
}

func outStringProcess(i *invocation) error {
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	v := i.Value("InputObject")
	if !i.Piped {
		if items, many := object.Items(v); many {
			for _, x := range items {
				if err := i.State.(*outString).f.Object(x); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return i.State.(*outString).f.Object(v)
}

func outStringEnd(i *invocation) error {
	st := i.State.(*outString)
	if err := st.f.Flush(); err != nil {
		return err
	}
	s := st.text.String()
	if i.Switch("NoNewline") {
		return i.Write(strings.ReplaceAll(s, "\n", ""))
	}
	if i.Switch("Stream") {
		for _, l := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
			if err := i.Write(l); err != nil {
				return err
			}
		}
		return nil
	}
	return i.Write(s)
}
