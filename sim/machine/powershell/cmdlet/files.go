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
	if s.Old() && flag == "a" { // which stands behind the place for directories
		mode = "-a----"
	}
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
	layout := "{0,10:d} {0,8:t}"
	if s.Old() {
		layout = "{0,10:d}  {0,8:t}"
	}
	lw, _ := s.Objects().Composite(layout, []any{t}, s.Objects().Culture)
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

func notFound(i *invocation, p string) *powershell.Failure {
	return i.ErrorRecord(&object.Error{Type: object.MustType("System.Management.Automation.ItemNotFoundException"), Message: "Cannot find path '" + p + "' because it does not exist."}, "PathNotFound", "ObjectNotFound", p)
}

func write(i *invocation, p string, data []byte) error {
	if err := files(i).WriteFile(p, data); err != nil {
		return i.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path '" + i.Session().Native(p) + "'."}, "GetContentWriterDirectoryNotFoundError", "ObjectNotFound", i.Session().Native(p))
	}
	return nil
}

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
