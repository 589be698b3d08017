package cmdlet

import (
	"errors"
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
)

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
