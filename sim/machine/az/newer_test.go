package az

import (
	"strings"
	"testing"

	"skylab/sim/machine/az/table"
)

func TestNewerVersionsAreWholeRows(t *testing.T) {
	last := ""
	for _, c := range Newer {
		if c.Since <= Version || c.Since < last || !strings.HasSuffix(c.Text, ".") || !strings.HasPrefix(c.Source, "Azure/azure-cli#") {
			t.Errorf("%+v", c)
		}
		last = c.Since
		if _, ok := table.Load().Command(c.Command); !ok {
			t.Errorf("%s is no command", c.Command)
		}
	}
}
