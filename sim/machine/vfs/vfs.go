// Package vfs is a machine's file system: a tree in memory with owners, modes,
// times and a quota, as plain data that a snapshot keeps.
//
// Paths are absolute and use "/"; a Windows machine translates its own before
// it comes here. Errors are *fs.PathError with the errors of package fs or the
// ones below, so that each tool can word them its own way. The package must not
// know shells or programs.
package vfs

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"skylab/sim/edition"
)

// DefaultQuota is how many bytes of file content a machine holds.
const DefaultQuota = 64 << 20

// Errors beyond those of package fs.
var (
	ErrIsDir    = errors.New("is a directory")
	ErrNotDir   = errors.New("not a directory")
	ErrNotEmpty = errors.New("directory not empty")
	ErrNoSpace  = errors.New("no space left on device")
	ErrLoop     = errors.New("too many levels of symbolic links")
)

const maxLinks = 40

// The longest name and path, in bytes, as Linux has them, and how many files
// there may be: the disk has no more room for names than for content.
const (
	maxName  = 255
	maxPath  = 4096
	maxFiles = 200_000
)

// Node is a file, a directory or a symbolic link.
type Node struct {
	Mode     fs.FileMode      `json:"mode"` // type bits and permissions
	Owner    string           `json:"owner"`
	Group    string           `json:"group"`
	ModTime  time.Time        `json:"mtime"`
	Data     []byte           `json:"data,omitempty"`
	Target   string           `json:"target,omitempty"` // of a link
	Device   *Device          `json:"device,omitempty"`
	Children map[string]*Node `json:"children,omitempty"`
}

// IsDir reports whether the node is a directory.
func (n *Node) IsDir() bool { return n.Mode.IsDir() }

// Who is the user on whose behalf a file system is used. Root may do all.
type Who struct {
	User   string
	Groups []string
	Root   bool
}

// FS is a file system. It is safe for concurrent use.
type FS struct {
	mu    edition.Mutex
	text  edition.Text
	root  *Node
	used  int64
	files int
	quota int64
	now   func() time.Time
	// windows says that case makes no other name, and that paths may have
	// backslashes and a drive anywhere, from which they begin anew.
	windows bool
	drawn   atomic.Uint64 // reads of random devices
}

// New returns a file system with an empty root directory. now gives the times
// of changes; quota is in bytes, 0 meaning [DefaultQuota].
func New(now func() time.Time, quota int64) *FS {
	if quota == 0 {
		quota = DefaultQuota
	}
	return &FS{now: now, quota: quota, root: &Node{Mode: fs.ModeDir | 0o755, Owner: "root", Group: "root", ModTime: now(), Children: map[string]*Node{}}}
}

// NewWindows returns a file system whose paths are Windows': names are found
// whatever their case, and "/C:/Users", "C:\\Users" and what a program makes of
// it, "/C:/dir/C:\\Users", are the same.
func NewWindows(now func() time.Time, quota int64) *FS {
	f := New(now, quota)
	f.windows = true
	return f
}

// State returns a deep copy of the tree.
func (f *FS) State() *Node {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.root.clone()
}

// JSON returns [FS.State] as JSON, which must not be changed.
func (f *FS) JSON() ([]byte, error) {
	return f.text.JSON(&f.mu, func() any { return f.State() })
}

// Restore replaces the tree with a copy of a saved one.
func (f *FS) Restore(root *Node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.root = root.clone()
	f.used, f.files = f.root.size(), f.root.count()
}

func (n *Node) clone() *Node {
	c := *n
	c.Data = slices.Clone(n.Data)
	if n.Mode.IsDir() {
		c.Children = make(map[string]*Node, len(n.Children))
		for name, child := range n.Children {
			c.Children[name] = child.clone()
		}
	}
	return &c
}

// count is how many files there are below a node, with itself.
func (n *Node) count() int {
	total := 1
	for _, c := range n.Children {
		total += c.count()
	}
	return total
}

func (n *Node) size() int64 {
	total := int64(len(n.Data))
	for _, c := range n.Children {
		total += c.size()
	}
	return total
}

// Used and Quota are bytes of file content.
func (f *FS) Used() int64 { f.mu.RLock(); defer f.mu.RUnlock(); return f.used }

// Quota returns how many bytes of content fit.
func (f *FS) Quota() int64 { return f.quota }

// As returns the file system as a user sees it.
func (f *FS) As(who Who) *View { return &View{fs: f, who: who} }

// View is a file system with one user's permissions.
type View struct {
	fs    *FS
	who   Who
	umask fs.FileMode // what new files and directories lack
}

// WithUmask returns the view with permissions that what it creates lacks.
func (v *View) WithUmask(mask fs.FileMode) *View { return &View{v.fs, v.who, mask} }

// Who returns the user of the view.
func (v *View) Who() Who { return v.who }

// As returns the same file system for another user.
func (v *View) As(who Who) *View { return &View{v.fs, who, v.umask} }

// FS returns the file system behind the view.
func (v *View) FS() *FS { return v.fs }

// Permission bits for may and Access.
const (
	Exec  = 1
	Write = 2
	Read  = 4
)

func (v *View) may(n *Node, want fs.FileMode) bool {
	if v.who.Root {
		return want&Exec == 0 || n.IsDir() || n.Mode&0o111 != 0
	}
	perm := n.Mode.Perm()
	switch {
	case n.Owner == v.who.User:
		perm >>= 6
	case slices.Contains(v.who.Groups, n.Group):
		perm >>= 3
	}
	return perm&want == want
}

// walk finds the node at a path and its parent. With follow, a link at the end
// is followed. A node that is not there is nil with its parent set, if that is.
func (v *View) walk(name string, follow bool) (parent, n *Node, base string, err error) {
	links := 0
	if len(name) > maxPath {
		return nil, nil, "", syscall.ENAMETOOLONG
	}
	parts := v.fs.split(name)
	stack := []*Node{v.fs.root}
	for i := 0; i < len(parts); i++ {
		dir := stack[len(stack)-1]
		if !dir.IsDir() {
			return nil, nil, "", ErrNotDir
		}
		if parts[i] == ".." {
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
			continue
		}
		if !v.may(dir, Exec) {
			return nil, nil, "", fs.ErrPermission
		}
		last := i == len(parts)-1
		child, ok := dir.Children[parts[i]]
		if !ok && v.fs.windows {
			parts[i], child, ok = dir.fold(parts[i])
		}
		if !ok {
			if len(parts[i]) > maxName {
				return nil, nil, "", syscall.ENAMETOOLONG
			}
			if last {
				return dir, nil, parts[i], fs.ErrNotExist
			}
			return nil, nil, "", fs.ErrNotExist
		}
		if child.Mode&fs.ModeSymlink != 0 && (!last || follow) {
			if links++; links > maxLinks {
				return nil, nil, "", ErrLoop
			}
			rest := parts[i+1:]
			if path.IsAbs(child.Target) {
				stack = stack[:1]
			}
			parts = append(v.fs.split(child.Target), rest...)
			i = -1
			continue
		}
		if last {
			return dir, child, parts[i], nil
		}
		stack = append(stack, child)
	}
	n = stack[len(stack)-1]
	if len(stack) > 1 {
		parent = stack[len(stack)-2]
	}
	return parent, n, "", nil
}

// fold finds a child whatever its case, and returns its own name.
func (n *Node) fold(name string) (string, *Node, bool) {
	for own, c := range n.Children {
		if strings.EqualFold(own, name) {
			return own, c, true
		}
	}
	return name, nil, false
}

// split returns the parts of a path without "." and empty ones; ".." is kept,
// for it must be resolved after links.
func (f *FS) split(name string) []string {
	var parts []string
	if f.windows {
		name = strings.ReplaceAll(name, `\`, "/")
	}
	for _, p := range strings.Split(name, "/") {
		if f.windows && len(p) == 2 && p[1] == ':' {
			parts = parts[:0]
			p = strings.ToUpper(p)
		}
		if p != "" && p != "." {
			parts = append(parts, p)
		}
	}
	return parts
}

func fail(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }
