package az

import (
	"testing"

	"skylab/sim/machine/az/table"
)

func TestNewerVersionsAreWholeRows(t *testing.T) {
	for _, c := range Newer {
		if c.Text == "" || c.Source == "" {
			t.Errorf("%+v", c)
		}
		if _, ok := table.Load().Command(c.Command); c.Command != "" && !ok {
			t.Errorf("%s is no command", c.Command)
		}
	}
}
