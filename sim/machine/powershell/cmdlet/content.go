package cmdlet

import (
	"strings"

	"skylab/sim/machine/powershell/object"
)

func getContent(i *invocation) error {
	if i.Switch("Raw") {
		for _, n := range []string{"TotalCount", "Tail", "ReadCount"} {
			if i.Has(n) {
				return i.ErrorRecord(&object.Error{Type: object.MustType("System.InvalidOperationException"), Message: "The 'Raw' and '" + n + "' parameters cannot be specified in the same command."}, "InvalidOperation", "InvalidOperation", nil)
			}
		}
	}
	if list, _ := paths(i); len(list) > 0 {
		if name, rest, _ := drive(i, list[0]); name != "" {
			v, ok := item(i, name, rest)
			if !ok {
				return i.WriteError(notFound(i, title(name)+"/"+rest))
			}
			x, _ := i.Property(v, "Value")
			return i.Write(x)
		}
	}
	return eachPath(i, func(p string) error {
		native := i.Session().Native(p)
		if info, err := files(i).Stat(p); err == nil && info.IsDir() {
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.UnauthorizedAccessException"), Message: "Unable to get content because it is a directory: '" + native + "'. Please use 'Get-ChildItem' instead."}, "GetContainerContentException", "InvalidOperation", native))
		}
		b, err := files(i).ReadFile(p)
		if err != nil {
			return i.WriteError(notFound(i, native))
		}
		if i.Switch("AsByteStream") {
			for _, x := range b {
				if err := i.Write(x); err != nil {
					return err
				}
			}
			return nil
		}
		text := decode(b, i.Text("Encoding"))
		if i.Switch("Raw") {
			if text == "" {
				return nil
			}
			return i.Write(text)
		}
		if text == "" {
			return nil
		}
		lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
		if n := i.Int("TotalCount", -1); n >= 0 {
			lines = lines[:min(n, len(lines))]
		}
		if n := i.Int("Tail", -1); n >= 0 {
			lines = lines[max(0, len(lines)-n):]
		}
		for _, l := range lines {
			if err := i.Write(l); err != nil {
				return err
			}
		}
		return nil
	})
}

// decode reads text by its mark, or by the encoding that was named.
func decode(b []byte, name string) string {
	switch {
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf:
		return string(b[3:])
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		return units(b[2:], false)
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		return units(b[2:], true)
	}
	switch strings.ToLower(name) {
	case "unicode":
		return units(b, false)
	case "bigendianunicode":
		return units(b, true)
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

func units(b []byte, big bool) string {
	var u []uint16
	for k := 0; k+1 < len(b); k += 2 {
		lo, hi := b[k], b[k+1]
		if big {
			lo, hi = hi, lo
		}
		u = append(u, uint16(lo)|uint16(hi)<<8)
	}
	return object.FromUnits(u)
}

// encode makes a text's bytes; mark says that the file is new.
func encode(i *invocation, text string, mark bool) []byte {
	name := strings.ToLower(i.Text("Encoding"))
	if name == "" && i.Session().Old() && i.Cmdlet.Name == "Out-File" {
		name = "unicode"
	}
	var out []byte
	switch name {
	case "utf8bom":
		name = "bom"
	case "utf8":
		if i.Session().Old() {
			name = "bom"
		}
	}
	switch name {
	case "bom":
		if mark {
			out = []byte{0xef, 0xbb, 0xbf}
		}
	case "unicode", "bigendianunicode":
		big := name != "unicode"
		put := func(u uint16) {
			if big {
				out = append(out, byte(u>>8), byte(u))
			} else {
				out = append(out, byte(u), byte(u>>8))
			}
		}
		if mark {
			put(0xfeff)
		}
		for _, u := range object.Units(text) {
			put(u)
		}
		return out
	case "ascii":
		for _, r := range text {
			if r > 127 {
				r = '?'
			}
			out = append(out, byte(r))
		}
		return out
	}
	return append(out, text...)
}

func newline(i *invocation) string {
	if i.Session().Config().Windows {
		return "\r\n"
	}
	return "\n"
}

type contentState struct {
	text strings.Builder
	raw  []byte
}

func contentBegin(i *invocation) error {
	i.State = &contentState{}
	return nil
}

func contentProcess(i *invocation) error {
	st := i.State.(*contentState)
	items, many := object.Items(i.Value("Value"))
	if !many {
		items = []any{i.Value("Value")}
	}
	if !i.Piped && !i.Has("Value") {
		items = nil
	}
	for _, x := range items {
		if x == nil {
			continue
		}
		if i.Switch("AsByteStream") {
			if n, _, ok := object.Integer(object.Base(x)); ok {
				st.raw = append(st.raw, byte(n))
			}
			continue
		}
		st.text.WriteString(i.Session().Objects().String(x))
		if !i.Switch("NoNewline") {
			st.text.WriteString(newline(i))
		}
		if i.Switch("PassThru") {
			if err := i.Write(x); err != nil {
				return err
			}
		}
	}
	return nil
}

func contentEnd(i *invocation) error {
	st := i.State.(*contentState)
	list, _ := paths(i)
	for _, p := range list {
		name, rest, err := drive(i, p)
		if err != nil {
			return err
		}
		if name == "env" {
			i.Session().Setenv(rest, strings.TrimRight(st.text.String(), "\r\n"))
			continue
		}
		path := i.Session().Path(rest)
		_, missing := files(i).Stat(path)
		add := i.Cmdlet.Name == "Add-Content" && missing == nil
		data := st.raw
		if data == nil {
			data = encode(i, st.text.String(), !add)
		}
		if add {
			err = files(i).Append(path, data)
		} else {
			err = write(i, path, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func outFileBegin(i *invocation) error { return outStringBegin(i) }

func outFileEnd(i *invocation) error {
	st := i.State.(*outString)
	if err := st.f.Flush(); err != nil {
		return err
	}
	text := st.text.String()
	if i.Switch("NoNewline") {
		text = strings.ReplaceAll(text, "\n", "")
	}
	if nl := newline(i); nl != "\n" {
		text = strings.ReplaceAll(text, "\n", nl)
	}
	name := i.Text("FilePath")
	if i.Has("LiteralPath") {
		name = i.Text("LiteralPath")
	}
	path := i.Session().Path(name)
	_, missing := files(i).Stat(path)
	if i.Switch("NoClobber") && missing == nil && !i.Switch("Append") {
		return i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.IOException"), Message: "The file '" + i.Session().Native(path) + "' already exists."}, "NoClobber", "ResourceExists", i.Session().Native(path))
	}
	if i.Switch("Append") && missing == nil {
		return files(i).Append(path, encode(i, text, false))
	}
	if err := files(i).WriteFile(path, encode(i, text, true)); err != nil {
		return i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path '" + i.Session().Native(path) + "'."}, "FileOpenFailure", "OpenError", nil)
	}
	return nil
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] + ":" }
