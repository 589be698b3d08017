package vfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"sort"
	"strings"
	"time"
)

// Info describes a node. It implements fs.FileInfo and fs.DirEntry.
type Info struct {
	name         string
	mode         fs.FileMode
	size         int64
	mtime        time.Time
	Owner, Group string
	Target       string // of a symbolic link
	Links        int    // hard links, as ls -l counts them
}

func (n *Node) info(name string) *Info {
	i := &Info{name: name, mode: n.Mode, size: int64(len(n.Data)), mtime: n.ModTime, Owner: n.Owner, Group: n.Group, Target: n.Target, Links: 1}
	if n.IsDir() {
		i.size, i.Links = 4096, 2
		for _, c := range n.Children {
			if c.IsDir() {
				i.Links++
			}
		}
	}
	if n.Mode&fs.ModeSymlink != 0 {
		i.size = int64(len(n.Target))
	}
	return i
}

// Name returns the base name.
func (i *Info) Name() string { return i.name }

// Size returns bytes of content; 4096 for a directory.
func (i *Info) Size() int64 { return i.size }

// Mode returns type bits and permissions.
func (i *Info) Mode() fs.FileMode { return i.mode }

// ModTime returns when the content changed.
func (i *Info) ModTime() time.Time { return i.mtime }

// IsDir reports whether it is a directory.
func (i *Info) IsDir() bool { return i.mode.IsDir() }

// Sys returns nil.
func (i *Info) Sys() any { return nil }

// Type returns the type bits.
func (i *Info) Type() fs.FileMode { return i.mode.Type() }

// Info returns itself.
func (i *Info) Info() (fs.FileInfo, error) { return i, nil }

// Stat describes what is at a path, following links.
func (v *View) Stat(name string) (*Info, error) { return v.stat("stat", name, true) }

// Lstat describes what is at a path, a link itself included.
func (v *View) Lstat(name string) (*Info, error) { return v.stat("lstat", name, false) }

func (v *View) stat(op, name string, follow bool) (*Info, error) {
	v.fs.mu.RLock()
	defer v.fs.mu.RUnlock()
	_, n, base, err := v.walk(name, follow)
	if err != nil {
		return nil, fail(op, name, err)
	}
	if strings.HasSuffix(name, "/") && !n.IsDir() {
		return nil, fail(op, name, ErrNotDir)
	}
	if !v.fs.windows || base == "" {
		base = path.Base(name)
	}
	return n.info(base), nil
}

// Access reports as an error whether the user lacks any of the permissions
// [Read], [Write], [Exec] or-ed together.
func (v *View) Access(name string, want fs.FileMode) error {
	v.fs.mu.RLock()
	defer v.fs.mu.RUnlock()
	_, n, _, err := v.walk(name, true)
	if err == nil && !v.may(n, want) {
		err = fs.ErrPermission
	}
	if err != nil {
		return fail("access", name, err)
	}
	return nil
}

// ReadDir lists a directory, sorted by name.
func (v *View) ReadDir(name string) ([]*Info, error) {
	v.fs.mu.RLock()
	defer v.fs.mu.RUnlock()
	_, n, _, err := v.walk(name, true)
	switch {
	case err != nil:
	case !n.IsDir():
		err = ErrNotDir
	case !v.may(n, Read):
		err = fs.ErrPermission
	}
	if err != nil {
		return nil, fail("open", name, err)
	}
	out := make([]*Info, 0, len(n.Children))
	for child, c := range n.Children {
		out = append(out, c.info(child))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}

// ReadFile returns a copy of a file's content.
func (v *View) ReadFile(name string) ([]byte, error) {
	v.fs.mu.RLock()
	defer v.fs.mu.RUnlock()
	n, err := v.readable(name)
	if err != nil {
		return nil, err
	}
	if n.endless() {
		return nil, fail("read", name, errEndless)
	}
	return slices.Clone(n.Data), nil
}

func (v *View) readable(name string) (*Node, error) {
	_, n, _, err := v.walk(name, true)
	switch {
	case err != nil:
	case n.IsDir():
		err = ErrIsDir
	case !v.may(n, Read):
		err = fs.ErrPermission
	}
	if err != nil {
		return nil, fail("open", name, err)
	}
	return n, nil
}

// WriteFile replaces a file's content, creating it with the permissions if it is not there.
func (v *View) WriteFile(name string, data []byte, perm fs.FileMode) error {
	f, err := v.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return err
}

// File is an open file.
type File struct {
	view   *View
	node   *Node
	name   string
	flag   int
	offset int
}

// OpenFile opens a file with the flags of package os.
func (v *View) OpenFile(name string, flag int, perm fs.FileMode) (*File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE) == 0 {
		v.fs.mu.RLock()
		defer v.fs.mu.RUnlock()
		n, err := v.readable(name)
		if err != nil {
			return nil, err
		}
		return &File{view: v, node: n, name: name, flag: flag}, nil
	}
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	parent, n, base, err := v.walk(name, true)
	switch {
	case err == nil && flag&os.O_CREATE != 0 && flag&os.O_EXCL != 0:
		err = fs.ErrExist
	case err == nil && n.IsDir():
		err = ErrIsDir
	case err == nil && !v.may(n, Write):
		err = fs.ErrPermission
	case errors.Is(err, fs.ErrNotExist) && parent != nil && flag&os.O_CREATE != 0:
		if strings.HasSuffix(name, "/") {
			err = ErrIsDir
		} else {
			n, err = v.add(parent, base, &Node{Mode: perm.Perm() &^ v.umask})
		}
	}
	if err != nil {
		return nil, fail("open", name, err)
	}
	if flag&os.O_TRUNC != 0 && n.Mode.IsRegular() {
		v.fs.used -= int64(len(n.Data))
		n.Data, n.ModTime = nil, v.fs.now()
	}
	return &File{view: v, node: n, name: name, flag: flag}, nil
}

func (v *View) add(parent *Node, base string, n *Node) (*Node, error) {
	if !v.may(parent, Write) {
		return nil, fs.ErrPermission
	}
	if v.fs.files >= maxFiles {
		return nil, ErrNoSpace
	}
	v.fs.files++
	n.Owner, n.ModTime = v.who.User, v.fs.now()
	if n.Group = v.who.User; len(v.who.Groups) > 0 {
		n.Group = v.who.Groups[0]
	}
	parent.Children[base], parent.ModTime = n, n.ModTime
	return n, nil
}

// Name returns the path the file was opened with.
func (f *File) Name() string { return f.name }

// Read reads from where the last read or write ended.
func (f *File) Read(p []byte) (int, error) {
	f.view.fs.mu.RLock()
	defer f.view.fs.mu.RUnlock()
	if f.node.Mode&fs.ModeDevice != 0 {
		return f.readDevice(p)
	}
	if f.offset >= len(f.node.Data) {
		return 0, io.EOF
	}
	n := copy(p, f.node.Data[f.offset:])
	f.offset += n
	return n, nil
}

// Write writes where the last read or write ended, or at the end with O_APPEND.
func (f *File) Write(p []byte) (int, error) {
	fsys := f.view.fs
	fsys.mu.Lock()
	defer fsys.mu.Unlock()
	if f.flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return 0, fail("write", f.name, fs.ErrPermission)
	}
	n := f.node
	if n.Mode&fs.ModeDevice != 0 {
		return f.writeDevice(p)
	}
	if f.flag&os.O_APPEND != 0 {
		f.offset = len(n.Data)
	}
	grow := int64(f.offset + len(p) - len(n.Data))
	if grow > 0 && fsys.used+grow > fsys.quota {
		return 0, fail("write", f.name, ErrNoSpace)
	}
	if f.offset > len(n.Data) {
		n.Data = append(n.Data, bytes.Repeat([]byte{0}, f.offset-len(n.Data))...)
	}
	n.Data = append(n.Data[:f.offset], append(slices.Clone(p), n.Data[min(len(n.Data), f.offset+len(p)):]...)...)
	f.offset += len(p)
	if grow > 0 {
		fsys.used += grow
	}
	n.ModTime = fsys.now()
	return len(p), nil
}

// Close does nothing: a file has no resources of its own.
func (f *File) Close() error { return nil }

// Mkdir makes a directory.
func (v *View) Mkdir(name string, perm fs.FileMode) error {
	return v.create("mkdir", name, &Node{Mode: fs.ModeDir | perm.Perm()&^v.umask, Children: map[string]*Node{}})
}

// Symlink makes a link at name that points to target.
func (v *View) Symlink(target, name string) error {
	return v.create("symlink", name, &Node{Mode: fs.ModeSymlink | 0o777, Target: target})
}

func (v *View) create(op, name string, n *Node) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	parent, _, base, err := v.walk(name, false)
	switch {
	case err == nil:
		err = fs.ErrExist
	case errors.Is(err, fs.ErrNotExist) && parent != nil:
		_, err = v.add(parent, base, n)
	}
	if err != nil {
		return fail(op, name, err)
	}
	return nil
}

// MkdirAll makes a directory and those above it that are missing.
func (v *View) MkdirAll(name string, perm fs.FileMode) error {
	at := "/"
	for _, p := range v.fs.split(name) {
		at = path.Join(at, p)
		if err := v.Mkdir(at, perm); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if i, err := v.Stat(name); err != nil || !i.IsDir() {
		return fail("mkdir", name, ErrNotDir)
	}
	return nil
}

// Remove removes a file, a link or an empty directory.
func (v *View) Remove(name string) error { return v.remove(name, false) }

// RemoveAll removes what is at a path with all below it.
func (v *View) RemoveAll(name string) error { return v.remove(name, true) }

func (v *View) remove(name string, all bool) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	parent, n, base, err := v.walk(name, false)
	switch {
	case err != nil:
	case base == "":
		err = fs.ErrPermission // the root, or a path that ends in ".."
	case !v.may(parent, Write) || parent.Mode&fs.ModeSticky != 0 && !v.who.Root && n.Owner != v.who.User:
		err = fs.ErrPermission
	case !all && len(n.Children) > 0:
		err = ErrNotEmpty
	}
	if err != nil {
		return fail("remove", name, err)
	}
	delete(parent.Children, base)
	parent.ModTime = v.fs.now()
	v.fs.used -= n.size()
	v.fs.files -= n.count()
	return nil
}

// Rename moves what is at one path to another, replacing a file there.
func (v *View) Rename(from, to string) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	fromDir, n, fromBase, err := v.walk(from, false)
	if err != nil || fromBase == "" {
		return fail("rename", from, cmpErr(err, fs.ErrPermission))
	}
	toDir, old, toBase, err := v.walk(to, false)
	switch {
	case err != nil && (!errors.Is(err, fs.ErrNotExist) || toDir == nil):
	case toBase == "" || !v.may(fromDir, Write) || !v.may(toDir, Write):
		err = fs.ErrPermission
	case n.holds(toDir):
		err = fs.ErrInvalid
	case old == n:
		if parts := v.fs.split(to); v.fs.windows && parts[len(parts)-1] != toBase { // its case alone changes
			delete(fromDir.Children, fromBase)
			toDir.Children[parts[len(parts)-1]] = n
		}
		return nil
	case old != nil && old.IsDir() && !n.IsDir():
		err = ErrIsDir
	case old != nil && !old.IsDir() && n.IsDir():
		err = ErrNotDir
	case old != nil && len(old.Children) > 0:
		err = ErrNotEmpty
	default:
		if old != nil {
			v.fs.used -= old.size()
			v.fs.files -= old.count()
		}
		delete(fromDir.Children, fromBase)
		toDir.Children[toBase] = n
		fromDir.ModTime = v.fs.now()
		toDir.ModTime = fromDir.ModTime
		return nil
	}
	return fail("rename", to, err)
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (n *Node) holds(x *Node) bool {
	if n == x {
		return true
	}
	for _, c := range n.Children {
		if c.holds(x) {
			return true
		}
	}
	return false
}

// Chmod sets the permissions (and the sticky bit) of what is at a path.
func (v *View) Chmod(name string, mode fs.FileMode) error {
	return v.change("chmod", name, func(n *Node) error {
		if !v.who.Root && n.Owner != v.who.User {
			return fs.ErrPermission
		}
		const keep = fs.ModePerm | fs.ModeSticky
		n.Mode = n.Mode&^keep | mode&keep
		return nil
	})
}

// Chown gives what is at a path to a user and group; an empty one stays. Only
// root may.
func (v *View) Chown(name, owner, group string) error {
	return v.change("chown", name, func(n *Node) error {
		if !v.who.Root {
			return fs.ErrPermission
		}
		if owner != "" {
			n.Owner = owner
		}
		if group != "" {
			n.Group = group
		}
		return nil
	})
}

// Chtimes sets the time of the last change.
func (v *View) Chtimes(name string, mtime time.Time) error {
	return v.change("chtimes", name, func(n *Node) error {
		if !v.who.Root && n.Owner != v.who.User && !v.may(n, Write) {
			return fs.ErrPermission
		}
		n.ModTime = mtime.UTC()
		return nil
	})
}

func (v *View) change(op, name string, f func(*Node) error) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	_, n, _, err := v.walk(name, true)
	if err == nil {
		err = f(n)
	}
	if err != nil {
		return fail(op, name, err)
	}
	return nil
}
