package cmdlet

import (
	"errors"
	"io/fs"
	"sort"
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/object"
)

var fileBodies = map[string]body{
	"Get-Content":   {process: getContent},
	"Set-Content":   {begin: contentBegin, process: contentProcess, end: contentEnd},
	"Add-Content":   {begin: contentBegin, process: contentProcess, end: contentEnd},
	"Clear-Content": {process: func(i *invocation) error { return eachPath(i, func(p string) error { return write(i, p, nil) }) }},
	"Out-File":      {begin: outFileBegin, process: outStringProcess, end: outFileEnd},
	"Get-Item":      {process: getItem},
	"Get-ChildItem": {process: getChildItem},
	"New-Item":      {process: newItem},
	"Remove-Item":   {process: removeItem},
	"Copy-Item":     {process: copyItem},
	"Move-Item":     {process: moveItem},
	"Rename-Item":   {process: renameItem},
	"Test-Path":     {process: testPath},
	"Get-Location":  {process: func(i *invocation) error { v, _ := i.Session().Variable("PWD"); return i.Write(v) }},
	"Set-Location":  {process: setLocation},
	"Resolve-Path":  {process: resolvePath},
	"Convert-Path":  {process: convertPath},
	"Split-Path":    {process: splitPath},
	"Join-Path":     {process: joinPath},
}

func files(i *invocation) powershell.Files { return i.Session().Config().Files }

var (
	fileType      = object.MustType("System.IO.FileInfo")
	directoryType = object.MustType("System.IO.DirectoryInfo")
)

// fileObject is a FileInfo or DirectoryInfo.
func fileObject(i *invocation, path string, info fs.FileInfo) *object.Object {
	s := i.Session()
	native := s.Native(path)
	parent, name := cutPath(path)
	o := &object.Object{Type: fileType}
	if info.IsDir() {
		o.Type = directoryType
	}
	t := datetime.DateTime{Ticks: datetime.FromUnix(info.ModTime().Unix(), info.ModTime().Nanosecond()), Kind: datetime.Local}
	set := o.SetProperty
	mode := "-----"
	if s.Old() {
		mode = "------"
	}
	flag := "a"
	if info.IsDir() {
		flag = "d"
	}
	if !s.Config().Windows && !info.IsDir() {
		flag = "-"
	}
	mode = flag + mode[1:]
	set("Mode", mode)
	set("ModeWithoutHardLink", mode)
	set("Name", name)
	set("FullName", native)
	set("Exists", true)
	set("Extension", extension(name))
	set("BaseName", strings.TrimSuffix(name, extension(name)))
	set("LastWriteTime", t)
	set("LastWriteTimeUtc", t)
	set("CreationTime", t)
	set("LastAccessTime", t)
	if info.IsDir() {
		set("Parent", s.Native(parent))
	} else {
		set("Length", info.Size())
		set("DirectoryName", s.Native(parent))
		set("IsReadOnly", false)
	}
	kind := "Archive"
	if info.IsDir() {
		kind = "Directory"
	}
	a, _ := object.EnumOf(object.MustType("System.IO.FileAttributes"), kind)
	set("Attributes", a)
	note := func(n string, v any) { o.Members.Add(&object.Member{Name: n, Value: v, Hidden: true}) }
	provider := "Microsoft.PowerShell.Core\\FileSystem::"
	note("PSPath", provider+native)
	note("PSParentPath", provider+s.Native(parent))
	note("PSChildName", name)
	note("PSIsContainer", info.IsDir())
	note("NameString", name)
	if info.IsDir() {
		note("LengthString", "")
	} else {
		note("LengthString", s.Objects().String(info.Size()))
	}
	lw, _ := s.Objects().Composite("{0,10:d} {0,8:t}", []any{t}, s.Objects().Culture)
	note("LastWriteTimeString", lw)
	unix := "-rw-r--r--"
	if info.IsDir() {
		unix = "drwxr-xr-x"
	}
	note("UnixMode", unix)
	note("User", s.Config().User)
	note("Group", s.Config().User)
	note("Size", info.Size())
	o.SetText(native)
	return o
}

func extension(name string) string {
	if k := strings.LastIndexByte(name, '.'); k >= 0 {
		return name[k:]
	}
	return ""
}

func cutPath(p string) (dir, name string) {
	k := strings.LastIndexByte(p, '/')
	if k < 0 {
		return "", p
	}
	dir = p[:k]
	if dir == "" || strings.HasSuffix(dir, ":") {
		dir += "/"
	}
	return dir, p[k+1:]
}

func joined(dir, name string) string { return strings.TrimSuffix(dir, "/") + "/" + name }

// drive tells a path of another drive, and a drive that is none.
func drive(i *invocation, p string) (name, rest string, err error) {
	k := strings.IndexByte(p, ':')
	if k <= 0 || strings.ContainsAny(p[:k], "/\\*?[") {
		return "", p, nil
	}
	if strings.HasPrefix(p[k:], "::") {
		return "", p[k+2:], nil
	}
	name = p[:k]
	switch strings.ToLower(name) {
	case "env", "variable", "function", "alias":
		return strings.ToLower(name), strings.TrimLeft(p[k+1:], "/\\"), nil
	}
	if i.Session().Config().Windows && len(name) == 1 {
		return "", p, nil
	}
	return "", "", i.ErrorRecord(&object.Error{Type: object.MustType("System.Management.Automation.DriveNotFoundException"), Message: "Cannot find drive. A drive with the name '" + name + "' does not exist."}, "DriveNotFound", "ObjectNotFound", name)
}

func notFound(i *invocation, p string) *powershell.Failure {
	return i.ErrorRecord(&object.Error{Type: object.MustType("System.Management.Automation.ItemNotFoundException"), Message: "Cannot find path '" + p + "' because it does not exist."}, "PathNotFound", "ObjectNotFound", p)
}

// glob returns the files that a path with wildcards names.
func glob(i *invocation, pattern string, literal bool) (out []string, err error) {
	f := files(i)
	if f == nil {
		return nil, nil
	}
	p := i.Session().Path(pattern)
	if literal || !strings.ContainsAny(pattern, "*?[") {
		if _, err := f.Stat(p); err != nil {
			return nil, notFound(i, i.Session().Native(p))
		}
		return []string{p}, nil
	}
	parts := strings.Split(p, "/")
	list := []string{parts[0]}
	for _, part := range parts[1:] {
		var next []string
		for _, dir := range list {
			if !strings.ContainsAny(part, "*?[") {
				q := dir + "/" + part
				if _, err := f.Stat(q); err == nil {
					next = append(next, q)
				}
				continue
			}
			w, ok := object.NewWildcard(part, true)
			if !ok {
				continue
			}
			root := dir
			if root == "" {
				root = "/"
			}
			infos, _ := f.ReadDir(root)
			for _, n := range infos {
				if w.Match(n.Name()) {
					next = append(next, dir+"/"+n.Name())
				}
			}
		}
		list = next
	}
	return list, nil
}

func paths(i *invocation) (list []string, literal bool) {
	if i.Has("LiteralPath") {
		return i.Texts("LiteralPath"), true
	}
	return i.Texts("Path"), false
}

// eachPath calls f with each file that -Path or -LiteralPath names, reporting
// those that are not there.
func eachPath(i *invocation, f func(p string) error) error {
	list, literal := paths(i)
	for _, p := range list {
		name, rest, err := drive(i, p)
		if err == nil && name == "" {
			var found []string
			if found, err = glob(i, rest, literal); err == nil {
				for _, x := range found {
					if err := f(x); err != nil {
						return err
					}
				}
				continue
			}
		}
		if err == nil {
			err = notFound(i, p)
		}
		var fail *powershell.Failure
		if !errors.As(err, &fail) {
			return err
		}
		if err := i.WriteError(fail); err != nil {
			return err
		}
	}
	return nil
}

func write(i *invocation, p string, data []byte) error {
	if err := files(i).WriteFile(p, data); err != nil {
		return i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path '" + i.Session().Native(p) + "'."}, "GetContentWriterDirectoryNotFoundError", "ObjectNotFound", i.Session().Native(p))
	}
	return nil
}

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

// item is an item of the drives that are no files.
func item(i *invocation, name, key string) (any, bool) {
	switch name {
	case "env":
		if v, ok := i.Session().Getenv(key); ok {
			o := &object.Object{Base: object.Entry{Key: key, Value: v}}
			return o, true
		}
	case "variable":
		if v := i.Variable(key, ""); v != nil {
			return variableInfo(v), true
		}
	case "function":
		for _, f := range i.Functions() {
			if strings.EqualFold(f.Name, key) {
				return i.FunctionInfo(f), true
			}
		}
	case "alias":
		for _, a := range i.Aliases() {
			if strings.EqualFold(a.Name, key) {
				return i.AliasInfo(a), true
			}
		}
	}
	return nil, false
}

func getItem(i *invocation) error {
	list, literal := paths(i)
	for _, p := range list {
		name, rest, err := drive(i, p)
		if err == nil && name != "" {
			if v, ok := item(i, name, rest); ok {
				if err := i.Write(v); err != nil {
					return err
				}
				continue
			}
			err = notFound(i, title(name)+"/"+rest)
		}
		var found []string
		if err == nil {
			found, err = glob(i, rest, literal)
		}
		var f *powershell.Failure
		if errors.As(err, &f) {
			if err := i.WriteError(f); err != nil {
				return err
			}
			continue
		}
		for _, x := range found {
			info, err := files(i).Stat(x)
			if err == nil {
				err = i.Write(fileObject(i, x, info))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func matcher(i *invocation, name string) func(string) bool {
	var ws []*object.Wildcard
	for _, p := range i.Texts(name) {
		if w, ok := object.NewWildcard(p, true); ok {
			ws = append(ws, w)
		}
	}
	return func(s string) bool {
		for _, w := range ws {
			if w.Match(s) {
				return true
			}
		}
		return false
	}
}

func getChildItem(i *invocation) error {
	list, literal := paths(i)
	if len(list) == 0 {
		list = []string{"."}
	}
	filter, include, exclude := matcher(i, "Filter"), matcher(i, "Include"), matcher(i, "Exclude")
	show := func(rel, p string, info fs.FileInfo) error {
		n := info.Name()
		if i.Switch("Directory") && !info.IsDir() || i.Switch("File") && info.IsDir() || i.Has("Filter") && !filter(n) || i.Has("Include") && !include(n) || i.Has("Exclude") && exclude(n) {
			return nil
		}
		if i.Switch("Name") {
			return i.Write(i.Session().Native(rel))
		}
		return i.Write(fileObject(i, p, info))
	}
	depth := i.Int("Depth", 1<<30)
	recurse := i.Switch("Recurse") || i.Has("Depth")
	var walk func(dir, rel string, level int) error
	walk = func(dir, rel string, level int) error {
		infos, err := files(i).ReadDir(dir)
		if err != nil {
			return i.WriteError(notFound(i, i.Session().Native(dir)))
		}
		sort.SliceStable(infos, func(a, b int) bool {
			if infos[a].IsDir() != infos[b].IsDir() {
				return infos[a].IsDir()
			}
			return strings.ToLower(infos[a].Name()) < strings.ToLower(infos[b].Name())
		})
		for _, x := range infos {
			if strings.HasPrefix(x.Name(), ".") && !i.Session().Config().Windows && !i.Switch("Force") {
				continue
			}
			if err := show(rel+x.Name(), joined(dir, x.Name()), x); err != nil {
				return err
			}
		}
		if !recurse || level >= depth {
			return nil
		}
		for _, x := range infos {
			if x.IsDir() {
				if err := walk(joined(dir, x.Name()), rel+x.Name()+"/", level+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, p := range list {
		name, rest, err := drive(i, p)
		if err == nil && name != "" {
			if err := driveItems(i, name, rest); err != nil {
				return err
			}
			continue
		}
		var found []string
		if err == nil {
			found, err = glob(i, rest, literal)
		}
		var f *powershell.Failure
		if errors.As(err, &f) {
			if err := i.WriteError(f); err != nil {
				return err
			}
			continue
		}
		wild := !literal && strings.ContainsAny(rest, "*?[")
		for _, x := range found {
			info, err := files(i).Stat(x)
			if err != nil {
				continue
			}
			if info.IsDir() && !wild {
				err = walk(x, "", 0)
			} else {
				err = show(info.Name(), x, info)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func driveItems(i *invocation, name, pattern string) error {
	if pattern == "" {
		pattern = "*"
	}
	w, ok := object.NewWildcard(pattern, true)
	if !ok {
		return nil
	}
	var keys []string
	switch name {
	case "env":
		keys = append(keys, i.Session().Environ()...)
	case "variable":
		for _, v := range i.Variables("") {
			keys = append(keys, v.Name)
		}
	case "function":
		for _, f := range i.Functions() {
			keys = append(keys, f.Name)
		}
	case "alias":
		for _, a := range i.Aliases() {
			keys = append(keys, a.Name)
		}
	}
	sort.Slice(keys, func(a, b int) bool { return strings.ToLower(keys[a]) < strings.ToLower(keys[b]) })
	for _, k := range keys {
		if !w.Match(k) {
			continue
		}
		if v, ok := item(i, name, k); ok {
			if err := i.Write(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func newItem(i *invocation) error {
	list := i.Texts("Path")
	if len(list) == 0 {
		list = []string{"."}
	}
	for _, p := range list {
		name, rest, err := drive(i, p)
		if err != nil {
			return err
		}
		if i.Has("Name") {
			rest = strings.TrimSuffix(rest, "/") + "/" + i.Text("Name")
		}
		if name == "env" {
			i.Session().Setenv(strings.TrimLeft(rest, "/"), i.Text("Value"))
			v, _ := item(i, name, strings.TrimLeft(rest, "/"))
			return i.Write(v)
		}
		path := i.Session().Path(rest)
		native := i.Session().Native(path)
		info, missing := files(i).Stat(path)
		kind := strings.ToLower(i.Text("ItemType"))
		dir := kind != "" && strings.HasPrefix("directory", kind) || kind == "container"
		switch {
		case dir && missing == nil && !i.Switch("Force"):
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.IOException"), Message: "An item with the specified name " + native + " already exists."}, "DirectoryExist", "ResourceExists", native))
		case dir:
			if missing != nil {
				err = makeAll(i, path)
			}
		case missing == nil && (!i.Switch("Force") || info.IsDir()):
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.IOException"), Message: "The file '" + native + "' already exists."}, "NewItemIOError", "WriteError", native))
		default:
			if d, _ := cutPath(path); i.Switch("Force") {
				_ = makeAll(i, d)
			}
			err = files(i).WriteFile(path, []byte(i.Text("Value")))
		}
		if err != nil {
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path '" + native + "'."}, "NewItemIOError", "WriteError", native))
		}
		if info, err = files(i).Stat(path); err == nil {
			err = i.Write(fileObject(i, path, info))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func makeAll(i *invocation, p string) error {
	if info, err := files(i).Stat(p); err == nil && info.IsDir() {
		return nil
	}
	if d, _ := cutPath(p); d != p && d != "" {
		if err := makeAll(i, d); err != nil {
			return err
		}
	}
	return files(i).Mkdir(p)
}

func removeItem(i *invocation) error {
	if list, _ := paths(i); len(list) > 0 {
		if name, rest, _ := drive(i, list[0]); name != "" {
			if _, ok := item(i, name, rest); !ok {
				return i.WriteError(notFound(i, title(name)+"/"+rest))
			}
			switch name {
			case "env":
				i.Session().Unsetenv(rest)
			case "variable":
				i.RemoveVariable(rest, "")
			case "function":
				i.RemoveFunction(rest)
			case "alias":
				i.RemoveAlias(rest)
			}
			return nil
		}
	}
	include, exclude := matcher(i, "Include"), matcher(i, "Exclude")
	return eachPath(i, func(p string) error {
		_, n := cutPath(p)
		if i.Has("Include") && !include(n) || i.Has("Exclude") && exclude(n) {
			return nil
		}
		return files(i).Remove(p, true)
	})
}

// target is where a copy or move of a file goes: into a folder that is there.
func target(i *invocation, from string) string {
	d := i.Text("Destination")
	if !i.Has("Destination") {
		d = "."
	}
	to := i.Session().Path(d)
	if info, err := files(i).Stat(to); err == nil && info.IsDir() {
		_, n := cutPath(from)
		return joined(to, n)
	}
	return to
}

func copyItem(i *invocation) error {
	var walk func(from, to string) error
	walk = func(from, to string) error {
		info, err := files(i).Stat(from)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			b, err := files(i).ReadFile(from)
			if err == nil {
				err = files(i).WriteFile(to, b)
			}
			if err != nil {
				return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path '" + i.Session().Native(to) + "'."}, "CopyDirectoryInfoItemIOError", "WriteError", i.Session().Native(from)))
			}
			return nil
		}
		if err := makeAll(i, to); err != nil {
			return err
		}
		if !i.Switch("Recurse") {
			return nil
		}
		infos, _ := files(i).ReadDir(from)
		for _, x := range infos {
			if err := walk(joined(from, x.Name()), joined(to, x.Name())); err != nil {
				return err
			}
		}
		return nil
	}
	return eachPath(i, func(p string) error {
		to := target(i, p)
		if err := walk(p, to); err != nil {
			return err
		}
		return passThru(i, to)
	})
}

func passThru(i *invocation, p string) error {
	if !i.Switch("PassThru") {
		return nil
	}
	info, err := files(i).Stat(p)
	if err != nil {
		return nil
	}
	return i.Write(fileObject(i, p, info))
}

func moveItem(i *invocation) error {
	return eachPath(i, func(p string) error {
		to := target(i, p)
		if _, err := files(i).Stat(to); err == nil && !i.Switch("Force") {
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.IOException"), Message: "Cannot create a file when that file already exists."}, "MoveFileInfoItemIOError", "WriteError", i.Session().Native(p)))
		}
		if err := files(i).Rename(p, to); err != nil {
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path."}, "MoveFileInfoItemIOError", "WriteError", i.Session().Native(p)))
		}
		return passThru(i, to)
	})
}

func renameItem(i *invocation) error {
	return eachPath(i, func(p string) error {
		d, _ := cutPath(p)
		to := joined(d, i.Text("NewName"))
		if _, err := files(i).Stat(to); err == nil {
			return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.IOException"), Message: "Cannot create a file when that file already exists."}, "RenameItemIOError", "WriteError", i.Session().Native(p)))
		}
		if err := files(i).Rename(p, to); err != nil {
			return err
		}
		return passThru(i, to)
	})
}

func testPath(i *invocation) error {
	list, literal := paths(i)
	if len(list) == 0 {
		return i.WriteError(i.ErrorRecord(&object.Error{Type: object.MustType("System.ArgumentNullException"), Message: "Value cannot be null. (Parameter 'The provided Path argument was null or an empty collection.')"}, "NullPathNotPermitted", "InvalidArgument", nil))
	}
	for _, p := range list {
		if err := i.Write(exists(i, p, literal)); err != nil {
			return err
		}
	}
	return nil
}

func exists(i *invocation, p string, literal bool) bool {
	if strings.TrimSpace(p) == "" {
		return false
	}
	if i.Switch("IsValid") {
		return true
	}
	name, rest, err := drive(i, p)
	if err != nil {
		return false
	}
	if name != "" {
		_, ok := item(i, name, rest)
		return ok || rest == ""
	}
	found, err := glob(i, rest, literal)
	if err != nil {
		return false
	}
	for _, x := range found {
		info, err := files(i).Stat(x)
		if err != nil {
			continue
		}
		switch strings.ToLower(i.Text("PathType")) {
		case "leaf":
			if info.IsDir() {
				continue
			}
		case "container":
			if !info.IsDir() {
				continue
			}
		}
		return true
	}
	return false
}

func setLocation(i *invocation) error {
	p := i.Text("Path")
	if i.Has("LiteralPath") {
		p = i.Text("LiteralPath")
	}
	if p == "" {
		p = "~"
	}
	_, rest, err := drive(i, p)
	if err != nil {
		return err
	}
	path := i.Session().Path(rest)
	info, err := files(i).Stat(path)
	if err != nil || !info.IsDir() {
		return i.WriteError(notFound(i, i.Session().Native(path)))
	}
	i.Session().SetDir(path)
	if i.Switch("PassThru") {
		v, _ := i.Session().Variable("PWD")
		return i.Write(v)
	}
	return nil
}

func resolvePath(i *invocation) error {
	return eachPath(i, func(p string) error {
		if i.Switch("Relative") {
			return i.Write(i.Session().Native("./" + strings.TrimPrefix(strings.TrimPrefix(p, i.Session().Dir()), "/")))
		}
		o := &object.Object{Type: object.MustType("System.Management.Automation.PathInfo")}
		native := i.Session().Native(p)
		o.SetProperty("Drive", nil)
		o.SetProperty("Provider", nil)
		o.SetProperty("ProviderPath", native)
		o.SetProperty("Path", native)
		o.SetText(native)
		return i.Write(o)
	})
}

func convertPath(i *invocation) error {
	return eachPath(i, func(p string) error { return i.Write(i.Session().Native(p)) })
}

func splitPath(i *invocation) error {
	list, _ := paths(i)
	for _, p := range list {
		q := i.Session().Native(strings.ReplaceAll(p, "\\", "/"))
		q = strings.ReplaceAll(q, "\\", "/")
		trimmed := strings.TrimRight(q, "/")
		dir, name := "", trimmed
		if k := strings.LastIndexByte(trimmed, '/'); k >= 0 {
			dir, name = trimmed[:k], trimmed[k+1:]
			if dir == "" {
				dir = "/"
			}
		}
		var v any
		switch {
		case i.Switch("Leaf"):
			v = name
		case i.Switch("LeafBase"):
			v = strings.TrimSuffix(name, extension(name))
		case i.Switch("Extension"):
			v = extension(name)
		case i.Switch("Qualifier"):
			k := strings.IndexByte(q, ':')
			if k < 0 {
				return i.WriteError(i.ErrorRecord(object.Fail("", "Cannot parse path because path '%s' does not have a qualifier specified.", p), "ParsePathFormatError", "InvalidArgument", p))
			}
			v = q[:k+1]
		case i.Switch("NoQualifier"):
			v = q[strings.IndexByte(q, ':')+1:]
		case i.Switch("IsAbsolute"):
			v = strings.HasPrefix(q, "/") || len(q) > 2 && q[1] == ':' && q[2] == '/'
		default:
			v = dir
		}
		if s, ok := v.(string); ok {
			v = i.Session().Native(s)
		}
		if err := i.Write(v); err != nil {
			return err
		}
	}
	return nil
}

func joinPath(i *invocation) error {
	sep := i.Session().Native("/")
	add := func(a, b string) string {
		a = i.Session().Native(strings.ReplaceAll(a, "\\", "/"))
		b = i.Session().Native(strings.ReplaceAll(b, "\\", "/"))
		if a == "" {
			return sep + strings.TrimPrefix(b, sep)
		}
		return strings.TrimSuffix(a, sep) + sep + strings.TrimPrefix(b, sep)
	}
	for _, p := range i.Texts("Path") {
		for _, c := range i.Texts("ChildPath") {
			q := add(p, c)
			for _, more := range i.Texts("AdditionalChildPath") {
				q = add(q, more)
			}
			if err := i.Write(q); err != nil {
				return err
			}
		}
	}
	return nil
}
