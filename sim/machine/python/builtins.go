package python

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"skylab/sim/machine/vfs"
)

// file is an open file or a standard stream.
type file struct {
	name, mode string
	r          io.Reader
	w          io.Writer
	closed     bool
	rest       string // read ahead
	ended      bool
}

// maxRead is how much of a file is read at once, in bytes.
const maxRead = 48 << 20

func (f *file) fill() error {
	if f.ended || f.r == nil {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(f.r, maxRead+1))
	f.ended = true
	if len(f.rest)+len(data) > maxRead || errors.Is(err, syscall.ENOMEM) {
		return &exception{class: memoryError}
	}
	f.rest += string(data)
	return err
}

// line reads a line with its end; "" is the end of the file. Standard input is
// read byte by byte so that what follows stays for others.
func (f *file) line(_ *interp) (string, error) {
	if f.closed {
		return "", raisef(valueError, "I/O operation on closed file.")
	}
	if !strings.Contains(f.rest, "\n") {
		long := []byte(f.rest)
		for !f.ended && f.r != nil {
			var b [1]byte
			n, err := f.r.Read(b[:])
			long = append(long, b[:n]...)
			if f.ended = err != nil; n > 0 && b[0] == '\n' {
				break
			}
			if len(long) > maxSize {
				return "", &exception{class: memoryError}
			}
		}
		f.rest = string(long)
	}
	i := strings.IndexByte(f.rest, '\n') + 1
	if i == 0 {
		i = len(f.rest)
	}
	line := f.rest[:i]
	f.rest = f.rest[i:]
	return line, nil
}

func (in *interp) open(a *args) (any, error) {
	name, err := a.text(0, "file", "")
	if err != nil {
		return nil, err
	}
	mode, err := a.text(1, "mode", "r")
	if err != nil {
		return nil, err
	}
	full := name
	if !strings.HasPrefix(full, "/") {
		full = in.p.Dir + "/" + name
	}
	f := &file{name: name, mode: mode}
	flag := map[byte]int{'r': os.O_RDONLY, 'w': os.O_WRONLY | os.O_CREATE | os.O_TRUNC, 'a': os.O_WRONLY | os.O_CREATE | os.O_APPEND, 'x': os.O_WRONLY | os.O_CREATE | os.O_EXCL}
	how, ok := flag[(mode + "?")[0]]
	if !ok {
		return nil, raisef(valueError, "invalid mode: '%s'", mode)
	}
	if strings.Contains(mode, "+") {
		return nil, &absent{"open for update"}
	}
	h, err := in.p.FS.OpenFile(full, how, 0o644)
	if err != nil {
		return nil, osFailure(err, name)
	}
	if how == os.O_RDONLY {
		f.r = h
	} else {
		f.w = h
	}
	return f, nil
}

// osFailure words a file error.
func osFailure(err error, name string) *exception {
	text := vfs.Errno(err)
	c, n := osError, 5
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c, n = fileNotFound, 2
	case errors.Is(err, fs.ErrPermission):
		c, n = permissionError, 13
	case errors.Is(err, fs.ErrExist):
		c, n = fileExists, 17
	case errors.Is(err, vfs.ErrIsDir):
		c, n = isADirectory, 21
	case errors.Is(err, vfs.ErrNotDir):
		c, n = notADirectory, 20
	case errors.Is(err, vfs.ErrNoSpace):
		n = 28
	}
	return &exception{class: c, args: []any{mk(n), text, name}}
}

func init() {
	methods["_io.TextIOWrapper"] = map[string]method{
		"read": func(_ *interp, self any, _ *args) (any, error) {
			f := self.(*file)
			if f.closed {
				return nil, raisef(valueError, "I/O operation on closed file.")
			}
			if err := f.fill(); err != nil {
				return nil, err
			}
			s := f.rest
			f.rest = ""
			if strings.Contains(f.mode, "b") {
				return bytesValue(s), nil
			}
			return s, nil
		},
		"readline": func(in *interp, self any, _ *args) (any, error) { return self.(*file).line(in) },
		"readlines": func(in *interp, self any, _ *args) (any, error) {
			items, err := in.all(self)
			return &list{items}, err
		},
		"write": func(in *interp, self any, a *args) (any, error) {
			f := self.(*file)
			s, err := a.text(0, "", "")
			if err != nil {
				return nil, raisef(typeError, "write() argument must be str, not %s", typeName(a.pos[0]))
			}
			if f.w == nil {
				return nil, raisef(newOSUnsupported, "not writable")
			}
			if _, err := io.WriteString(f.w, s); err != nil {
				return nil, errPipe
			}
			return mk(utf8.RuneCountInString(s)), nil
		},
		"flush":  func(*interp, any, *args) (any, error) { return nil, nil },
		"close":  func(_ *interp, self any, _ *args) (any, error) { self.(*file).closed = true; return nil, nil },
		"isatty": func(*interp, any, *args) (any, error) { return false, nil },
	}
}

var newOSUnsupported = newClass("io.UnsupportedOperation", osError)

// errPipe ends a program whose reader went away.
var errPipe = errors.New("broken pipe")

var realBuiltins = map[string]bool{}

func init() {
	for _, n := range strings.Fields("bytearray memoryview complex classmethod staticmethod property super setattr delattr compile eval exec globals locals breakpoint aiter anext issubclass __import__ hash slice help format object frozenset") {
		realBuiltins[n] = true
	}
}

var builtins = map[string]any{}

func define(name string, fn func(in *interp, a *args) (any, error)) {
	builtins[name] = &builtin{name: name, fn: fn}
}

func defineType(name string, made func(in *interp, a *args) (any, error)) *class {
	c := &class{name: name, made: made}
	builtins[name] = c
	return c
}

var strClass = defineType("str", func(in *interp, a *args) (any, error) {
	v, ok := a.at(0, "object")
	if !ok {
		return "", nil
	}
	if b, isBytes := v.(bytesValue); isBytes && len(a.pos)+len(a.named) > 1 {
		return methods["bytes"]["decode"](in, b, &args{})
	}
	return str(v), nil
})

// typeOf is the class of a value.
func typeOf(v any) *class {
	if e, ok := v.(*exception); ok {
		return e.class
	}
	if o, ok := v.(*object); ok {
		return o.class
	}
	if c, ok := builtins[typeName(v)].(*class); ok {
		return c
	}
	return &class{name: typeName(v)}
}

func one(f func(in *interp, v any) (any, error)) func(in *interp, a *args) (any, error) {
	return func(in *interp, a *args) (any, error) {
		if len(a.pos) != 1 {
			return nil, raisef(typeError, "expected 1 argument, got %d", len(a.pos))
		}
		return f(in, a.pos[0])
	}
}

// gather makes what list(), tuple(), set() take of their argument.
func gather(f func([]any) (any, error)) func(in *interp, a *args) (any, error) {
	return func(in *interp, a *args) (any, error) {
		if len(a.pos) == 0 {
			return f(nil)
		}
		items, err := in.all(a.pos[0])
		if err != nil {
			return nil, err
		}
		return f(items)
	}
}

func length(v any) (int, bool) {
	switch x := v.(type) {
	case string:
		return utf8.RuneCountInString(x), true
	case bytesValue:
		return len(x), true
	case *list:
		return len(x.items), true
	case tuple:
		return len(x), true
	case *dict:
		return x.length(), true
	case *set:
		return x.length(), true
	case *object:
		if d, ok := x.attrs["data"].(*dict); ok {
			return d.length(), true
		}
		if l, ok := x.attrs["view"].(*list); ok {
			return len(l.items), true
		}
		if r, ok := x.attrs["range"].([3]int64); ok {
			return int(max(0, (r[1]-r[0]+r[2]-r[2]/max(r[2], -r[2]))/r[2])), true
		}
	}
	return 0, false
}

func toInt(in *interp, a *args) (any, error) {
	v, ok := a.at(0, "")
	if !ok {
		return mk(0), nil
	}
	base, err := a.number(1, "base", 10)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case string:
		s := strings.ReplaceAll(strings.TrimSpace(x), "_", "")
		if base == 16 {
			s = strings.TrimPrefix(strings.ToLower(s), "0x")
		}
		if len(s) < 4300 && base >= 2 && base <= 36 {
			if n, ok := new(big.Int).SetString(s, base); ok {
				return n, nil
			}
		}
		return nil, raisef(valueError, "invalid literal for int() with base %d: %s", base, repr(x))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, raisef(overflow, "cannot convert float infinity to integer")
		}
		i, _ := big.NewFloat(x).Int(nil)
		return i, nil
	}
	if n, ok := asInt(v); ok {
		return n, nil
	}
	return nil, raisef(typeError, "int() argument must be a string, a bytes-like object or a real number, not '%s'", typeName(v))
}

func toFloatType(_ *interp, a *args) (any, error) {
	v, ok := a.at(0, "")
	if !ok {
		return 0.0, nil
	}
	if s, ok := v.(string); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil && !math.IsInf(f, 0) || strings.ContainsAny(s, "xXpP") {
			return nil, raisef(valueError, "could not convert string to float: %s", repr(s))
		}
		return f, nil
	}
	if n, ok := number(v); ok {
		return toFloat(n), nil
	}
	return nil, raisef(typeError, "float() argument must be a string or a real number, not '%s'", typeName(v))
}

func extreme(name string, want int) {
	define(name, func(in *interp, a *args) (any, error) {
		items := a.pos
		if len(items) == 1 {
			var err error
			if items, err = in.all(items[0]); err != nil {
				return nil, err
			}
		}
		if len(items) == 0 {
			if v, ok := a.named["default"]; ok {
				return v, nil
			}
			return nil, raisef(valueError, "%s() arg is an empty sequence", name)
		}
		key := func(v any) (any, error) {
			if f, ok := a.named["key"]; ok {
				return in.call(f, &args{pos: []any{v}})
			}
			return v, nil
		}
		best := items[0]
		bestKey, err := key(best)
		if err != nil {
			return nil, err
		}
		for _, v := range items[1:] {
			k, err := key(v)
			if err != nil {
				return nil, err
			}
			c, ok := order(k, bestKey)
			if !ok {
				return nil, raisef(typeError, "'%s' not supported between instances of '%s' and '%s'", map[int]string{1: ">", -1: "<"}[want], typeName(k), typeName(bestKey))
			}
			if c*want > 0 {
				best, bestKey = v, k
			}
		}
		return best, nil
	})
}
