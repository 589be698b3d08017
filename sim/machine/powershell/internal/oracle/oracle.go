// Package oracle replays what a real PowerShell printed. Its recordings lie
// gzip-ed in the powershell package's testdata, or in the folder that the
// variable POWERSHELL_ORACLE names. It is for tests only.
//
// Each test gives its verdicts to a [Score], which prints a line per area and
// fails where fewer cases agree than testdata/shares.txt says were agreed
// before, or where a case of testdata/differences.txt agrees after all: shares
// only rise, differences only go. With POWERSHELL_ORACLE_UPDATE=1 the shares
// rise to what is reached.
package oracle

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// Folder is where the recordings lie, seen from a test of a package directly
// below powershell; External says that it is not ours.
func folder() (dir string, external bool) {
	if dir := os.Getenv("POWERSHELL_ORACLE"); dir != "" {
		return dir, true
	}
	for _, d := range []string{"testdata", "../testdata"} {
		if _, err := os.Stat(filepath.Join(d, "shares.txt")); err == nil {
			return d, false
		}
	}
	return "../testdata", false
}

// Load reads a recording, one value a line; the test is skipped if it is not
// there.
func Load[T any](t testing.TB, file string) (list []T) {
	t.Helper()
	dir, _ := folder()
	var r io.Reader
	f, err := os.Open(filepath.Join(dir, file))
	r = f
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.Open(filepath.Join(dir, file+".gz")); err == nil {
			r, err = gzip.NewReader(f)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no recording %s in %s", file, dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(r)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, v)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Score counts the cases of a recording that agree, by area.
type Score struct {
	t             testing.TB
	file          string
	agreed, total map[string]int
	known         map[string]bool
	shown         int
}

// NewScore begins to count.
func NewScore(t testing.TB, file string) *Score {
	s := &Score{t: t, file: file, agreed: map[string]int{}, total: map[string]int{}, known: map[string]bool{}}
	for _, l := range lines("differences.txt") {
		if f := strings.Split(l, "\t"); len(f) == 3 && f[0] == file {
			s.known[f[1]] = true
		}
	}
	return s
}

// Add counts a case. Key names it; diff says how it differs and is shown for
// the first few with -v, or for those whose key holds POWERSHELL_ORACLE_SHOW.
func (s *Score) Add(area, key string, ok bool, diff func() string) {
	s.total[area]++
	if ok {
		s.agreed[area]++
		if s.known[key] {
			s.t.Errorf("%s: %q agrees: take it out of differences.txt", s.file, key)
		}
		return
	}
	show := os.Getenv("POWERSHELL_ORACLE_SHOW")
	if s.known[key] || show == "" || !strings.Contains(area+" "+key, show) {
		return
	}
	if s.shown++; s.shown <= 5000 {
		s.t.Logf("%s/%s %s\n%s", s.file, area, key, diff())
	}
}

// Done prints the areas and fails where one fell.
func (s *Score) Done() {
	s.t.Helper()
	_, external := folder()
	shares := map[string]int{}
	for _, l := range lines("shares.txt") {
		if f := strings.Fields(l); len(f) == 2 {
			shares[f[0]], _ = strconv.Atoi(f[1])
		}
	}
	var areas []string
	agreed, total := 0, 0
	for a := range s.total {
		areas = append(areas, a)
		agreed += s.agreed[a]
		total += s.total[a]
	}
	sort.Strings(areas)
	rose := false
	for _, a := range areas {
		name := s.file + "/" + a
		fmt.Printf("oracle %s %d/%d\n", name, s.agreed[a], s.total[a])
		if external {
			continue
		}
		if s.agreed[a] < shares[name] {
			s.t.Errorf("%s: %d agree, there were %d", name, s.agreed[a], shares[name])
		}
		if s.agreed[a] > shares[name] {
			shares[name], rose = s.agreed[a], true
		}
	}
	fmt.Printf("oracle %s %d/%d\n", s.file, agreed, total)
	if rose && os.Getenv("POWERSHELL_ORACLE_UPDATE") != "" {
		s.write(shares)
	}
}

func (s *Score) write(shares map[string]int) {
	var out []string
	for k, v := range shares {
		out = append(out, fmt.Sprintf("%s %d\n", k, v))
	}
	sort.Strings(out)
	dir, _ := folder()
	if err := os.WriteFile(filepath.Join(dir, "shares.txt"), []byte(strings.Join(out, "")), 0o644); err != nil {
		s.t.Error(err)
	}
}

func lines(name string) []string {
	dir, external := folder()
	if external {
		return nil
	}
	b, _ := os.ReadFile(filepath.Join(dir, name))
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}
