package syntax

import (
	"fmt"
	"strings"
	"testing"

	"skylab/sim/machine/powershell/internal/oracle"
)

type parseCase struct {
	Script, Change string
	Errors         []parseError
}

type parseError struct {
	ID                               string
	Line, Column, EndLine, EndColumn int
	Message                          string
	Incomplete                       bool
}

// knownTypes are enough for the recorded classes.
func knownTypes(name string) bool {
	return strings.Contains(" string int hashtable datetime bool object void double long array regex timespan validaterange validateset exception ", " "+strings.ToLower(name)+" ") || strings.Contains(name, ".")
}

func TestOracleParseErrors(t *testing.T) {
	whole := oracle.NewScore(t, "parse-errors.jsonl")
	for i, c := range oracle.Load[parseCase](t, "parse-errors.jsonl") {
		src := NewSource("", c.Script)
		_, errs := Parse(src, Options{TypeExists: knownTypes})
		var got []parseError
		for _, e := range errs {
			l, col := src.Position(e.Start)
			el, ecol := src.Position(e.End)
			got = append(got, parseError{e.ID, l, col, el, ecol, e.Message, e.Incomplete})
		}
		key := fmt.Sprint(i)
		diff := func() string {
			return fmt.Sprintf("%s\n got %+v\nwant %+v", c.Script, got, c.Errors)
		}
		first := len(got) == 0 && len(c.Errors) == 0
		if len(got) > 0 && len(c.Errors) > 0 {
			a, b := got[0], c.Errors[0]
			first = a.ID == b.ID && a.Line == b.Line && a.Column == b.Column
		}
		whole.Add(strings.ReplaceAll(c.Change, " ", "-"), key, first, diff)
		whole.Add("whole", key, fmt.Sprint(got) == fmt.Sprint(c.Errors), diff)
	}
	whole.Done()
}
