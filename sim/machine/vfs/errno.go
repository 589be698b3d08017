package vfs

import (
	"errors"
	"io/fs"
	"syscall"
)

// Errno words an error as Linux's strerror does, for tools' messages.
func Errno(err error) string {
	for _, e := range []struct {
		err  error
		text string
	}{
		{fs.ErrNotExist, "No such file or directory"},
		{fs.ErrPermission, "Permission denied"},
		{fs.ErrExist, "File exists"},
		{ErrIsDir, "Is a directory"},
		{ErrNotDir, "Not a directory"},
		{ErrNotEmpty, "Directory not empty"},
		{ErrNoSpace, "No space left on device"},
		{ErrLoop, "Too many levels of symbolic links"},
		{fs.ErrInvalid, "Invalid argument"},
		{syscall.ENXIO, "No such device or address"},
		{syscall.EPIPE, "Broken pipe"},
		{syscall.ENAMETOOLONG, "File name too long"},
		{syscall.ENOMEM, "Cannot allocate memory"},
	} {
		if errors.Is(err, e.err) {
			return e.text
		}
	}
	return "Input/output error"
}
