package cmdlet

import (
	"sort"
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
)

var variableBodies = map[string]body{
	"Get-Variable":    {process: getVariable},
	"Set-Variable":    {process: setVariable},
	"New-Variable":    {process: newVariable},
	"Remove-Variable": {process: removeVariable},
	"Clear-Variable":  {process: clearVariable},
	"Get-Alias":       {process: getAlias},
	"Set-Alias":       {process: setAlias},
	"New-Alias":       {process: setAlias},
}

// variableInfo is what Get-Variable gives.
func variableInfo(v *powershell.Variable) *object.Object {
	o := &object.Object{Type: object.MustType("System.Management.Automation.PSVariable")}
	o.SetProperty("Name", v.Name)
	o.SetProperty("Description", v.Description)
	o.SetProperty("Value", v.Get())
	vis, _ := object.EnumOf(object.MustType("System.Management.Automation.SessionStateEntryVisibility"), "Public")
	o.SetProperty("Visibility", vis)
	o.SetProperty("Module", nil)
	o.SetProperty("ModuleName", "")
	options := int64(0)
	if v.ReadOnly {
		options |= 1
	}
	if v.Constant {
		options |= 2
	}
	if v.Private {
		options |= 4
	}
	if v.AllScope {
		options |= 8
	}
	o.SetProperty("Options", object.Enum{Type: object.MustType("System.Management.Automation.ScopedItemOptions"), Value: options})
	o.SetProperty("Attributes", object.NewArray())
	o.SetText("System.Management.Automation.PSVariable")
	return o
}

func notFoundVariable(i *invocation, name string) error {
	e := &object.Error{Type: object.MustType("System.Management.Automation.ItemNotFoundException"), Message: "Cannot find a variable with the name '" + name + "'."}
	return i.WriteError(i.ErrorRecord(e, "VariableNotFound", "ObjectNotFound", name))
}

func getVariable(i *invocation) error {
	names := i.Texts("Name")
	if len(names) == 0 {
		names = []string{"*"}
	}
	emit := func(v *powershell.Variable) error {
		if i.Switch("ValueOnly") {
			return i.WriteEach(v.Get())
		}
		return i.Write(variableInfo(v))
	}
	for _, n := range names {
		if object.HasWildcard(n) {
			w, _ := object.NewWildcard(n, true)
			list := i.Variables(i.Text("Scope"))
			sort.Slice(list, func(a, b int) bool { return strings.ToLower(list[a].Name) < strings.ToLower(list[b].Name) })
			for _, v := range list {
				if !strings.HasPrefix(v.Name, "\x00") && w.Match(v.Name) {
					if err := emit(v); err != nil {
						return err
					}
				}
			}
			continue
		}
		v := i.Variable(n, i.Text("Scope"))
		if v == nil {
			if err := notFoundVariable(i, n); err != nil {
				return err
			}
			continue
		}
		if err := emit(v); err != nil {
			return err
		}
	}
	return nil
}

func options(i *invocation, v *powershell.Variable) {
	if en, ok := i.Value("Option").(object.Enum); ok {
		v.ReadOnly, v.Constant, v.Private, v.AllScope = en.Value&1 != 0, en.Value&2 != 0, en.Value&4 != 0, en.Value&8 != 0
	}
	if i.Has("Description") {
		v.Description = i.Text("Description")
	}
}

// piped gathers what is piped in: nothing, one or several values.
func piped(i *invocation, v any) any {
	list, _ := i.State.([]any)
	list = append(list, v)
	i.State = list
	if len(list) == 1 {
		return list[0]
	}
	return object.NewArray(append([]any{}, list...)...)
}

func setVariable(i *invocation) error {
	v := i.Value("Value")
	if i.Piped {
		v = piped(i, v)
	}
	for _, n := range i.Texts("Name") {
		old := i.Variable(n, i.Text("Scope"))
		if old != nil && i.Switch("Force") && !old.Constant {
			old.ReadOnly = false
		}
		if old != nil && (old.ReadOnly || old.Constant) {
			e := &object.Error{Type: object.MustType("System.Management.Automation.SessionStateUnauthorizedAccessException"), Message: "Cannot overwrite variable " + n + " because it is read-only or constant."}
			if err := i.WriteError(i.ErrorRecord(e, "VariableNotWritable", "WriteError", n)); err != nil {
				return err
			}
			continue
		}
		if err := i.SetVariable(n, i.Text("Scope"), v); err != nil {
			return err
		}
		now := i.Variable(n, i.Text("Scope"))
		options(i, now)
		if i.Switch("PassThru") {
			if err := i.Write(variableInfo(now)); err != nil {
				return err
			}
		}
	}
	return nil
}

func newVariable(i *invocation) error {
	n := i.Text("Name")
	scope := i.Text("Scope")
	if scope == "" {
		scope = "local"
	}
	if old := i.Variable(n, scope); old != nil && !i.Switch("Force") {
		e := &object.Error{Type: object.MustType("System.Management.Automation.SessionStateException"), Message: "A variable with name '" + n + "' already exists."}
		return i.WriteError(i.ErrorRecord(e, "VariableAlreadyExists", "ResourceExists", n))
	}
	v := &powershell.Variable{Name: n, Value: i.Value("Value")}
	options(i, v)
	i.PutVariable(v, scope)
	if i.Switch("PassThru") {
		return i.Write(variableInfo(v))
	}
	return nil
}

func removeVariable(i *invocation) error {
	for _, n := range i.Texts("Name") {
		scope := i.Text("Scope")
		if scope == "" {
			scope = "local"
		}
		if object.HasWildcard(n) {
			w, _ := object.NewWildcard(n, true)
			for _, v := range i.Variables(scope) {
				if w.Match(v.Name) && !v.Constant && (!v.ReadOnly || i.Switch("Force")) {
					i.RemoveVariable(v.Name, scope)
				}
			}
			continue
		}
		v := i.Variable(n, scope)
		if v == nil {
			if err := notFoundVariable(i, n); err != nil {
				return err
			}
			continue
		}
		if v.Constant || v.ReadOnly && !i.Switch("Force") {
			e := &object.Error{Type: object.MustType("System.Management.Automation.SessionStateUnauthorizedAccessException"), Message: "Cannot remove variable " + n + " because it is constant or read-only. If the variable is read-only, try the operation again specifying the Force option."}
			if err := i.WriteError(i.ErrorRecord(e, "VariableNotRemovable", "WriteError", n)); err != nil {
				return err
			}
			continue
		}
		i.RemoveVariable(n, scope)
	}
	return nil
}

func clearVariable(i *invocation) error {
	for _, n := range i.Texts("Name") {
		v := i.Variable(n, i.Text("Scope"))
		if v == nil {
			if err := notFoundVariable(i, n); err != nil {
				return err
			}
			continue
		}
		if err := i.SetVariable(v.Name, i.Text("Scope"), nil); err != nil {
			return err
		}
	}
	return nil
}

func getAlias(i *invocation) error {
	list := i.Aliases()
	sort.Slice(list, func(a, b int) bool { return strings.ToLower(list[a].Name) < strings.ToLower(list[b].Name) })
	names := i.Texts("Name")
	for _, n := range names {
		found := false
		w, _ := object.NewWildcard(n, true)
		for _, a := range list {
			if w != nil && w.Match(a.Name) {
				found = true
				if err := i.Write(i.AliasInfo(a)); err != nil {
					return err
				}
			}
		}
		if !found && !object.HasWildcard(n) {
			e := &object.Error{Type: object.MustType("System.Management.Automation.ItemNotFoundException"), Message: "This command cannot find a matching alias because an alias with the name '" + n + "' does not exist."}
			if err := i.WriteError(i.ErrorRecord(e, "ItemNotFoundException", "ObjectNotFound", n)); err != nil {
				return err
			}
		}
	}
	if len(names) > 0 {
		return nil
	}
	defs := i.Texts("Definition")
	for _, a := range list {
		if len(defs) == 0 || matches(defs, a.Target) {
			if err := i.Write(i.AliasInfo(a)); err != nil {
				return err
			}
		}
	}
	return nil
}

func setAlias(i *invocation) error {
	a := &powershell.Alias{Name: i.Text("Name"), Target: i.Text("Value"), Description: i.Text("Description")}
	i.SetAlias(a, i.Text("Scope"))
	if i.Switch("PassThru") {
		return i.Write(i.AliasInfo(a))
	}
	return nil
}
