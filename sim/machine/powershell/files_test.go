package powershell_test

import (
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"
)

// memory is a file system of a test.
type memory map[string]*memoryFile

type memoryFile struct {
	name string
	dir  bool
	data []byte
}

func (f *memoryFile) Name() string       { return f.name }
func (f *memoryFile) Size() int64        { return int64(len(f.data)) }
func (f *memoryFile) ModTime() time.Time { return time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC) }
func (f *memoryFile) IsDir() bool        { return f.dir }
func (f *memoryFile) Sys() any           { return nil }
func (f *memoryFile) Mode() fs.FileMode {
	if f.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

func newMemory(dirs ...string) memory {
	m := memory{"/": {name: "/", dir: true}}
	for _, d := range dirs {
		_ = m.Mkdir(d)
	}
	return m
}

func (m memory) Stat(name string) (fs.FileInfo, error) {
	if f := m[path.Clean(name)]; f != nil {
		return f, nil
	}
	return nil, fs.ErrNotExist
}

func (m memory) ReadDir(name string) (list []fs.FileInfo, err error) {
	name = path.Clean(name)
	if f := m[name]; f == nil || !f.dir {
		return nil, fs.ErrNotExist
	}
	for p, f := range m {
		if path.Dir(p) == name && p != "/" {
			list = append(list, f)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
	return list, nil
}

func (m memory) ReadFile(name string) ([]byte, error) {
	if f := m[path.Clean(name)]; f != nil && !f.dir {
		return f.data, nil
	}
	return nil, fs.ErrNotExist
}

func (m memory) WriteFile(name string, data []byte) error {
	name = path.Clean(name)
	if d := m[path.Dir(name)]; d == nil || !d.dir {
		return fs.ErrNotExist
	}
	m[name] = &memoryFile{name: path.Base(name), data: append([]byte{}, data...)}
	return nil
}

func (m memory) Append(name string, data []byte) error {
	old, _ := m.ReadFile(name)
	return m.WriteFile(name, append(append([]byte{}, old...), data...))
}

func (m memory) Mkdir(name string) error {
	m[path.Clean(name)] = &memoryFile{name: path.Base(name), dir: true}
	return nil
}

func (m memory) Remove(name string, all bool) error {
	for p := range m {
		if p == name || strings.HasPrefix(p, name+"/") {
			delete(m, p)
		}
	}
	return nil
}

func (m memory) Rename(from, to string) error {
	for p, f := range m {
		if p == from || strings.HasPrefix(p, from+"/") {
			delete(m, p)
			q := to + p[len(from):]
			f.name = path.Base(q)
			m[q] = f
		}
	}
	return nil
}

func (m memory) Chtimes(string, time.Time) error { return nil }
