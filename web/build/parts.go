package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// part is what the functions of one package weigh in a module, in bytes.
type part struct {
	name string
	size int
}

// shownParts is how many of a module's parts are printed; the rest is summed up.
const shownParts = 30

// printParts prints what a module is made of: the code of each package, before
// compression, and all that is data.
func printParts(w io.Writer, name string) error {
	m := modules[slices.IndexFunc(modules, func(m module) bool { return m.name == name })]
	data, err := m.named()
	if err != nil {
		return err
	}
	packages, err := m.dependencies()
	if err != nil {
		return err
	}
	list, err := parts(data, packages)
	if err != nil {
		return fmt.Errorf("take %s apart: %w", name, err)
	}
	rest := 0
	for i, p := range list {
		if i < shownParts {
			fmt.Fprintf(w, "  %8.1f kB  %s\n", float64(p.size)/1e3, p.name)
		} else {
			rest += p.size
		}
	}
	fmt.Fprintf(w, "  %8.1f kB  %d smaller parts\n", float64(rest)/1e3, max(len(list)-shownParts, 0))
	return nil
}

// dependencies are the packages of a module by their names in it.
func (m module) dependencies() (map[string]string, error) {
	cmd := exec.Command("go", "list", "-deps", "-tags="+m.tag, "./cmd/"+m.main)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list what %s links: %w", m.name, err)
	}
	packages := map[string]string{}
	for _, p := range strings.Fields(string(out)) {
		packages[sign.ReplaceAllString(p, "_")] = p
	}
	return packages, nil
}

// sign is what the linker writes as an underscore in names.
var sign = regexp.MustCompile(`[^\w.]`)

var errModule = errors.New("it is no WebAssembly module with names")

// Sections of a module, by their numbers.
const (
	customSection = 0
	importSection = 2
	codeSection   = 10
	dataSection   = 11
)

// parts sums up a module's functions by package, the largest first; packages
// gives the packages by their names there. The module must hold its name section.
func parts(data []byte, packages map[string]string) ([]part, error) {
	if len(data) < 8 || string(data[:4]) != "\x00asm" {
		return nil, errModule
	}
	var sizes []int
	names := map[int]string{}
	total := map[string]int{}
	imported := 0
	for r := (reader{data[8:], nil}); len(r.data) > 0 && r.err == nil; {
		id := r.bytes(1)
		body := reader{r.bytes(r.number()), nil}
		if r.err != nil {
			return nil, r.err
		}
		switch id[0] {
		case importSection:
			imported = body.number()
		case codeSection:
			for n := body.number(); n > 0 && body.err == nil; n-- {
				size := body.number()
				body.bytes(size)
				sizes = append(sizes, size)
			}
		case dataSection:
			total["(data)"] += len(body.data)
		case customSection:
			if string(body.bytes(body.number())) != "name" {
				continue
			}
			for len(body.data) > 0 && body.err == nil {
				kind := body.bytes(1)
				sub := reader{body.bytes(body.number()), nil}
				if body.err != nil || kind[0] != 1 {
					continue
				}
				for n := sub.number(); n > 0 && sub.err == nil; n-- {
					index := sub.number()
					names[index] = string(sub.bytes(sub.number()))
				}
			}
		}
	}
	if len(names) == 0 || len(sizes) == 0 {
		return nil, errModule
	}
	for i, size := range sizes {
		total[packageOf(names[i+imported], packages)] += size
	}
	list := make([]part, 0, len(total))
	for name, size := range total {
		list = append(list, part{name, size})
	}
	slices.SortFunc(list, func(a, b part) int { return cmp.Or(b.size-a.size, strings.Compare(a.name, b.name)) })
	return list, nil
}

// packageOf is the package of a function by its name in the module.
func packageOf(name string, packages map[string]string) string {
	name = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(name, "type:.eq."), "type:.hash."), "_")
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '.' {
			if p, ok := packages[name[:i]]; ok {
				return p
			}
		}
	}
	return "(others)"
}

// reader takes a module apart.
type reader struct {
	data []byte
	err  error
}

func (r *reader) bytes(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.data) {
		r.err = errModule
		return make([]byte, max(n, 1))[:1]
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) number() int {
	v, n := binary.Uvarint(r.data)
	if n <= 0 || v > 1<<31 {
		r.err = errModule
		return 0
	}
	r.data = r.data[n:]
	return int(v)
}
