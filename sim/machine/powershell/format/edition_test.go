package format

import (
	"testing"

	"skylab/sim/machine/powershell"
)

// TestFoldsErrors folds the lines of errors as a window of 120 columns of 5.1
// does: it writes 119 of them, and cuts category and id at 114.
func TestFoldsErrors(t *testing.T) {
	old := styles[powershell.Desktop]
	line := old.info("+ CategoryInfo          : InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [Invoke-WebRequest], WebException", 120)
	for _, c := range []struct{ in, want string }{
		// Derived from the view of error records in 5.1 (facts/powershell.md §B5.9).
		{line, "    + CategoryInfo          : InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [Invoke-WebRequest], WebExc \n   eption\n"},
		{"short", "short\n"},
		{"Invoke-WebRequest : The response content cannot be parsed because the Internet Explorer engine is not available, or Internet Explorer's", "Invoke-WebRequest : The response content cannot be parsed because the Internet Explorer engine is not available, or \nInternet Explorer's\n"},
	} {
		if got := old.fold(c.in, 119); got != c.want {
			t.Errorf("got\n%q, want\n%q", got, c.want)
		}
	}
	if got := styles[powershell.Core].info("+ CategoryInfo", 8); got != "+ CategoryInfo" {
		t.Errorf("7 cuts nothing: %q", got)
	}
}
