package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

var commandInfoType = object.MustType("System.Management.Automation.CommandInfo")

// isVoid reports whether a method returned nothing.
func isVoid(v any) bool {
	_, ok := v.(interface{ IsVoid() })
	return ok
}

// scriptStage makes a stage of a .ps1 file.
func (c *ctx) scriptStage(path string, args []arg, k *call, dot bool) (stage, error) {
	b, err := c.s.cfg.Files.ReadFile(path)
	if err != nil {
		return nil, object.Throw("System.IO.FileNotFoundException", "Could not find file '%s'.", c.s.Native(path))
	}
	src := syntax.NewSource(c.s.Native(path), strings.TrimPrefix(string(b), "\ufeff"))
	tree, errs := syntax.Parse(src, c.s.options())
	if len(errs) > 0 {
		return nil, &object.Error{Type: object.MustType("System.Management.Automation.ParseException"), ID: errs[0].ID, Category: "ParserError", Message: c.s.parseMessage(src, errs)}
	}
	k.name, k.script = path[strings.LastIndexByte(path, '/')+1:], path
	st, err := c.blockStage(&object.ScriptBlock{Body: tree}, nil, args, k, dot)
	if f, ok := st.(*funcStage); ok && !dot {
		f.c.scope.script = true
	}
	return st, err
}

// fileSink opens a file for a redirection.
func (s *Session) fileSink(c *ctx, name string, appends bool, sp syntax.Span, k *call) (Sink, func() error, error) {
	if s.cfg.Files == nil {
		return nil, nil, object.Throw("System.IO.IOException", "There is no file system.")
	}
	path := s.Path(name)
	var text strings.Builder
	f := Formatter(&textFormat{s: s, b: &text})
	if s.cfg.Format != nil {
		f = s.cfg.Format(s, s.Columns(), func(t string) { text.WriteString(t) })
	}
	sink := func(v any) error {
		if o, ok := v.(*object.Object); ok && o.Type == recordType {
			return f.Error(o)
		}
		return f.Object(v)
	}
	return sink, func() error {
		if err := f.Flush(); err != nil {
			return err
		}
		data := s.encode(text.String())
		var err error
		if appends {
			err = s.cfg.Files.Append(path, data)
		} else {
			err = s.cfg.Files.WriteFile(path, data)
		}
		if err != nil {
			return k.fail("System.IO.DirectoryNotFoundException", "FileOpenFailure", "OpenError", "Could not find a part of the path '"+s.Native(path)+"'.", nil, sp)
		}
		return nil
	}, nil
}

// encode makes the bytes that > writes: UTF-8, or UTF-16 with a mark in 5.1.
func (s *Session) encode(text string) []byte {
	if s.cfg.Edition == Core {
		return []byte(text)
	}
	text = strings.ReplaceAll(text, "\n", "\r\n")
	out := []byte{0xff, 0xfe}
	for _, u := range object.Units(text) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

type textFormat struct {
	s *Session
	b *strings.Builder
}

func (t *textFormat) Object(v any) error { t.b.WriteString(t.s.obj.Display(v) + "\n"); return nil }
func (t *textFormat) Error(r *object.Object) error {
	t.b.WriteString((&Failure{Record: r}).Error() + "\n")
	return nil
}
func (t *textFormat) Flush() error { return nil }

// customFrom makes a PSCustomObject; PSTypeName names its type.
func (s *Session) customFrom(d *object.Dict) *object.Object {
	o := object.NewCustom()
	for _, e := range d.Entries() {
		name := s.obj.String(e.Key)
		if strings.EqualFold(name, "PSTypeName") {
			o.TypeNames = append([]string{s.obj.String(e.Value)}, o.TypeNames...)
			continue
		}
		o.Set(name, e.Value)
	}
	return o
}

// commandInfo is the object that Get-Command gives.
func (s *Session) commandInfo(cm *Cmdlet, fn *Function) any {
	enum := func(n string) any {
		e, _ := object.EnumOf(object.MustType("System.Management.Automation.CommandTypes"), n)
		return e
	}
	if cm != nil {
		o := &object.Object{Type: object.MustType("System.Management.Automation.CmdletInfo")}
		o.SetProperty("Name", cm.Name)
		o.SetProperty("CommandType", enum("Cmdlet"))
		o.SetProperty("Source", cm.Module)
		o.SetProperty("ModuleName", cm.Module)
		o.SetProperty("Version", &object.Version{Major: 7, Minor: 0, Build: 0, Revision: 0})
		o.SetText(cm.Name)
		return o
	}
	kind, typ := "Function", "System.Management.Automation.FunctionInfo"
	if fn.Filter {
		kind, typ = "Filter", "System.Management.Automation.FilterInfo"
	}
	o := &object.Object{Type: object.MustType(typ)}
	o.SetProperty("Name", fn.Name)
	o.SetProperty("CommandType", enum(kind))
	o.SetProperty("Source", "")
	o.SetProperty("ModuleName", "")
	o.SetProperty("Version", nil)
	o.SetProperty("ScriptBlock", fn.Block)
	o.SetProperty("Definition", fn.Block.Text())
	o.SetText(fn.Name)
	return o
}

// scriptInfo is the object that describes a script without a file.
func (s *Session) scriptInfo(sb *object.ScriptBlock) any {
	o := &object.Object{Type: object.MustType("System.Management.Automation.ScriptInfo")}
	kind, _ := object.EnumOf(object.MustType("System.Management.Automation.CommandTypes"), "Script")
	o.SetProperty("Name", "")
	o.SetProperty("CommandType", kind)
	o.SetProperty("Definition", sb.Text())
	o.SetProperty("ScriptBlock", sb)
	o.SetProperty("Source", "")
	o.SetProperty("Version", nil)
	o.SetText(sb.Text())
	return o
}

// scriptFileInfo is the object that describes a .ps1 file.
func (s *Session) scriptFileInfo(path string) any {
	o := &object.Object{Type: object.MustType("System.Management.Automation.ExternalScriptInfo")}
	kind, _ := object.EnumOf(object.MustType("System.Management.Automation.CommandTypes"), "ExternalScript")
	native := s.Native(path)
	name := path[strings.LastIndexByte(path, '/')+1:]
	o.SetProperty("Name", name)
	o.SetProperty("CommandType", kind)
	o.SetProperty("Path", native)
	o.SetProperty("Definition", native)
	o.SetProperty("Source", native)
	o.SetProperty("Version", nil)
	o.SetText(name)
	return o
}

// psCmdlet is $PSCmdlet of an advanced function.
type psCmdlet struct{ f *funcStage }

// NetType implements object.Typed.
func (*psCmdlet) NetType() *object.Type {
	return object.MustType("System.Management.Automation.PSScriptCmdlet")
}

// GetMember implements member.Dynamic.
func (p *psCmdlet) GetMember(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "parametersetname":
		return p.f.bind.chosenSet(), true
	case "myinvocation":
		return p.f.k.c.invocationInfo(p.f.k.span(), p.f.k), true
	}
	return nil, false
}

// CallMember implements member.Dynamic.
func (p *psCmdlet) CallMember(name string, args []any) (v any, found bool, err error) {
	k := p.f.k
	text := func(i int) string {
		if i < len(args) {
			return k.c.text(args[i])
		}
		return ""
	}
	switch strings.ToLower(name) {
	case "shouldprocess":
		target, action := text(0), k.name
		if len(args) > 1 {
			action = text(1)
		}
		if v, ok := k.fnWhatIf(p.f); ok && v {
			return false, true, k.c.s.hostLine(outputStream, "What if: Performing the operation \""+action+"\" on target \""+target+"\".")
		}
		return true, true, nil
	case "shouldcontinue":
		return true, true, nil
	case "writeerror", "throwterminatingerror":
		r, ok := object.Base(args[0]).(*object.Object)
		if !ok {
			return nil, true, object.Throw("System.ArgumentException", "errorRecord")
		}
		f := k.rethrown(r)
		if strings.EqualFold(name, "writeerror") {
			return nil, true, k.writeError(f)
		}
		return nil, true, &Failure{Record: f.Record, call: k, fatal: false}
	case "writewarning":
		return nil, true, p.f.c.stream(k, warningStream, text(0))
	case "writeverbose":
		return nil, true, p.f.c.stream(k, verboseStream, text(0))
	case "writedebug":
		return nil, true, p.f.c.stream(k, debugStream, text(0))
	case "writeobject":
		if len(args) > 1 && object.Truth(args[1]) {
			return nil, true, enumerate(args[0], k.write)
		}
		return nil, true, k.write(args[0])
	}
	return nil, false, nil
}

func (k *call) fnWhatIf(f *funcStage) (on, ok bool) {
	v, ok := f.bind.common["WhatIf"]
	if ok {
		return object.Truth(v), true
	}
	if w := f.c.scope.find("whatifpreference"); w != nil {
		return object.Truth(w.Value), true
	}
	return false, false
}

// rethrown gives a record that a function made the function's name and place.
func (k *call) rethrown(r *object.Object) *Failure {
	id, _ := r.Value("FullyQualifiedErrorId")
	s, _ := id.(string)
	if !strings.Contains(s, ",") {
		r.SetProperty("FullyQualifiedErrorId", s+","+k.name)
	}
	if cat, ok := r.Value("CategoryInfo"); ok {
		if o, ok := cat.(*object.Object); ok {
			if a, _ := o.Value("Activity"); a == "" || a == nil {
				o.SetProperty("Activity", k.name)
			}
		}
	}
	if info, _ := r.Value("InvocationInfo"); info == nil {
		r.SetProperty("InvocationInfo", k.c.invocationInfo(k.span(), k))
	}
	return &Failure{Record: r, call: k}
}

// aliasInfo is the object that Get-Alias gives.
func (s *Session) aliasInfo(a *Alias) any {
	o := &object.Object{Type: object.MustType("System.Management.Automation.AliasInfo")}
	o.SetProperty("DisplayName", a.Name+" -> "+a.Target)
	kind, _ := object.EnumOf(object.MustType("System.Management.Automation.CommandTypes"), "Alias")
	o.SetProperty("CommandType", kind)
	o.SetProperty("Name", a.Name)
	o.SetProperty("Definition", a.Target)
	o.SetProperty("ReferencedCommand", nil)
	o.SetProperty("ResolvedCommandName", a.Target)
	o.SetProperty("Source", "")
	o.SetProperty("Version", nil)
	o.SetProperty("Description", a.Description)
	o.SetText(a.Name)
	return o
}

// AliasInfo describes an alias.
func (i *Invocation) AliasInfo(a *Alias) any { return i.c.s.aliasInfo(a) }

// FunctionInfo describes a function.
func (i *Invocation) FunctionInfo(f *Function) any { return i.c.s.commandInfo(nil, f) }

// CmdletInfo describes a cmdlet.
func (i *Invocation) CmdletInfo(c *Cmdlet) any { return i.c.s.commandInfo(c, nil) }
