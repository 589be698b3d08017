package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// defaultTransport is the client that net/http keeps ready for everybody. It
// drags connections, proxies and their tables of names into every program, and a
// lab must not have it: what it sends goes through its machines' cards.
var defaultTransport = regexp.MustCompile(`(?s)var DefaultTransport RoundTripper = &Transport\{.*?\n\}\n`)

// errOtherGo is returned where this Go declares the client in another way: the
// module is then built with it, and a little larger.
var errOtherGo = errors.New("net/http's default transport is declared in a way that this build does not know")

// lean makes a description for go build -overlay, in a folder, by which net/http
// is compiled without its default client.
func lean(dir string) (overlay string, err error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("ask for Go's own sources: %w", err)
	}
	name := filepath.Join(string(bytes.TrimSpace(root)), "src", "net", "http", "transport.go")
	source, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read net/http: %w", err)
	}
	if len(defaultTransport.FindAll(source, -1)) != 1 {
		return "", errOtherGo
	}
	changed := filepath.Join(dir, "transport.go")
	if err := os.WriteFile(changed, defaultTransport.ReplaceAll(source, []byte("var DefaultTransport RoundTripper\n")), 0o600); err != nil {
		return "", fmt.Errorf("write net/http: %w", err)
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {name: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", fmt.Errorf("describe net/http: %w", err)
	}
	return overlay, nil
}
