package powershell

import (
	"context"
	"errors"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// The streams by number.
const (
	outputStream = iota + 1
	errorStream
	warningStream
	verboseStream
	debugStream
	informationStream
)

// ctx is where code runs: its scope, its output, and what surrounds it.
type ctx struct {
	s     *Session
	go_   context.Context
	scope *scope
	out   Sink
	src   *syntax.Source
	// streams redirect streams 2 to 6; nil sends to the host.
	streams *[7]Sink
	// caught says that a try or trap around will handle what goes wrong.
	caught bool
	call   *call // the function or script that runs, nil at the prompt
	this   any   // of a class's method
	class  *class
	// returns takes the value of a method's return; nil outside of one.
	returns func(v any)
	// hoisted are the types that were defined before the script began.
	hoisted map[*syntax.TypeDef]bool
	depth   int
}

// Control flow travels as errors.
type (
	breakFlow    struct{ label string }
	continueFlow struct{ label string }
	returnFlow   struct{}
	exitFlow     struct{ code int }
	stopUpstream struct{ by *call }
)

func (breakFlow) Error() string     { return "break" }
func (continueFlow) Error() string  { return "continue" }
func (returnFlow) Error() string    { return "return" }
func (exitFlow) Error() string      { return "exit" }
func (*stopUpstream) Error() string { return "stop" }

// errStopped is Ctrl-C.
var errStopped = errors.New("powershell: stopped")

// Failure is an error with its record, on its way.
type Failure struct {
	Record *object.Object
	call   *call
	// fatal ends the script, not only the statement: throw, -ErrorAction Stop.
	fatal bool
	// shown says that the record is in $Error already.
	recorded bool
}

func (f *Failure) Error() string {
	if ex, ok := f.Record.Value("Exception"); ok {
		if o, ok := ex.(*object.Object); ok {
			m, _ := o.Value("Message")
			s, _ := m.(string)
			return s
		}
	}
	return "error"
}

// nothing is what a command without output leaves: no object, not $null.
type nothing struct{}

const (
	maxDepth   = 1000 // calls within calls, as PowerShell's own stack allows about that
	yieldEvery = 2048 // statements between looks at the clock
)

// tick counts work; now and then it lets others run and looks whether to stop.
func (c *ctx) tick() error {
	s := c.s
	if s.ticks++; s.ticks%yieldEvery != 0 {
		return nil
	}
	if err := c.go_.Err(); err != nil {
		return errStopped
	}
	if s.cfg.Yield != nil {
		if err := s.cfg.Yield(c.go_); err != nil {
			return errStopped
		}
	}
	return nil
}

// with returns a copy of the context that differs in what f sets.
func (c *ctx) with(f func(*ctx)) *ctx {
	n := *c
	f(&n)
	return &n
}

// enumerate writes what a value is taken apart into.
func enumerate(v any, out Sink) error {
	switch x := v.(type) {
	case nothing:
		return nil
	case string, int32, nil, bool:
		return out(v)
	case *object.Array:
		return each(x.Items, out)
	}
	if items, ok := object.Items(v); ok {
		return each(items, out)
	}
	if e, ok := v.(iterator); ok {
		return e.each(out)
	}
	return out(v)
}

// iterator is a value that makes its items one by one.
type iterator interface{ each(Sink) error }

func each(items []any, out Sink) error {
	for _, x := range items {
		if err := out(x); err != nil {
			return err
		}
	}
	return nil
}

// collected turns what was written into a value: nothing, the one, or an array.
func collected(items []any) any {
	switch len(items) {
	case 0:
		return nothing{}
	case 1:
		return items[0]
	}
	return object.NewArray(items...)
}

// null turns "nothing" into $null.
func null(v any) any {
	if _, ok := v.(nothing); ok {
		return nil
	}
	return v
}
