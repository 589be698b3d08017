package powershell_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"skylab/sim/machine/powershell"
)

// FuzzRun runs damaged scripts: none may panic, hang or grow without end.
func FuzzRun(f *testing.F) {
	for _, s := range []string{
		"1..3 | % { $_ * 2 }", "function f($x) { if ($x) { f ($x - 1) } }; f 3", "try { 1/0 } catch { $_ } finally { 'x' }",
		"[pscustomobject]@{ a = 1; b = @{ c = 2 } } | ft", "switch -regex ('ab') { 'a' { break } default { 1 } }",
		"'{\"a\":[1,2]}' | ConvertFrom-Json | ConvertTo-Json", "$a = 1, 2; $a[0] += 5; \"$($a -join ',')\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s := newSession()
		n := 0
		s.Config().Yield = func(ctx context.Context) error {
			if n++; n > 200 {
				return errors.New("enough")
			}
			return ctx.Err()
		}
		s.Run(ctx, text, powershell.Run{Out: func(string) {}})
	})
}

func TestStops(t *testing.T) {
	s := newSession()
	s.Config().Yield = func(ctx context.Context) error { return context.Canceled }
	o := s.Run(context.Background(), "while ($true) { }", powershell.Run{Out: func(string) {}})
	if !o.Stopped {
		t.Errorf("%+v, want it stopped", o)
	}
}

func TestDeepRecursion(t *testing.T) {
	var b strings.Builder
	s := newSession()
	s.Run(context.Background(), "function f { f }; f", powershell.Run{Out: func(t string) { b.WriteString(t) }})
	if !strings.Contains(b.String(), "call depth overflow") {
		t.Errorf("%q does not speak of the call depth", b.String())
	}
}

// TestKeeps sees that variables, functions and errors last from one run to the
// next, and that what waits for a table's width is lost when a script throws.
func TestKeeps(t *testing.T) {
	var b strings.Builder
	s := newSession()
	run := func(text string) powershell.Outcome {
		return s.Run(context.Background(), text, powershell.Run{Out: func(t string) { b.WriteString(t) }})
	}
	run("$x = 5; function twice { $args[0] * 2 }")
	run("twice $x")
	if b.String() != "10\n" {
		t.Errorf("got %q", b.String())
	}
	b.Reset()
	o := run("[pscustomobject]@{ a = 1 }; throw 'x'")
	if !o.Failed || strings.Contains(b.String(), "a") && strings.Contains(b.String(), "-\n") {
		t.Errorf("%+v %q", o, b.String())
	}
	if o := run("exit 3"); !o.Exited || o.Code != 3 {
		t.Errorf("%+v", o)
	}
}

// TestSaysWhatIsNotSimulated sees that what a script can name and the language
// lacks is said, and not passed over.
func TestSaysWhatIsNotSimulated(t *testing.T) {
	for text, want := range map[string]string{
		"using module Foo": "skylab: using module is real but not simulated here",
		"'a' &":            "skylab: & as a job is real but not simulated here",
	} {
		var b strings.Builder
		newSession().Run(context.Background(), text, powershell.Run{Out: func(t string) { b.WriteString(t) }})
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q says %q, want %q", text, b.String(), want)
		}
	}
}
