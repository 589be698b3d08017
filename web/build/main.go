// Command build makes the site's files: it compiles the page and the lab for
// the browser, adds the assets, the lessons and the documents, and compresses
// all of it. The result is what package web makes a site from.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"skylab/assets"
	"skylab/tutorials"
	"skylab/web"
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
var budgets = map[string]int64{"ui": 1_700_000, "lab": 3_400_000, "wide": 5_000_000}

func printSizes(out string, level int) error {
	for _, name := range slices.Sorted(maps.Keys(budgets)) {
		files, err := filepath.Glob(filepath.Join(out, "b", "*", name+".wasm.br"))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("find %s in the site: %d files, %v", name, len(files), err)
		}
		info, err := os.Stat(files[0])
		if err != nil {
			return err
		}
		fmt.Printf("%-10s %7.2f MB at brotli %d, budget %.2f MB at 11\n", name+".wasm", float64(info.Size())/1e6, level, float64(budgets[name])/1e6)
	}
	fmt.Println("lab.wasm is made of, before compression:")
	return printParts(os.Stdout, "lab")
}

// build makes the site in a folder, unless it is there already.
func build(out string, level int) error {
	files, err := scripts()
	if err != nil {
		return err
	}
	id, err := digest(files)
	if err != nil {
		return err
	}
	texts, err := readTexts()
	if err != nil {
		return err
	}
	marker, want := filepath.Join(out, web.Marker), id+" "+textDigest(texts)+" "
	if done, err := os.ReadFile(marker); err == nil && isBuilt(string(done), want, level) {
		return nil
	}
	for _, module := range modules {
		if files[module.name+".wasm"], err = module.compile(id); err != nil {
			return err
		}
	}
	for _, old := range []string{"b", "lessons", "documents", web.Marker} {
		if err := os.RemoveAll(filepath.Join(out, old)); err != nil {
			return fmt.Errorf("clear the old site: %w", err)
		}
	}
	for name, data := range files {
		texts[path.Join("b", id, name)] = data
	}
	if err := writeAll(out, texts, level); err != nil {
		return err
	}
	return os.WriteFile(marker, fmt.Append(nil, want, level), 0o644)
}

// isBuilt tells whether what a marker says is the site that is wanted, compressed
// at least as hard.
func isBuilt(marker, want string, level int) bool {
	rest, same := strings.CutPrefix(marker, want)
	reached, err := strconv.Atoi(rest)
	return same && err == nil && reached >= level
}

// scripts are the files of a build that are not compiled, by name.
func scripts() (map[string][]byte, error) {
	files := map[string][]byte{}
	entries, err := fs.ReadDir(assets.FS, ".")
	if err != nil {
		return nil, fmt.Errorf("read the assets: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if files[e.Name()], err = fs.ReadFile(assets.FS, e.Name()); err != nil {
			return nil, fmt.Errorf("read the assets: %w", err)
		}
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("ask the toolchain for its folder: %w", err)
	}
	if files["wasm_exec.js"], err = os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, fmt.Errorf("read the toolchain's wasm_exec.js: %w", err)
	}
	for _, size := range web.IconSizes {
		if files[fmt.Sprintf("icon-%d.png", size)], err = icon(size); err != nil {
			return nil, fmt.Errorf("draw the icon: %w", err)
		}
	}
	return files, nil
}

// readTexts returns the lessons and the documents as ready-made data, by their
// places in the site.
func readTexts() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, id := range tutorials.IDs() {
		l, err := tutorials.Find(id)
		if err != nil {
			return nil, fmt.Errorf("read the lessons: %w", err)
		}
		if files["lessons/"+id+".json"], err = json.Marshal(l); err != nil {
			return nil, fmt.Errorf("write the lesson %s: %w", id, err)
		}
	}
	names, err := fs.Glob(assets.FS, "documents/*.md")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		d, err := readDocument(name)
		if err != nil {
			return nil, err
		}
		if files["documents/"+d.ID+".json"], err = json.Marshal(d); err != nil {
			return nil, fmt.Errorf("write the document %s: %w", d.ID, err)
		}
	}
	return files, nil
}

// digest names a build by all that it is made from: its files, and the
// compiler's own name for each module's code.
func digest(files map[string][]byte) (string, error) {
	h := sha256.New()
	for _, module := range modules {
		id, err := module.identity()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %s ", module.name, id)
	}
	fmt.Fprint(h, textDigest(files))
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func textDigest(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d ", name, len(files[name]))
		h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// writeAll writes files, as many at once as there are processors, for to
// compress a module takes long. Of several errors it returns one.
func writeAll(out string, files map[string][]byte, level int) error {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for name, data := range files {
		g.Go(func() error { return write(filepath.Join(out, name), data, level) })
	}
	return g.Wait()
}

// write puts a file into the site, with its compressed forms beside it.
func write(name string, data []byte, level int) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write the site: %w", err)
	}
	br, gz, err := web.Compress(data, level)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	for suffix, content := range map[string][]byte{"": data, ".br": br, ".gz": gz} {
		if err := os.WriteFile(name+suffix, content, 0o644); err != nil {
			return fmt.Errorf("write the site: %w", err)
		}
	}
	return nil
}
