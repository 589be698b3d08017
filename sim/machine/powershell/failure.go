package powershell

import (
	"errors"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

var (
	recordType   = object.MustType("System.Management.Automation.ErrorRecord")
	categoryType = object.MustType("System.Management.Automation.ErrorCategoryInfo")
	categoryEnum = object.MustType("System.Management.Automation.ErrorCategory")
	invInfoType  = object.MustType("System.Management.Automation.InvocationInfo")
	detailsType  = object.MustType("System.Management.Automation.ErrorDetails")
)

// failure makes a record of an error; nil for control flow.
func (c *ctx) failure(err error, sp syntax.Span) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	var e *object.Error
	if !errors.As(err, &e) {
		return nil
	}
	return &Failure{Record: c.record(e, sp, nil)}
}

// positioned gives an error its place, if it has none yet.
func (c *ctx) positioned(err error, sp syntax.Span) error {
	if f := c.failure(err, sp); f != nil {
		return f
	}
	return err
}

// exception makes the object of an error's exception.
func exception(e *object.Error) *object.Object {
	if e.Exception != nil {
		return e.Exception
	}
	o := &object.Object{Type: e.Type}
	if o.Type == nil {
		o.Type = object.RuntimeExceptionType
	}
	o.SetProperty("Message", e.Message)
	var inner any
	if e.Inner != nil {
		inner = exception(e.Inner)
	}
	o.SetProperty("InnerException", inner)
	for _, f := range e.Fields {
		o.SetProperty(f.Key.(string), f.Value)
	}
	o.SetProperty("Data", &object.Dict{Type: object.MustType("System.Collections.Hashtable"), Exact: true})
	o.SetProperty("HResult", int32(-2146233087))
	o.SetProperty("HelpLink", nil)
	o.SetProperty("Source", nil)
	o.SetProperty("StackTrace", nil)
	o.SetProperty("TargetSite", nil)
	e.Exception = o
	return o
}

// record makes an ErrorRecord of an error at a place. by is the command that
// reports it, nil for an expression.
func (c *ctx) record(e *object.Error, sp syntax.Span, by *call) *object.Object {
	id, category := e.ID, e.Category
	ex := exception(e)
	if by == nil {
		switch {
		case e.Native:
			// A .NET exception out of an operator keeps its type.
			if id == "" {
				id = e.Type.FullName()
			}
			if category == "" && e.Type != object.RuntimeExceptionType {
				category = "OperationStopped"
			}
		case e.Type == object.InvalidCastType:
			wrapped := &object.Error{Type: object.RuntimeExceptionType, Message: e.Message, Inner: e}
			ex = exception(wrapped)
			if category == "" {
				category = "InvalidArgument"
			}
		}
	}
	target := e.Target
	switch id {
	case "PropertyNotFound", "CannotIndex", "PropertyAssignmentException":
		target = nil
	case "MethodNotFound":
		if s, _ := target.(string); !strings.HasPrefix(s, "op_") {
			target = nil
		}
	}
	if id == "" {
		id = ex.Type.Short()
	}
	if category == "" {
		category = "NotSpecified"
		switch e.Type {
		case object.RuntimeExceptionType:
			if e.ID != "" && e.ID != "RuntimeException" {
				category = "InvalidOperation"
			}
		}
	}
	r := c.newRecord(ex, id, category, target, sp, by)
	if e.Details != "" {
		d := &object.Object{Type: detailsType}
		d.SetProperty("Message", e.Details)
		d.SetProperty("RecommendedAction", "")
		d.SetText(e.Details)
		r.SetProperty("ErrorDetails", d)
	}
	return r
}

// newRecord makes an ErrorRecord.
func (c *ctx) newRecord(ex *object.Object, id, category string, target any, sp syntax.Span, by *call) *object.Object {
	r := &object.Object{Type: recordType}
	r.SetProperty("Exception", ex)
	r.SetProperty("TargetObject", target)
	activity := ""
	if by != nil {
		activity = by.activity()
	}
	r.SetProperty("CategoryInfo", c.category(category, activity, ex, target))
	r.SetProperty("FullyQualifiedErrorId", id)
	r.SetProperty("ErrorDetails", nil)
	r.SetProperty("InvocationInfo", c.invocationInfo(sp, by))
	r.SetProperty("ScriptStackTrace", c.stackTrace(sp, by))
	r.SetProperty("PipelineIterationInfo", object.NewArray())
	return r
}

// typeTarget is a target that records call otherwise than its type.
type typeTarget struct {
	value any
	kind  string
}

// NetType implements object.Typed.
func (t typeTarget) NetType() *object.Type { return object.TypeOf(t.value) }

// ToString implements object.Textual.
func (t typeTarget) ToString(c *object.Context) string { return c.Display(t.value) }

// PSObjectTarget is a target that an error record calls a PSObject, as it is
// where a cmdlet got it from the pipeline.
func PSObjectTarget(v any) any { return typeTarget{v, "PSObject"} }

func (c *ctx) category(category, activity string, ex *object.Object, target any) *object.Object {
	o := &object.Object{Type: categoryType}
	cat, ok := object.EnumOf(categoryEnum, category)
	if !ok {
		cat = object.Enum{Type: categoryEnum}
	}
	o.SetProperty("Category", cat)
	o.SetProperty("Activity", activity)
	o.SetProperty("Reason", ex.Type.Short())
	name, typ := "", ""
	if target != nil {
		name = c.s.obj.Display(target)
		typ = object.TypeOf(target).Short()
		if object.TypeOf(target) == object.CustomType {
			typ = "PSObject"
		}
		if t, ok := target.(typeTarget); ok {
			typ = t.kind
		}
	}
	o.SetProperty("TargetName", name)
	o.SetProperty("TargetType", typ)
	return o
}

// invocationInfo tells where in the text something happened, and by which
// command.
func (c *ctx) invocationInfo(sp syntax.Span, by *call) *object.Object {
	o := &object.Object{Type: invInfoType}
	src := c.src
	if by != nil && by.src != nil {
		src = by.src
	}
	name := ""
	var command any
	if by != nil {
		name = by.shown
		command = by.commandInfo()
	}
	line, col := 0, 0
	text, position, file := "", "", ""
	if src != nil && !sp.IsZero() {
		line, col = src.Position(sp.Start)
		text = src.Line(line)
		if line < len(strings.Split(src.Text, "\n")) {
			text += "\n"
		}
		position = src.Message(sp, c.s.ellipsis())
		file = src.File
	}
	o.SetProperty("MyCommand", command)
	bound := object.NewHashtable()
	bound.Type = object.Generic("System.Collections.Generic.Dictionary`2", object.StringType, object.ObjectType)
	o.SetProperty("BoundParameters", bound)
	o.SetProperty("UnboundArguments", object.NewArray())
	o.SetProperty("ScriptLineNumber", int32(line))
	o.SetProperty("OffsetInLine", int32(col))
	o.SetProperty("HistoryId", int64(c.s.historyID))
	o.SetProperty("ScriptName", file)
	o.SetProperty("Line", text)
	if src != nil {
		o.SetProperty("Statement", src.Slice(sp))
	}
	o.SetProperty("PositionMessage", position)
	root := ""
	if i := strings.LastIndexAny(file, "/\\"); i >= 0 {
		root = file[:i]
	}
	o.SetProperty("PSScriptRoot", root)
	o.SetProperty("PSCommandPath", file)
	o.SetProperty("InvocationName", name)
	o.SetProperty("PipelineLength", int32(0))
	o.SetProperty("PipelinePosition", int32(0))
	o.SetProperty("ExpectingInput", by != nil && by.piped)
	o.SetProperty("CommandOrigin", object.Enum{Type: object.MustType("System.Management.Automation.CommandOrigin"), Value: 1})
	return o
}

func (c *ctx) stackTrace(sp syntax.Span, by *call) string {
	var lines []string
	add := func(name string, src *syntax.Source, sp syntax.Span) {
		if src == nil {
			return
		}
		file := src.File
		if file == "" {
			file = "<No file>"
		}
		l, _ := src.Position(sp.Start)
		lines = append(lines, "at "+name+", "+file+": line "+c.s.obj.String(int32(l)))
	}
	src := c.src
	at := sp
	for f := c.call; f != nil; f = f.c.call {
		if f.function() {
			add(f.shown, src, at)
			src, at = f.src, f.span()
		}
	}
	add("<ScriptBlock>", src, at)
	return strings.Join(lines, "\n")
}

// thrown makes the failure of throw.
func (c *ctx) thrown(v any, sp syntax.Span) *Failure {
	f := c.throws(v, sp)
	if ex, _ := f.Record.Value("Exception"); object.TypeOf(ex) == object.RuntimeExceptionType || object.TypeOf(ex) == object.ExceptionType && v == nil {
		f.Record.Members.Add(&object.Member{Name: "\x00thrown", Hidden: true, Value: true})
	}
	return f
}

func (c *ctx) throws(v any, sp syntax.Span) *Failure {
	switch x := object.Base(v).(type) {
	case *object.Object:
		if x.Type == recordType {
			return &Failure{Record: x}
		}
		if x.Type.Is(object.ExceptionType) {
			msg, _ := x.Value("Message")
			id := c.s.obj.String(msg)
			if er, ok := x.Value("ErrorRecord"); ok {
				if r, ok := er.(*object.Object); ok {
					return &Failure{Record: r}
				}
			}
			return &Failure{Record: c.newRecord(x, id, "OperationStopped", nil, sp, nil)}
		}
	}
	msg := c.text(v)
	if v == nil {
		msg = "ScriptHalted"
	}
	e := &object.Error{Type: object.RuntimeExceptionType, Message: msg}
	return &Failure{Record: c.newRecord(exception(e), msg, "OperationStopped", v, sp, nil)}
}

// newError makes a failure of PowerShell's own with a record at a place.
func (c *ctx) newError(typ, id, category, message string, target any, sp syntax.Span, by *call) *Failure {
	e := &object.Error{Type: object.MustType(typ), Message: message}
	ex := exception(e)
	return &Failure{Record: c.newRecord(ex, id, category, target, sp, by), call: by}
}
