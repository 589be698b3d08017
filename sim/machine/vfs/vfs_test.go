package vfs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func newFS(t *testing.T) (root, user *View) {
	t.Helper()
	f := New(func() time.Time { return time.Unix(1700000000, 0).UTC() }, 1000)
	root = f.As(Who{User: "root", Root: true})
	for _, err := range []error{root.MkdirAll("/home/u", 0o755), root.Chown("/home/u", "u", "u"), root.Mkdir("/tmp", 0o777), root.Chmod("/tmp", fs.ModeSticky|0o777), root.MkdirAll("/dev", 0o755), root.Mknod("/dev/null", Device{Kind: "null"}, 0o666)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return root, f.As(Who{User: "u", Groups: []string{"u"}})
}

func TestErrors(t *testing.T) {
	root, u := newFS(t)
	root.WriteFile("/secret", []byte("x"), 0o600)
	root.WriteFile("/tmp/roots", nil, 0o666)
	u.WriteFile("/home/u/f", []byte("hello"), 0o644)
	u.MkdirAll("/home/u/d/e", 0o755)
	u.Symlink("loop", "/home/u/loop")
	read := func(name string) func() error { return func() error { _, err := u.ReadFile(name); return err } }
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"missing":          {read("/home/u/x"), fs.ErrNotExist},
		"directory":        {read("/home/u/d"), ErrIsDir},
		"through a file":   {read("/home/u/f/x"), ErrNotDir},
		"no permission":    {read("/secret"), fs.ErrPermission},
		"loop":             {read("/home/u/loop"), ErrLoop},
		"write to root's":  {func() error { return u.WriteFile("/etc", nil, 0o644) }, fs.ErrPermission},
		"sticky":           {func() error { return u.Remove("/tmp/roots") }, fs.ErrPermission},
		"not empty":        {func() error { return u.Remove("/home/u/d") }, ErrNotEmpty},
		"exists":           {func() error { return u.Mkdir("/home/u/d", 0o755) }, fs.ErrExist},
		"into itself":      {func() error { return u.Rename("/home/u/d", "/home/u/d/e/x") }, fs.ErrInvalid},
		"full":             {func() error { return u.WriteFile("/home/u/big", make([]byte, 2000), 0o644) }, ErrNoSpace},
		"chown by a user":  {func() error { return u.Chown("/home/u/f", "root", "") }, fs.ErrPermission},
		"exclusive create": {func() error { _, err := u.OpenFile("/home/u/f", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); return err }, fs.ErrExist},
		"trailing slash":   {func() error { _, err := u.Stat("/home/u/f/"); return err }, ErrNotDir},
	} {
		err := c.do()
		var pe *fs.PathError
		if !errors.Is(err, c.want) || !errors.As(err, &pe) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestLinksAndDots(t *testing.T) {
	_, u := newFS(t)
	u.Mkdir("/home/u/d", 0o755)
	u.WriteFile("/home/u/f", []byte("x"), 0o644)
	u.Symlink("/home/u/d", "/home/u/l")
	for _, name := range []string{"/home/u/l/../f", "/home/u/d/./../f", "//home//u/f"} {
		if b, err := u.ReadFile(name); err != nil || string(b) != "x" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if err := u.WriteFile("/home/u/l/new", []byte("y"), 0o600); err != nil {
		t.Fatal(err)
	}
	if i, err := u.Stat("/home/u/d/new"); err != nil || i.Mode() != 0o600 || i.Owner != "u" {
		t.Errorf("%+v, %v", i, err)
	}
	if i, _ := u.Lstat("/home/u/l"); i.Mode()&fs.ModeSymlink == 0 {
		t.Error("Lstat followed the link")
	}
}

func TestAppendDeviceAndQuota(t *testing.T) {
	_, u := newFS(t)
	u.WriteFile("/home/u/f", []byte("a"), 0o644)
	f, err := u.OpenFile("/home/u/f", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("bc"))
	if b, _ := u.ReadFile("/home/u/f"); string(b) != "abc" {
		t.Errorf("appended: %q", b)
	}
	if err := u.WriteFile("/dev/null", make([]byte, 5000), 0); err != nil {
		t.Error(err)
	}
	if u.FS().Used() != 3 {
		t.Errorf("used %d", u.FS().Used())
	}
	u.Rename("/home/u/f", "/home/u/g")
	u.Remove("/home/u/g")
	if u.FS().Used() != 0 {
		t.Errorf("used %d after removal", u.FS().Used())
	}
}

func TestSnapshot(t *testing.T) {
	_, u := newFS(t)
	u.WriteFile("/home/u/f", []byte{0, 255}, 0o644)
	data, err := json.Marshal(u.FS().State())
	if err != nil {
		t.Fatal(err)
	}
	var n Node
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	u.WriteFile("/home/u/f", []byte("changed"), 0o644)
	u.FS().Restore(&n)
	if b, _ := u.ReadFile("/home/u/f"); string(b) != "\x00\xff" || u.FS().Used() != 2 {
		t.Errorf("restored %q, used %d", b, u.FS().Used())
	}
}

func TestWindows(t *testing.T) {
	v := NewWindows(time.Now, 0).As(Who{User: "a", Root: true})
	if err := v.MkdirAll("/C:/Users/Ada", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := v.WriteFile(`/C:/Users/Ada/C:\users\ADA\Notes.txt`, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{`c:\users\ada\notes.TXT`, "/C:/Users/Ada/Notes.txt", `/C:/Users\Ada\..\ada\notes.txt`} {
		i, err := v.Stat(name)
		if err != nil || i.Name() != "Notes.txt" {
			t.Errorf("%s: %v %v", name, i, err)
		}
	}
	if err := v.Rename(`C:\Users\Ada\notes.txt`, `C:\Users\Ada\NOTES.txt`); err != nil {
		t.Fatal(err)
	}
	if list, err := v.ReadDir(`c:\Users\ada`); err != nil || len(list) != 1 || list[0].Name() != "NOTES.txt" {
		t.Errorf("%v %v", list, err)
	}
	if _, err := v.Stat(`D:\Users`); err == nil {
		t.Error("there is a drive D:")
	}
}

func TestDevices(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	f := New(func() time.Time { return at }, 0)
	root := f.As(Who{User: "root", Root: true})
	for name, d := range map[string]Device{"/null": {Kind: "null"}, "/zero": {Kind: "zero"}, "/full": {Kind: "full"}, "/random": {Kind: "random", Seed: []byte("s")}} {
		if err := root.Mknod(name, d, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) []byte {
		file, err := root.OpenFile(name, os.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 100)
		n, _ := file.Read(b)
		return b[:n]
	}
	if b := read("/null"); len(b) != 0 {
		t.Errorf("null gives %q", b)
	}
	if b := read("/zero"); !bytes.Equal(b, make([]byte, 100)) {
		t.Errorf("zero gives %q", b)
	}
	if a, b := read("/random"), read("/random"); len(a) != 100 || bytes.Equal(a, b) {
		t.Errorf("random gives %q twice", a)
	}
	if _, err := root.ReadFile("/zero"); Errno(err) != "Cannot allocate memory" {
		t.Errorf("all of zero: %v", err)
	}
	for name, want := range map[string]error{"/null": nil, "/zero": nil, "/full": ErrNoSpace} {
		file, _ := root.OpenFile(name, os.O_WRONLY, 0)
		if _, err := file.Write([]byte("x")); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("writing %s: %v", name, err)
		}
	}
	again := New(func() time.Time { return at }, 0)
	again.Restore(f.State())
	if b, err := again.As(Who{Root: true}).ReadFile("/zero"); err == nil {
		t.Errorf("a restored zero gives %q", b)
	}
}

func TestNamesAndNumbersAreBounded(t *testing.T) {
	f := New(time.Now, 0)
	root := f.As(Who{User: "root", Root: true})
	if err := root.Mkdir("/"+strings.Repeat("x", maxName+1), 0o755); Errno(err) != "File name too long" {
		t.Errorf("a long name: %v", err)
	}
	if _, err := root.Stat(strings.Repeat("/x", maxPath)); Errno(err) != "File name too long" {
		t.Errorf("a long path: %v", err)
	}
	if err := root.Mkdir("/d", 0o755); err != nil {
		t.Fatal(err)
	}
	for i := 1; f.files < maxFiles; i++ {
		if err := root.WriteFile("/d/"+strconv.Itoa(i), nil, 0o644); err != nil {
			t.Fatalf("file %d: %v", i, err)
		}
	}
	if err := root.WriteFile("/d/last", nil, 0o644); !errors.Is(err, ErrNoSpace) {
		t.Errorf("one file too many: %v", err)
	}
	if err := root.RemoveAll("/d"); err != nil || f.files != 0 {
		t.Errorf("%v, %d files are left", err, f.files)
	}
}
