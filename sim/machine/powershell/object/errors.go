package object

import (
	"fmt"
)

// Error is a .NET exception on its way, with what PowerShell says of it.
type Error struct {
	// Type is the exception's type, Message its text.
	Type    *Type
	Message string
	// ID is the error id, "" for the exception's type name. Category and Target
	// are the record's; an empty Category is NotSpecified.
	ID       string
	Category string
	Target   any
	Inner    *Error
	// Native says that a .NET member threw it: PowerShell wraps it when a method
	// is called.
	Native bool
	// Exception, if set, is the object that was thrown.
	Exception *Object
	// Fields are further properties of the exception.
	Fields []Entry
	// Details, if set, is what the record shows instead of the exception's text.
	Details string
}

func (e *Error) Error() string { return e.Message }

// Throw returns a .NET exception as a member throws it.
func Throw(typ string, format string, args ...any) *Error {
	return &Error{Type: MustType(typ), Message: fmt.Sprintf(format, args...), Native: true}
}

// Fail returns an error of PowerShell's own with an id; its exception is a
// RuntimeException.
func Fail(id, format string, args ...any) *Error {
	return &Error{Type: RuntimeExceptionType, ID: id, Message: fmt.Sprintf(format, args...)}
}

// castError returns a conversion's error: PSInvalidCastException.
func castError(id, format string, args ...any) *Error {
	return &Error{Type: InvalidCastType, ID: id, Message: fmt.Sprintf(format, args...), Category: "InvalidArgument"}
}
