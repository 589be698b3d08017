package sim

import (
	"io"
	"strings"
	"testing"

	"skylab/sim/machine/shell"
)

func TestViewHoldsTheTextFilesOfHomes(t *testing.T) {
	l := newLab(t, "a")
	if _, err := l.Run(t.Context(), "myVM", `mkdir -p .d/e; echo text > .d/e/f; printf '\0' > zero; printf '\377' > byte; seq 20000 > long; echo else > /tmp/g`, shell.Streams{Out: io.Discard, Err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	files := l.View().Machines["myVM"].Files
	if files["/home/azureuser/.d/e/f"] != "text\n" {
		t.Errorf("the file in the home is not there: %q", files)
	}
	for _, name := range []string{"zero", "byte", "long"} {
		if _, ok := files["/home/azureuser/"+name]; ok {
			t.Errorf("%s is shown", name)
		}
	}
	for name := range files {
		if !strings.HasPrefix(name, "/home/") {
			t.Errorf("%s lies in no home", name)
		}
	}
}
