package pwsh

import (
	"io/fs"
	"os"
	"time"

	"skylab/sim/machine/vfs"
)

// files is the machine's file system as PowerShell sees it.
type files struct{ s *Session }

func (f files) view() *vfs.View { return f.s.m.Files(f.s.o.User) }

func (f files) Stat(name string) (fs.FileInfo, error) {
	i, err := f.view().Stat(f.s.kept(name))
	if err != nil {
		return nil, err
	}
	return i, nil
}

func (f files) ReadDir(name string) ([]fs.FileInfo, error) {
	list, err := f.view().ReadDir(f.s.kept(name))
	out := make([]fs.FileInfo, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out, err
}

func (f files) ReadFile(name string) ([]byte, error) { return f.view().ReadFile(f.s.kept(name)) }

func (f files) WriteFile(name string, data []byte) error {
	return f.view().WriteFile(f.s.kept(name), data, 0o644)
}

func (f files) Append(name string, data []byte) error {
	x, err := f.view().OpenFile(f.s.kept(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = x.Write(data)
	return err
}

func (f files) Mkdir(name string) error { return f.view().Mkdir(f.s.kept(name), 0o755) }

func (f files) Remove(name string, all bool) error {
	if all {
		return f.view().RemoveAll(f.s.kept(name))
	}
	return f.view().Remove(f.s.kept(name))
}

func (f files) Rename(from, to string) error {
	return f.view().Rename(f.s.kept(from), f.s.kept(to))
}

func (f files) Chtimes(name string, mtime time.Time) error {
	return f.view().Chtimes(f.s.kept(name), mtime)
}
