package sim

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"skylab/sim/kit/full"
	"skylab/sim/machine/shell"
)

// TestLabsOfEarlierBuildsLoad holds what earlier builds kept: a file is added
// when the format changes, and none is ever changed.
func TestLabsOfEarlierBuildsLoad(t *testing.T) {
	for file, want := range map[string]string{
		"2026-11-shell.json.gz": "/tmp kept hello function a 1747 200",
	} {
		t.Run(file, func(t *testing.T) {
			l, err := Load(unpacked(t, filepath.Join("testdata", "kept", file)), full.Kit())
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			const look = `echo "$PWD $x $(cat file.txt) $(f a) $(cat token.json | wc -c) $(curl -s -o /dev/null -w '%{http_code}' -H Metadata:true 'http://169.254.169.254/metadata/instance?api-version=2021-02-01')"`
			if _, err := l.Run(context.Background(), "myVM", look, shell.Streams{Out: &out}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != want+"\n" {
				t.Errorf("%q", got)
			}
			if what, err := l.Undo(); what != look || err != nil {
				t.Errorf("undo: %q, %v", what, err)
			}
		})
	}
}

func unpacked(t *testing.T, file string) []byte {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
