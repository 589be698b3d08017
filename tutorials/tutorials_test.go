package tutorials

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"skylab/sim/machine/az"
)

const dir = "lessons/linux-vm-access-arm"

// changed is the first lesson with a text replaced in one of its files.
func changed(t testing.TB, file, old, new string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"article.md", "lab.yaml"} {
		data, err := fs.ReadFile(builtin, dir+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if !strings.Contains(string(data), old) {
				t.Fatalf("%s has no %q", file, old)
			}
			data = []byte(strings.Replace(string(data), old, new, 1))
		}
		out[dir+"/"+name] = &fstest.MapFile{Data: data}
	}
	return out
}

func TestEveryLessonLoads(t *testing.T) {
	if len(IDs()) == 0 {
		t.Fatal("no lesson is built in")
	}
	for _, id := range IDs() {
		l, err := Find(id)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(l.Intro) == 0 || len(l.Outro) == 0 {
			t.Errorf("%s has no intro or no end", id)
		}
		for _, s := range l.Steps {
			if len(s.Blocks) == 0 || len(s.Hints) == 0 {
				t.Errorf("%s, step %s lacks text or hints", id, s.ID)
			}
		}
	}
	if _, err := Find("none"); !errors.Is(err, ErrNoLesson) {
		t.Errorf("%v", err)
	}
}

func TestFaultsNameFileAndLine(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"lab.yaml", "minutes: 10", "minuten: 10", dir + `/lab.yaml:4:1: unknown field "minuten"`},
		{"lab.yaml", "minutes: 10", "minutes: ten", dir + "/lab.yaml:4:"},
		{"lab.yaml", "id: linux-vm-access-arm", "id: other", dir + `/lab.yaml:1: the id "other" is not the folder's name`},
		{"lab.yaml", "heading: Get a token on the machine", "heading: Get nothing", dir + `/lab.yaml:`},
		{"lab.yaml", "kind: level", "kind: always", `step "access": its kind is "always"`},
		{"lab.yaml", "  - id: token", "  - id: access", `the step id "access" is empty or used twice`},
		{"lab.yaml", "done: 'any(assigned(", "done: 'any(asigned(", dir + "/lab.yaml:67: step access: done: "},
		{"lab.yaml", "steps:", "steps: [", dir + "/lab.yaml:"},
		{"article.md", "## Get a token on the machine", "## Something else", `step "token": the article has no heading "Get a token on the machine"`},
	} {
		_, err := Load(changed(t, c.file, c.old, c.new), dir)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v", c.old, c.new, err)
		}
	}
	for text, want := range map[string]string{
		"[!INCLUDE [x](gone.md)]":                   dir + "/article.md:10: the file " + dir + "/gone.md does not exist",
		"[!INCLUDE [x](../other/article.md)]":       dir + "/article.md:10: ../other/article.md leads out of the article's folder",
		"::: zone pivot=\"azure-cli\"":              dir + "/article.md:10: the zone that begins here never ends",
		":::code language=\"bash\" source=\"x\":::": dir + "/article.md:10: the file " + dir + "/x does not exist",
	} {
		const old = "> [!div class=\"checklist\"]"
		if _, err := Load(changed(t, "article.md", old, text+"\n\n"+old), dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Load(fstest.MapFS{}, "none"); err == nil {
		t.Error("a folder that is not there was read")
	}
}

func TestZonesReachTheLesson(t *testing.T) {
	const old = "> [!NOTE]"
	l, err := Load(changed(t, "article.md", old, "::: zone pivot=\"azure-cli\"\n\nBy command.\n\n::: zone-end\n\n"+old), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Pivots) != 1 || l.Pivots[0].Title != "azure cli" {
		t.Errorf("pivots %v", l.Pivots)
	}
	found := false
	for _, b := range l.Steps[0].Blocks {
		found = found || strings.Contains(b.HTML, "By command") && len(b.Pivots) == 1
	}
	if !found {
		t.Errorf("blocks %+v", l.Steps[0].Blocks)
	}
}

func FuzzLabYAML(f *testing.F) {
	data, err := fs.ReadFile(builtin, dir+"/lab.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("id: x\nsteps: [{}]")
	article, _ := fs.ReadFile(builtin, dir+"/article.md")
	f.Fuzz(func(t *testing.T, in string) {
		_, _ = Load(fstest.MapFS{dir + "/article.md": {Data: article}, dir + "/lab.yaml": {Data: []byte(in)}}, dir)
	})
}

// TestVersionsOfAzAreTrue compares what lessons say of versions of the Azure CLI
// with the table of changes.
func TestVersionsOfAzAreTrue(t *testing.T) {
	known := map[string]bool{strings.TrimSuffix(az.Version, ".0"): true}
	for _, c := range az.Newer {
		known[strings.TrimSuffix(c.Since, ".0")] = true
	}
	found := 0
	for _, id := range IDs() {
		for _, file := range []string{"article.md", "lab.yaml"} {
			data, err := fs.ReadFile(builtin, "lessons/"+id+"/"+file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`\b2\.\d\d\b`).FindAllString(string(data), -1) {
				if found++; !known[m] {
					t.Errorf("%s/%s speaks of version %s, of which no change is known", id, file, m)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no lesson speaks of a version")
	}
}
