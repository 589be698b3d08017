package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is one of the site's wasm programs: a main package in cmd, with a build
// tag of its own where there are two of one.
type module struct {
	name      string
	main, tag string
	quick     bool
}

var modules = []module{
	{name: "ui", main: "ui", quick: true},
	{name: "lab", main: "lab"},
	{name: "wide", main: "lab", tag: "wide", quick: true},
}

// flags make the compiler inline nothing but what makes signatures and hashes, and
// what maps are made of. Such code is longer, but so much more alike that a
// twentieth is saved once it is compressed.
var flags = []string{"-gcflags=all=-l", "-gcflags=internal/runtime/...=", "-gcflags=math/big=", "-gcflags=math/bits=", "-gcflags=crypto/internal/fips140/bigmod=", "-gcflags=crypto/internal/fips140/sha256="}

// quick has the runtime inlined, too: a third less time for 45 kB, which the
// module that every page loads has no room for.
const quick = "-gcflags=runtime="

// tool runs the go command for the browser.
func (m module) tool(args ...string) ([]byte, error) {
	args = append(args, "-trimpath", "-tags="+m.tag)
	args = append(args, flags...)
	if m.quick {
		args = append(args, quick)
	}
	cmd := exec.Command("go", append(args, "./cmd/"+m.main)...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w\n%s", m.name, err, complaint.String())
	}
	return out, nil
}

// identity is the compiler's name for the module's code: another for each
// change to any package it links.
func (m module) identity() (string, error) {
	out, err := m.tool("list", "-export", "-f", "{{.BuildID}}")
	return strings.TrimSpace(string(out)), err
}

// compile links the module, which then knows the build that it is of.
func (m module) compile(build string) ([]byte, error) {
	return m.link("-s -w -buildid= -X main.build=" + build)
}

// named links the module with the names of its functions in it.
func (m module) named() ([]byte, error) { return m.link("-buildid=") }

func (m module) link(flags string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "skylab")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, m.name+".wasm")
	if _, err := m.tool("build", "-ldflags="+flags, "-o", name); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}
