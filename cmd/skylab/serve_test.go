package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"skylab/web"
)

func TestParseBase(t *testing.T) {
	for in, want := range map[string][2]string{
		"/": {"/", ""}, "/in": {"/in/", ""}, "/in/deep/": {"/in/deep/", ""},
		"https://docs.example": {"/", "https://docs.example"}, "http://docs.example:81/in": {"/in/", "http://docs.example:81"},
	} {
		path, origin, err := parseBase(in)
		if err != nil || path != want[0] || origin != want[1] {
			t.Errorf("%q: %q, %q, %v", in, path, origin, err)
		}
	}
	for _, in := range []string{"", "in", "in/", "//host/in", "/a//b", "/a/../b", "/a/./b", "/?x", "/#x", "ftp://docs.example/", "https:///in", "https://me@docs.example/", "/%2e%2e/", "\x00", "/a b\x7f"} {
		if path, origin, err := parseBase(in); err == nil {
			t.Errorf("%q: %q, %q", in, path, origin)
		}
	}
}

func TestLessonsOfAFolder(t *testing.T) {
	const known = "../../tutorials/lessons"
	list, err := readLessons(known)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d, %v", len(list), err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"one/article.md": "# One\n", "one/lab.yaml": "id: one\ntitle: One\nminuten: 3\n", "two/article.md": "# Two\n", "two/lab.yaml": "id: other\n", "not-a-lesson/readme": ""} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = readLessons(dir)
	for _, want := range []string{`one/lab.yaml:3:1: unknown field "minuten"`, `two/lab.yaml:1: the id "other" is not the folder's name`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	for _, nothing := range []string{t.TempDir(), filepath.Join(dir, "none")} {
		if _, err := readLessons(nothing); err == nil {
			t.Errorf("%s has lessons", nothing)
		}
	}
}

// buffer can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestServe(t *testing.T) {
	if _, err := web.Built(); err != nil {
		t.Skip("the site is not built; make test builds it")
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out, in := io.Pipe()
	var logs buffer
	code := make(chan int, 1)
	go func() {
		code <- runServe(ctx, []string{"--addr", "127.0.0.1:0", "--base", "/in/"}, streams{out: in, err: &logs})
		in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "Skylab is at ")
	if err != nil || !ok || !strings.HasSuffix(address, "/in/") {
		t.Fatalf("%q, %v: %s", line, err, logs.String())
	}
	for path, want := range map[string]string{"": "<h1>", "../healthz": "ok", "lessons/linux-vm-access-arm": "<h1>", "sitemap.xml": "<loc>" + address + "about</loc>"} {
		res, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d, %v: %.200s", path, res.StatusCode, err, body)
		}
	}
	stop()
	if got := <-code; got != exitFine {
		t.Errorf("exit status %d", got)
	}
	if !strings.Contains(logs.String(), ` 127.0.0.1 GET "/in/" 200 `) {
		t.Errorf("the log is %q", logs.String())
	}
}

func TestServeAndExportSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", "x"}, `"x" is too many`},
		{[]string{"serve", "--base", "in"}, `neither a path that begins with a slash`},
		{[]string{"serve", "--addr", "nowhere"}, "listen on nowhere"},
		{[]string{"export"}, "export takes one argument"},
		{[]string{"export", "a", "b"}, "export takes one argument"},
		{[]string{"export", "--base", "in", "a"}, `neither a path that begins with a slash`},
	} {
		var out, errs bytes.Buffer
		if code := run(context.Background(), c.args, streams{out: &out, err: &errs}); code != exitUsage || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%v: %d, %q", c.args, code, errs.String())
		}
	}
}
