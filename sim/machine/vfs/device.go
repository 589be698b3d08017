package vfs

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"io/fs"
	"syscall"
)

// Device is what stands behind a character device. The null device reads as
// empty and swallows what is written.
type Device struct {
	Kind string `json:"kind"` // "null", "zero", "full" or "random"
	// Seed begins what a random device gives; the clock and the number of reads
	// go into it, too.
	Seed []byte `json:"seed,omitempty"`
}

// Mknod makes a device.
func (v *View) Mknod(name string, d Device, perm fs.FileMode) error {
	return v.create("mknod", name, &Node{Mode: fs.ModeDevice | fs.ModeCharDevice | perm.Perm(), Device: &d})
}

// readDevice fills p from a device; the caller holds the file system's lock.
func (f *File) readDevice(p []byte) (int, error) {
	d := f.node.Device
	switch {
	case d == nil || d.Kind == "null":
		return 0, io.EOF
	case d.Kind != "random":
		clear(p)
		return len(p), nil
	}
	seed := append([]byte{}, d.Seed...)
	seed = binary.BigEndian.AppendUint64(seed, uint64(f.view.fs.now().UnixNano()))
	seed = binary.BigEndian.AppendUint64(seed, f.view.fs.drawn.Add(1))
	block := sha256.Sum256(seed)
	for n := 0; n < len(p); {
		n += copy(p[n:], block[:])
		block = sha256.Sum256(block[:])
	}
	return len(p), nil
}

// writeDevice takes what is written to a device.
func (f *File) writeDevice(p []byte) (int, error) {
	if d := f.node.Device; d != nil && d.Kind == "full" {
		return 0, fail("write", f.name, ErrNoSpace)
	}
	return len(p), nil
}

// endless reports whether a node cannot be read to its end.
func (n *Node) endless() bool { return n.Device != nil && n.Device.Kind != "null" }

// errEndless is what a program gets that wants all of an endless device.
var errEndless error = syscall.ENOMEM
