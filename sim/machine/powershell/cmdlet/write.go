package cmdlet

import (
	"strings"

	"skylab/sim/machine/powershell/object"
)

var writeBodies = map[string]body{
	"Write-Output":      {process: writeOutput},
	"Write-Host":        {process: writeHost},
	"Write-Error":       {process: writeError},
	"Write-Warning":     {process: func(i *invocation) error { return i.Warning(i.Text("Message")) }},
	"Write-Verbose":     {process: func(i *invocation) error { return i.Verbose(i.Text("Message")) }},
	"Write-Debug":       {process: func(i *invocation) error { return i.Debug(i.Text("Message")) }},
	"Write-Information": {process: writeInformation},
	"Write-Progress":    {process: func(*invocation) error { return nil }},
}

func writeOutput(i *invocation) error {
	v := i.Value("InputObject")
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	if i.Switch("NoEnumerate") {
		return i.Write(v)
	}
	if i.Piped {
		return i.WriteEach(v)
	}
	items, many := object.Items(v)
	if !many {
		return i.Write(v)
	}
	for _, x := range items {
		if len(items) == 1 {
			if err := i.WriteEach(x); err != nil {
				return err
			}
			continue
		}
		if err := i.WriteEach(x); err != nil {
			return err
		}
	}
	return nil
}

// informationRecord makes the record of the information stream.
func informationRecord(data any, source string, tags ...string) *object.Object {
	r := &object.Object{Type: object.MustType("System.Management.Automation.InformationRecord")}
	r.SetProperty("MessageData", data)
	r.SetProperty("Source", source)
	l := &object.List{Type: object.Generic("System.Collections.Generic.List`1", object.StringType)}
	for _, t := range tags {
		l.Items = append(l.Items, t)
	}
	r.SetProperty("Tags", l)
	return r
}

func hostText(i *invocation, v, sep any) string {
	c := i.Session().Objects()
	if items, many := object.Items(v); many {
		var parts []string
		for _, x := range items {
			parts = append(parts, hostText(i, x, sep))
		}
		return strings.Join(parts, c.String(sep))
	}
	return c.ToString(v, c.Culture)
}

func writeHost(i *invocation) error {
	sep := any(" ")
	if i.Has("Separator") {
		sep = i.Value("Separator")
	}
	m := &object.Object{Type: object.MustType("System.Management.Automation.HostInformationMessage")}
	text := hostText(i, i.Value("Object"), sep)
	m.SetProperty("Message", text)
	m.SetProperty("NoNewLine", object.Truth(i.Value("NoNewline")))
	m.SetProperty("ForegroundColor", i.Value("ForegroundColor"))
	m.SetProperty("BackgroundColor", i.Value("BackgroundColor"))
	m.SetText(text)
	r := informationRecord(m, "Write-Host", "PSHOST")
	r.SetText(text)
	return i.Information(r)
}

func writeInformation(i *invocation) error {
	data := i.Value("MessageData")
	if i.Has("MessageData") || i.Piped {
		r := informationRecord(data, "Write-Information", i.Texts("Tags")...)
		r.SetText(i.Session().Objects().String(data))
		return i.Information(r)
	}
	return nil
}

func writeError(i *invocation) error {
	if r, ok := object.Base(i.Value("ErrorRecord")).(*object.Object); ok {
		return i.WriteRecord(r)
	}
	e := &object.Error{Type: object.MustType("Microsoft.PowerShell.Commands.WriteErrorException"), Message: i.Text("Message")}
	id := "Microsoft.PowerShell.Commands.WriteErrorException"
	if x, ok := object.Base(i.Value("Exception")).(*object.Object); ok {
		e.Exception, e.Type = x, x.Type
		id = x.Type.FullName()
		if i.Has("Message") {
			e.Details = i.Text("Message")
		}
	}
	if i.Has("ErrorId") {
		id = i.Text("ErrorId")
	}
	category := "NotSpecified"
	if en, ok := i.Value("Category").(object.Enum); ok {
		category = en.String()
	}
	return i.WriteScriptError(e, id, category, i.Value("TargetObject"), i.Value("RecommendedAction"))
}
