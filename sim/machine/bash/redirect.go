package bash

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/vfs"
)

const (
	openRead  = os.O_RDONLY
	openWrite = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
)

// replace makes a descriptor another file, whose reference passes to it.
func (f *frame) replace(n int, x *file) {
	if old := f.fds[n]; old != nil {
		old.release()
	}
	f.fds[n] = x
}

// openFile opens a file by its name; the names of the shell's own descriptors
// are those.
func (f *frame) openFile(name string, flag int, perm fs.FileMode) (*file, error) {
	n := -1
	switch name {
	case "/dev/stdin":
		n = 0
	case "/dev/stdout":
		n = 1
	case "/dev/stderr":
		n = 2
	case "/dev/tty":
		if f.terminal == nil {
			return nil, &fs.PathError{Path: name, Err: syscall.ENXIO}
		}
		return f.terminal.retain(), nil
	default:
		if d, ok := strings.CutPrefix(name, "/dev/fd/"); ok {
			if i, err := strconv.Atoi(d); err == nil && f.fds[i] != nil {
				n = i
			}
		}
	}
	if n >= 0 {
		x := f.fds[n]
		if x == nil {
			return nil, &fs.PathError{Path: name, Err: fs.ErrNotExist}
		}
		return x.retain(), nil
	}
	file1, err := f.files().OpenFile(f.abs(name), flag, perm)
	if err != nil {
		return nil, err
	}
	x := &file{refs: 1, close: func() { file1.Close() }}
	if flag&(os.O_WRONLY) == 0 {
		x.r = bufio.NewReader(file1)
	}
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		x.w = file1
	}
	return x, nil
}

// redirect does what stands behind a command; undo takes it back. It is false,
// with the reason told, when one cannot be done.
func (f *frame) redirect(ctx context.Context, list []*syntax.Redirect) (undo func(), ok bool) {
	if len(list) == 0 {
		return func() {}, true
	}
	old := f.fds
	f.fds = make(map[int]*file, len(old)+len(list))
	for n, x := range old {
		f.fds[n] = x.retain()
	}
	undo = func() {
		now := f.fds
		f.fds = old
		for _, x := range now {
			x.release()
		}
	}
	for _, r := range list {
		if err := f.redirectOne(ctx, r, old); err != nil {
			if f.jump == goOn {
				errs := f.fd(2)
				if x := old[2]; x != nil {
					errs = x
				}
				io.WriteString(errs, f.prefix()+err.Error()+"\n")
				f.status = 1
			}
			undo()
			return nil, false
		}
	}
	return undo, true
}

// redirError is a file that could not be opened, as bash tells it.
func redirError(name string, err error) error {
	return assignError(name + ": " + vfs.Errno(err))
}

func (f *frame) redirectOne(ctx context.Context, r *syntax.Redirect, outer map[int]*file) error {
	n, variable := -1, ""
	if r.N != nil {
		if name, ok := strings.CutPrefix(r.N.Value, "{"); ok {
			variable = strings.TrimSuffix(name, "}")
		} else {
			n, _ = strconv.Atoi(r.N.Value)
		}
	}
	standard := 1
	switch r.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		standard = 0
	}
	free := func() int {
		for i := 10; ; i++ {
			if f.fds[i] == nil && outer[i] == nil {
				return i
			}
		}
	}
	put := func(x *file) error {
		switch {
		case variable != "":
			n = free()
			if err := f.setText(variable, strconv.Itoa(n)); err != nil {
				return err
			}
			f.replace(n, x)
			outer[n] = x.retain() // it stays open behind the command
			return nil
		case n < 0:
			n = standard
		}
		f.replace(n, x)
		return nil
	}
	defer f.during(ctx)()
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		text, err := expand.Document(f.config(), r.Hdoc)
		if err != nil {
			f.expansionFailed(err)
			return err
		}
		if r.Op == syntax.DashHdoc {
			lines := strings.SplitAfter(text, "\n")
			for i := range lines {
				lines[i] = strings.TrimLeft(lines[i], "\t")
			}
			text = strings.Join(lines, "")
		}
		return put(&file{r: bufio.NewReader(strings.NewReader(text)), refs: 1})
	case syntax.WordHdoc:
		text, ok := f.literal(ctx, r.Word)
		if !ok {
			return errors.New("")
		}
		return put(&file{r: bufio.NewReader(strings.NewReader(text + "\n")), refs: 1})
	}
	name := ""
	if simpleWord(r.Word) {
		var ok bool
		if name, ok = f.literal(ctx, r.Word); !ok {
			return errors.New("")
		}
	} else {
		words, ok := f.fields(ctx, r.Word)
		if !ok {
			return errors.New("")
		}
		if len(words) != 1 {
			return assignError(f.textOfRaw(r.Word.Pos(), r.Word.End()) + ": ambiguous redirect")
		}
		name = words[0]
	}
	open := func(flag int) (*file, error) {
		x, err := f.openFile(name, flag, 0o666)
		if err != nil {
			err = redirError(name, err)
		}
		return x, err
	}
	switch r.Op {
	case syntax.RdrIn:
		x, err := open(openRead)
		if err != nil {
			return err
		}
		return put(x)
	case syntax.RdrInOut:
		x, err := open(os.O_RDWR | os.O_CREATE)
		if err != nil {
			return err
		}
		return put(x)
	case syntax.RdrOut, syntax.RdrClob, syntax.AppOut:
		flag := openWrite
		if r.Op == syntax.AppOut {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		} else if f.options["noclobber"] && r.Op == syntax.RdrOut {
			if i, err := f.files().Stat(f.abs(name)); err == nil && i.Mode().IsRegular() {
				return assignError(name + ": cannot overwrite existing file")
			}
		}
		x, err := open(flag)
		if err != nil {
			return err
		}
		return put(x)
	case syntax.RdrAll, syntax.AppAll:
		flag := openWrite
		if r.Op == syntax.AppAll {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		x, err := open(flag)
		if err != nil {
			return err
		}
		f.replace(1, x)
		f.replace(2, x.retain())
		return nil
	case syntax.DplIn, syntax.DplOut:
		if name == "-" {
			if variable != "" {
				n, _ = strconv.Atoi(f.text(variable))
				if x := outer[n]; x != nil {
					x.release()
					delete(outer, n)
				}
			}
			if n < 0 {
				n = standard
			}
			if x := f.fds[n]; x != nil {
				x.release()
				delete(f.fds, n)
			}
			return nil
		}
		digits, move := strings.CutSuffix(name, "-")
		from, err := strconv.Atoi(digits)
		if err != nil {
			if r.Op == syntax.DplOut && r.N == nil { // >&file
				x, err := open(openWrite)
				if err != nil {
					return err
				}
				f.replace(1, x)
				f.replace(2, x.retain())
				return nil
			}
			return assignError(name + ": ambiguous redirect")
		}
		x := f.fds[from]
		if x == nil {
			return assignError(digits + ": Bad file descriptor")
		}
		if err := put(x.retain()); err != nil {
			return err
		}
		if move && from != n {
			f.fds[from].release()
			delete(f.fds, from)
		}
		return nil
	}
	return assignError("this redirection is not known")
}

// simpleWord reports whether a word is one field whatever it expands to.
func simpleWord(w *syntax.Word) bool {
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, "*?[{~") {
				return false
			}
		case *syntax.SglQuoted, *syntax.DblQuoted, *syntax.ProcSubst:
		default:
			return false
		}
	}
	return true
}
