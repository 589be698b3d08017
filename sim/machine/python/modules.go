package python

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"net/url"
	"path"
	"strings"
)

// realModules are the modules of Python's library that are not simulated, and
// those that the articles name.
var realModules = strings.Fields("abc argparse array ast asyncio atexit bisect builtins bz2 calendar cmath cmd codecs collections concurrent configparser contextlib copy csv ctypes dataclasses decimal difflib dis email enum errno fcntl fileinput fnmatch fractions ftplib functools gc getopt getpass glob gzip heapq hmac html http imaplib importlib inspect io ipaddress itertools keyword linecache locale logging lzma mailbox math mimetypes multiprocessing netrc numbers operator optparse pathlib pdb pickle pkgutil platform plistlib pprint profile pty pwd queue random resource sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string struct subprocess sysconfig tarfile telnetlib tempfile textwrap threading timeit tkinter token tokenize trace traceback types typing unicodedata unittest urllib.request urllib.error uuid venv warnings wave weakref webbrowser xml zipfile zlib zoneinfo requests azure azure.identity msal yaml")

func fn(name string, f func(in *interp, a *args) (any, error)) *builtin {
	return &builtin{name: name, fn: f}
}

func (in *interp) importNode(n *node, s *scope) error {
	if n.op == "import" {
		for _, x := range n.list {
			m, err := in.load(x.name)
			if err != nil {
				return err
			}
			as, _ := x.value.(string)
			if as == "" {
				if as, _, _ = strings.Cut(x.name, "."); as != x.name {
					if m, err = in.load(as); err != nil {
						return err
					}
				}
			}
			in.bindName(as, m, s)
		}
		return nil
	}
	m, err := in.load(n.name)
	if err != nil {
		return err
	}
	for _, x := range n.list {
		v, ok := m.attrs[x.name]
		if !ok {
			if strings.Contains(realNames[m.name]+" ", " "+x.name+" ") {
				return &absent{m.name + "." + x.name}
			}
			if sub, err := in.load(m.name + "." + x.name); err == nil {
				v = sub
			} else {
				return raisef(importError, "cannot import name '%s' from '%s' (%s%s)", x.name, m.name, lib, map[bool]string{true: "json/__init__.py", false: strings.ReplaceAll(m.name, ".", "/") + ".py"}[m.name == "json"])
			}
		}
		as, _ := x.value.(string)
		if as == "" {
			as = x.name
		}
		in.bindName(as, v, s)
	}
	return nil
}

func (in *interp) load(name string) (*module, error) {
	if m, ok := in.modules[name]; ok {
		return m, nil
	}
	make, ok := makers[name]
	if !ok {
		top, _, dotted := strings.Cut(name, ".")
		for _, r := range realModules {
			if r == name || r == top {
				return nil, &absent{"module " + name}
			}
		}
		if _, has := makers[top]; has && dotted {
			e := raisef(moduleNotFound, "No module named '%s'", name)
			if top != "urllib" && top != "json" && top != "os" {
				e.args[0] = e.args[0].(string) + "; '" + top + "' is not a package"
			}
			return nil, e
		}
		return nil, raisef(moduleNotFound, "No module named '%s'", top)
	}
	m := &module{name, make(in)}
	in.modules[name] = m
	if top, rest, ok := strings.Cut(name, "."); ok {
		up, err := in.load(top)
		if err != nil {
			return nil, err
		}
		up.attrs[rest] = m
	}
	return m, nil
}

var makers map[string]func(in *interp) map[string]any

func init() {
	makers = map[string]func(in *interp) map[string]any{
		"sys": sysModule, "json": jsonModule, "os": osModule, "os.path": pathModule, "base64": base64Module, "binascii": binasciiModule,
		"urllib": func(*interp) map[string]any { return map[string]any{} }, "urllib.parse": urlModule, "time": timeModule, "datetime": datetimeModule, "re": reModule, "hashlib": hashModule,
	}
}

func sysModule(in *interp) map[string]any {
	argv := &list{}
	for _, a := range in.argv {
		argv.items = append(argv.items, a)
	}
	return map[string]any{"stdin": in.stdin, "stdout": in.stdout, "stderr": in.stderr, "argv": argv, "exit": fn("exit", exit), "version": "3.11.2 (main) [GCC 12.2.0]", "platform": "linux",
		"maxsize": big.NewInt(1<<63 - 1), "version_info": tuple{mk(3), mk(11), mk(2), "final", mk(0)}, "path": &list{[]any{"", lib[:len(lib)-1]}}}
}

func jsonModule(*interp) map[string]any {
	loads := func(in *interp, a *args, outer ...frame) (any, error) {
		v, _ := a.at(0, "s")
		s, ok := v.(string)
		if b, isBytes := v.(bytesValue); isBytes {
			s, ok = string(b), true
		}
		if !ok {
			return nil, raisef(typeError, "the JSON object must be str, bytes or bytearray, not %s", typeName(v)).through(append(outer, libFrame("json/__init__.py", 339, "loads", "raise TypeError(f'the JSON object must be str, bytes or bytearray, '", ""))...)
		}
		w, f := decodeJSON(s)
		if f == nil {
			return w, nil
		}
		e := &exception{class: jsonDecodeError, args: []any{f.text(s)}, attrs: map[string]any{"msg": f.msg, "pos": mk(f.pos), "doc": s}}
		frames := append(outer, libFrame("json/__init__.py", 346, "loads", "return _default_decoder.decode(s)", "       "+strings.Repeat("^", 26)))
		if f.kind == faultExtra {
			return nil, e.through(append(frames, libFrame("json/decoder.py", 340, "decode", "raise JSONDecodeError(\"Extra data\", s, end)", ""))...)
		}
		frames = append(frames, libFrame("json/decoder.py", 337, "decode", "obj, end = self.raw_decode(s, idx=_w(s, 0).end())", "           "+strings.Repeat("^", 38)))
		if f.kind == faultValue {
			return nil, e.through(append(frames, libFrame("json/decoder.py", 355, "raw_decode", "raise JSONDecodeError(\"Expecting value\", s, err.value) from None", ""))...)
		}
		return nil, e.through(append(frames, libFrame("json/decoder.py", 353, "raw_decode", "obj, end = self.scan_once(s, idx)", "           "+strings.Repeat("^", 22)))...)
	}
	dumps := func(in *interp, a *args, first int) (string, error) {
		e := &encoder{item: ", ", key: ": ", ascii: true, sort: truth(a.named["sort_keys"])}
		if v, ok := a.named["ensure_ascii"]; ok {
			e.ascii = truth(v)
		}
		switch x := a.named["indent"].(type) {
		case nil:
		case string:
			e.indent, e.lines, e.item = x, true, ","
		default:
			if n, ok := asInt(x); ok && n.IsInt64() {
				e.indent, e.lines, e.item = strings.Repeat(" ", int(min(max(n.Int64(), 0), 1000))), true, ","
			}
		}
		if v, ok := a.named["separators"].(tuple); ok && len(v) == 2 {
			e.item, e.key = str(v[0]), str(v[1])
		}
		if f, ok := a.named["default"]; ok && f != nil {
			e.other = func(v any) (any, error) { return in.call(f, &args{pos: []any{v}}) }
		}
		v, _ := a.at(first, "obj")
		var b strings.Builder
		e.encode(&b, v, 0)
		if x, ok := e.err.(*exception); ok && e.other == nil && len(a.named) == 0 {
			x.through(libFrame("json/__init__.py", 231, "dumps", "return _default_encoder.encode(obj)", "       "+strings.Repeat("^", 28)), libFrame("json/encoder.py", 200, "encode", "chunks = self.iterencode(o, _one_shot=True)", "         "+strings.Repeat("^", 34)), libFrame("json/encoder.py", 258, "iterencode", "return _iterencode(o, 0)", "       "+strings.Repeat("^", 17)))
		}
		return b.String(), e.err
	}
	return map[string]any{
		"loads": fn("loads", func(in *interp, a *args) (any, error) { return loads(in, a) }),
		"load": fn("load", func(in *interp, a *args) (any, error) {
			f, ok := a.at(0, "fp")
			if !ok {
				return nil, raisef(typeError, "load() missing 1 required positional argument: 'fp'")
			}
			read, err := in.attr(f, "read")
			if err != nil {
				e, ok := err.(*exception)
				if !ok {
					return nil, err
				}
				return nil, e.through(libFrame("json/__init__.py", 293, "load", "return loads(fp.read(),", "             ^^^^^^^"))
			}
			s, err := in.call(read, &args{})
			if err != nil {
				return nil, err
			}
			return loads(in, &args{pos: []any{s}}, libFrame("json/__init__.py", 293, "load", "return loads(fp.read(),", "       "+strings.Repeat("^", 16)))
		}),
		"dumps": fn("dumps", func(in *interp, a *args) (any, error) { return dumps(in, a, 0) }),
		"dump": fn("dump", func(in *interp, a *args) (any, error) {
			s, err := dumps(in, a, 0)
			if err != nil {
				return nil, err
			}
			f, _ := a.at(1, "fp")
			w, err := in.attr(f, "write")
			if err != nil {
				return nil, err
			}
			_, err = in.call(w, &args{pos: []any{s}})
			return nil, err
		}),
		"JSONDecodeError": jsonDecodeError,
	}
}

func osModule(in *interp) map[string]any {
	env := newDict()
	for _, kv := range in.p.Environ {
		k, v, _ := strings.Cut(kv, "=")
		_ = env.set(k, v)
	}
	m, err := in.load("os.path")
	_ = err
	return map[string]any{
		"environ": &object{class: &class{name: "os._Environ"}, attrs: map[string]any{"data": env}}, "linesep": "\n", "sep": "/", "name": "posix", "path": m,
		"getenv": fn("getenv", func(in *interp, a *args) (any, error) { return dictMethods["get"](in, env, a) }),
		"getcwd": fn("getcwd", func(in *interp, _ *args) (any, error) { return in.p.Dir, nil }),
		"listdir": fn("listdir", func(in *interp, a *args) (any, error) {
			name, err := a.text(0, "path", ".")
			if err != nil {
				return nil, err
			}
			entries, err := in.p.FS.ReadDir(in.abs(name))
			if err != nil {
				return nil, osFailure(err, name)
			}
			out := &list{}
			for _, e := range entries {
				out.items = append(out.items, e.Name())
			}
			return out, nil
		}),
	}
}

func (in *interp) abs(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return in.p.Dir + "/" + name
}

func pathModule(*interp) map[string]any {
	text := func(name string, f func(in *interp, s string) any) *builtin {
		return fn(name, func(in *interp, a *args) (any, error) {
			s, err := a.text(0, "path", "")
			if err != nil {
				return nil, err
			}
			return f(in, s), nil
		})
	}
	base := func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
	return map[string]any{
		"basename": text("basename", func(_ *interp, s string) any { return base(s) }), "dirname": text("dirname", func(_ *interp, s string) any { return strings.TrimSuffix(s[:len(s)-len(base(s))], "/") }),
		"exists": text("exists", func(in *interp, s string) any { _, err := in.p.FS.Stat(in.abs(s)); return err == nil }),
		"isfile": text("isfile", func(in *interp, s string) any {
			i, err := in.p.FS.Stat(in.abs(s))
			return err == nil && i.Mode().IsRegular()
		}),
		"isdir":      text("isdir", func(in *interp, s string) any { i, err := in.p.FS.Stat(in.abs(s)); return err == nil && i.IsDir() }),
		"abspath":    text("abspath", func(in *interp, s string) any { return path.Clean(in.abs(s)) }),
		"expanduser": text("expanduser", func(in *interp, s string) any { return strings.Replace(s, "~", in.p.Getenv("HOME"), 1) }),
		"splitext":   text("splitext", func(_ *interp, s string) any { e := path.Ext(s); return tuple{s[:len(s)-len(e)], e} }),
		"join": fn("join", func(in *interp, a *args) (any, error) {
			out := ""
			for i := range a.pos {
				s, err := a.text(i, "", "")
				if err != nil {
					return nil, err
				}
				if strings.HasPrefix(s, "/") || out == "" {
					out = s
				} else {
					out = strings.TrimSuffix(out, "/") + "/" + s
				}
			}
			return out, nil
		}),
	}
}

// decode64 is binascii.a2b_base64: what is not in the alphabet is passed over.
func decode64(s string) (any, error) {
	var b strings.Builder
	pads := 0
	for i := range len(s) {
		c := s[i]
		if c == '=' {
			if b.Len()%4 >= 2 {
				if pads++; b.Len()%4+pads >= 4 {
					break
				}
			}
			continue
		}
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
			b.WriteByte(c)
		}
	}
	text := b.String()
	switch n := len(text); {
	case n%4 == 1:
		return nil, raisef(binasciiError, "Invalid base64-encoded string: number of data characters (%d) cannot be 1 more than a multiple of 4", n)
	case n%4 != 0 && n%4+pads < 4:
		return nil, raisef(binasciiError, "Incorrect padding")
	}
	out, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, raisef(binasciiError, "Incorrect padding")
	}
	return bytesValue(out), nil
}

func base64Module(*interp) map[string]any {
	decode := func(url bool) func(in *interp, a *args) (any, error) {
		return func(_ *interp, a *args) (any, error) {
			s, err := a.text(0, "s", "")
			if err != nil {
				return nil, raisef(typeError, "argument should be a bytes-like object or ASCII string, not '%s'", typeName(a.pos[0]))
			}
			if url {
				s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
			}
			v, err := decode64(s)
			if e, ok := err.(*exception); ok {
				e.through(libFrame("base64.py", 88, "b64decode", "return binascii.a2b_base64(s, strict_mode=validate)", "       "+strings.Repeat("^", 44)))
				if url {
					e.through(libFrame("base64.py", 134, "urlsafe_b64decode", "return b64decode(s)", "       ^^^^^^^^^^^^"))
				}
			}
			return v, err
		}
	}
	encode := func(enc *base64.Encoding) func(in *interp, a *args) (any, error) {
		return func(_ *interp, a *args) (any, error) {
			v, _ := a.at(0, "s")
			b, ok := v.(bytesValue)
			if !ok {
				return nil, raisef(typeError, "a bytes-like object is required, not '%s'", typeName(v)).through(libFrame("base64.py", 58, "b64encode", "encoded = binascii.b2a_base64(s, newline=False)", "          "+strings.Repeat("^", 37)))
			}
			return bytesValue(enc.EncodeToString([]byte(b))), nil
		}
	}
	return map[string]any{
		"b64decode": fn("b64decode", decode(false)), "standard_b64decode": fn("standard_b64decode", decode(false)), "urlsafe_b64decode": fn("urlsafe_b64decode", decode(true)),
		"b64encode": fn("b64encode", encode(base64.StdEncoding)), "standard_b64encode": fn("standard_b64encode", encode(base64.StdEncoding)), "urlsafe_b64encode": fn("urlsafe_b64encode", encode(base64.URLEncoding)),
	}
}

func binasciiModule(*interp) map[string]any {
	return map[string]any{"Error": binasciiError, "hexlify": fn("hexlify", func(_ *interp, a *args) (any, error) {
		s, err := a.text(0, "data", "")
		return bytesValue(hex.EncodeToString([]byte(s))), err
	}), "unhexlify": fn("unhexlify", func(_ *interp, a *args) (any, error) {
		s, err := a.text(0, "hexstr", "")
		if err != nil {
			return nil, err
		}
		b, err := hex.DecodeString(s)
		if err != nil {
			return nil, raisef(binasciiError, "Non-hexadecimal digit found")
		}
		return bytesValue(b), nil
	})}
}

func quoteURL(s, safe string, plus bool) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.-~"+safe, c) >= 0:
			b.WriteByte(c)
		case c == ' ' && plus:
			b.WriteByte('+')
		default:
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}

func unquoteURL(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if x, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b.Write(x)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return strings.ToValidUTF8(b.String(), "\ufffd")
}

func urlModule(*interp) map[string]any {
	quote := func(safe string, plus bool) func(in *interp, a *args) (any, error) {
		return func(_ *interp, a *args) (any, error) {
			s, err := a.text(0, "string", "")
			if err != nil {
				return nil, raisef(typeError, "quote_from_bytes() expected bytes").through(libFrame("urllib/parse.py", 909, "quote", "return quote_from_bytes(string, safe)", "       "+strings.Repeat("^", 30)), libFrame("urllib/parse.py", 939, "quote_from_bytes", "raise TypeError(\"quote_from_bytes() expected bytes\")", ""))
			}
			keep, err := a.text(1, "safe", safe)
			return quoteURL(s, keep, plus), err
		}
	}
	parse := func(in *interp, a *args) (any, error) {
		s, err := a.text(0, "url", "")
		if err != nil {
			return nil, err
		}
		u, bad := url.Parse(s)
		if bad != nil {
			return nil, raisef(valueError, "Invalid URL")
		}
		var host any
		if u.Hostname() != "" {
			host = strings.ToLower(u.Hostname())
		}
		var port any
		if n, ok := new(big.Int).SetString(u.Port(), 10); ok {
			port = n
		}
		t := tuple{u.Scheme, u.Host, u.EscapedPath(), "", u.RawQuery, u.EscapedFragment()}
		names := []string{"scheme", "netloc", "path", "params", "query", "fragment"}
		o := &object{class: &class{name: "ParseResult"}, attrs: map[string]any{"hostname": host, "port": port, "tuple": t}}
		var parts []string
		for i, n := range names {
			o.attrs[n] = t[i]
			parts = append(parts, n+"="+repr(t[i]))
		}
		o.attrs["__repr__"] = "ParseResult(" + strings.Join(parts, ", ") + ")"
		return o, nil
	}
	return map[string]any{
		"quote": fn("quote", quote("/", false)), "quote_plus": fn("quote_plus", quote("", true)), "urlparse": fn("urlparse", parse), "urlsplit": fn("urlsplit", parse),
		"unquote": fn("unquote", func(_ *interp, a *args) (any, error) { s, err := a.text(0, "string", ""); return unquoteURL(s), err }),
		"unquote_plus": fn("unquote_plus", func(_ *interp, a *args) (any, error) {
			s, err := a.text(0, "string", "")
			return unquoteURL(strings.ReplaceAll(s, "+", " ")), err
		}),
		"urlencode": fn("urlencode", func(in *interp, a *args) (any, error) {
			v, _ := a.at(0, "query")
			if d, ok := v.(*dict); ok {
				v = &list{pairs(d)}
			}
			items, err := in.all(v)
			if err != nil {
				return nil, err
			}
			var parts []string
			for _, x := range items {
				kv, ok := x.(tuple)
				if !ok || len(kv) != 2 {
					return nil, raisef(typeError, "not a valid non-string sequence or mapping object")
				}
				parts = append(parts, quoteURL(str(kv[0]), "", true)+"="+quoteURL(str(kv[1]), "", true))
			}
			return strings.Join(parts, "&"), nil
		}),
		"parse_qs": fn("parse_qs", func(_ *interp, a *args) (any, error) {
			s, err := a.text(0, "qs", "")
			d := newDict()
			for _, kv := range strings.Split(s, "&") {
				k, v, ok := strings.Cut(kv, "=")
				if !ok || v == "" {
					continue
				}
				k, v = unquoteURL(strings.ReplaceAll(k, "+", " ")), unquoteURL(strings.ReplaceAll(v, "+", " "))
				if old, has, _ := d.get(k); has {
					old.(*list).items = append(old.(*list).items, v)
				} else {
					_ = d.set(k, &list{[]any{v}})
				}
			}
			return d, err
		}),
	}
}
