package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is one of the site's wasm programs: a main package in cmd, with a build
// tag of its own where there are two of one. The compiler must not
// inline what is uninlined: that takes an eighth off the lab, and its benchmarks
// run no slower in wasm; the page has few such functions and would grow.
type module struct {
	name      string
	main, tag string
	uninlined []string
	// lean leaves net/http's default client out; see [lean].
	lean bool
}

var modules = []module{
	{name: "ui", main: "ui"},
	{name: "lab", main: "lab", uninlined: large, lean: true},
	{name: "wide", main: "lab", tag: "wide", uninlined: large, lean: true},
}

// large are the packages of the lab that are smaller if not inlined.
var large = []string{"skylab/...", "github.com/...", "mvdan.cc/...", "encoding/...", "net/...", "crypto/x509", "crypto/tls"}

// tool runs the go command for the browser.
func (m module) tool(args ...string) ([]byte, error) {
	args = append(args, "-trimpath", "-tags="+m.tag)
	for _, packages := range m.uninlined {
		args = append(args, "-gcflags="+packages+"=-l")
	}
	if m.lean {
		dir, err := os.MkdirTemp("", "skylab")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		switch overlay, err := lean(dir); {
		case err == nil:
			args = append(args, "-overlay="+overlay)
		case !errors.Is(err, errOtherGo):
			return nil, err
		}
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
