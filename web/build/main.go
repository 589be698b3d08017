// Command build makes the site's files: it compiles the page and the lab for
// the browser, adds the assets and compresses all of it. The result is what
// package web serves.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"

	"skylab/assets"
	"skylab/tutorials"
	"skylab/tutorials/lesson"
)

func main() {
	out := flag.String("o", "web/site", "the folder to write to")
	level := flag.Int("level", 11, "brotli's level: 11 is smallest, 1 quickest")
	sizes := flag.Bool("sizes", false, "print what the modules weigh")
	flag.Parse()
	err := build(*out, *level)
	if err == nil && *sizes {
		err = printSizes(*out, *level)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// budgets are the most bytes that a module may weigh at brotli 11.
var budgets = map[string]int64{"ui.wasm": 1_700_000, "lab.wasm": 3_400_000}

func printSizes(out string, level int) error {
	for _, name := range slices.Sorted(maps.Keys(budgets)) {
		files, err := filepath.Glob(filepath.Join(out, "b", "*", name+".br"))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("find %s in the site: %d files, %v", name, len(files), err)
		}
		info, err := os.Stat(files[0])
		if err != nil {
			return err
		}
		fmt.Printf("%-10s %7.2f MB at brotli %d, budget %.2f MB at 11\n", name, float64(info.Size())/1e6, level, float64(budgets[name])/1e6)
	}
	return nil
}

// document is what a page's template shows.
type document struct {
	Assets, Title, Description string
	Lesson                     *lesson.Lesson
	Lessons                    []*lesson.Lesson
}

// page is the document that starts the page, with its text readable before any
// wasm arrives. Nothing in it is inline, for the content security policy
// forbids that.
var page = template.Must(template.New("page").Funcs(template.FuncMap{"safe": func(s string) template.HTML { return template.HTML(s) }}).Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{{.Description}}">
<meta name="skylab-assets" content="{{.Assets}}">
<title>{{.Title}}</title>
<link rel="stylesheet" href="{{.Assets}}style.css">
<link rel="icon" href="data:,">
<script defer src="{{.Assets}}wasm_exec.js"></script>
<script defer src="{{.Assets}}boot.js"></script>
</head>
<body><div class="page">
<p id="loading">Skylab starts a simulated Azure in this tab…</p>
<noscript><p>The steps can be read here; doing them needs JavaScript and WebAssembly.</p></noscript>
{{with .Lesson}}<main class="reading"><h1>{{.Title}}</h1><p>{{.Description}}</p>
{{range .Intro}}{{template "block" .}}{{end}}
{{range .Steps}}<h2>{{.Title}}</h2>{{range .Blocks}}{{template "block" .}}{{end}}{{end}}
{{range .Outro}}{{template "block" .}}{{end}}</main>
{{else}}<main class="reading"><h1>Skylab</h1><p>Azure's managed identities, done in a tab.</p>
<ul>{{range .Lessons}}<li><a href="/lessons/{{.ID}}">{{.Title}}</a> — {{.Description}}</li>{{end}}</ul></main>{{end}}
</div></body>
</html>
{{define "items"}}{{range .Items}}<li>{{range .}}{{template "block" .}}{{end}}</li>{{end}}{{end}}
{{define "block"}}{{range .Tabs}}<h3>{{.Title}}</h3>{{range .Blocks}}{{template "block" .}}{{end}}{{end}}{{with .List}}{{if .Ordered}}<ol start="{{.Start}}">{{template "items" .}}</ol>{{else}}<ul>{{template "items" .}}</ul>{{end}}{{end}}{{if .Snippet}}<pre>{{range .Snippet.Parts}}{{.Text}}{{end}}</pre>{{else}}{{safe .HTML}}{{end}}{{end}}
`))

func build(out string, level int) error {
	files := map[string][]byte{}
	for _, name := range []string{"boot.js", "worker.js", "style.css"} {
		data, err := fs.ReadFile(assets.FS, name)
		if err != nil {
			return fmt.Errorf("read the assets: %w", err)
		}
		files[name] = data
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("ask the toolchain for its folder: %w", err)
	}
	exe, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return fmt.Errorf("read the toolchain's wasm_exec.js: %w", err)
	}
	files["wasm_exec.js"] = exe
	for _, module := range []string{"ui", "lab"} {
		if files[module+".wasm"], err = compile(module); err != nil {
			return err
		}
	}
	var lessons []*lesson.Lesson
	var entries []lesson.Entry
	for _, id := range tutorials.IDs() {
		l, err := tutorials.Find(id)
		if err != nil {
			return fmt.Errorf("read the lessons: %w", err)
		}
		lessons = append(lessons, l)
		entries = append(entries, lesson.Entry{ID: l.ID, Title: l.Title, Description: l.Description, Minutes: l.Minutes})
		if files["lessons/"+id+".json"], err = json.Marshal(l); err != nil {
			return fmt.Errorf("write the lesson %s: %w", id, err)
		}
	}
	if files["lessons/index.json"], err = json.Marshal(entries); err != nil {
		return fmt.Errorf("write the list of lessons: %w", err)
	}
	hash := digest(files)
	if done, err := os.ReadFile(filepath.Join(out, "build")); err == nil && string(done) == fmt.Sprint(hash, " ", level) {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(out, "b")); err != nil {
		return fmt.Errorf("clear the old site: %w", err)
	}
	folder := "/b/" + hash + "/"
	pages := map[string]document{"index.html": {Assets: folder, Title: "Skylab", Description: "Azure's managed identities in a browser tab: simulated machines and a simulated cloud.", Lessons: lessons}}
	for _, l := range lessons {
		pages[path.Join("lessons", l.ID, "index.html")] = document{Assets: folder, Title: l.Title + " · Skylab", Description: l.Description, Lesson: l}
	}
	for name, data := range files {
		if err := write(filepath.Join(out, folder, name), data, level); err != nil {
			return err
		}
	}
	for name, d := range pages {
		var doc bytes.Buffer
		if err := page.Execute(&doc, d); err != nil {
			return fmt.Errorf("make the page %s: %w", name, err)
		}
		if err := write(filepath.Join(out, name), doc.Bytes(), level); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(out, "build"), []byte(fmt.Sprint(hash, " ", level)), 0o644)
}

// uninlined are the packages of a module whose functions the compiler must not
// inline. That takes an eighth off the lab, and its benchmarks run no slower in
// wasm; the page has few such functions and would grow.
var uninlined = map[string][]string{
	"lab": {"skylab/...", "github.com/...", "mvdan.cc/...", "encoding/...", "net/...", "crypto/x509", "crypto/tls"},
}

func compile(module string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "skylab")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, module+".wasm")
	args := []string{"build", "-trimpath", "-ldflags=-s -w -buildid="}
	for _, packages := range uninlined[module] {
		args = append(args, "-gcflags="+packages+"=-l")
	}
	cmd := exec.Command("go", append(args, "-o", name, "./cmd/"+module)...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile cmd/%s: %w\n%s", module, err, out)
	}
	return os.ReadFile(name)
}

// digest names a build by all of its files.
func digest(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d ", name, len(files[name]))
		h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// write puts a file into the site, with its compressed forms beside it.
func write(name string, data []byte, level int) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write the site: %w", err)
	}
	var br, gz bytes.Buffer
	b := brotli.NewWriterLevel(&br, level)
	g, err := gzip.NewWriterLevel(&gz, min(level, 9))
	if err != nil {
		return err
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{b, g} {
		if _, err := w.Write(data); err != nil {
			return fmt.Errorf("compress %s: %w", name, err)
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("compress %s: %w", name, err)
		}
	}
	for suffix, content := range map[string][]byte{"": data, ".br": br.Bytes(), ".gz": gz.Bytes()} {
		if err := os.WriteFile(name+suffix, content, 0o644); err != nil {
			return fmt.Errorf("write the site: %w", err)
		}
	}
	return nil
}
