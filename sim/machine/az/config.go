package az

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// config is az's settings: the file "config" of its directory, what variables of
// the environment replace (AZURE_SECTION_NAME), and a directory's own file.
type config struct {
	sections []section
	local    *config // of the working directory or one above; nil if there is none
	environ  func(string) string
	dir      string // where the file lies
}

type section struct {
	name  string
	items [][2]string
}

// configDir is where az keeps its files.
func (c *call) configDir() string {
	if d := c.p.Getenv("AZURE_CONFIG_DIR"); d != "" {
		return c.path(d)
	}
	home := c.p.Getenv("HOME")
	if home == "" {
		home = c.p.Host.User.Home
	}
	return path.Join(home, ".azure")
}

// path is a path as the process means it.
func (c *call) path(name string) string {
	if strings.HasPrefix(name, "~/") {
		name = c.p.Host.User.Home + name[1:]
	}
	if !path.IsAbs(name) {
		name = path.Join(c.p.Dir, name)
	}
	return path.Clean(name)
}

func (c *call) loadConfig() *config {
	f := c.readConfig(c.configDir())
	f.environ = c.p.Getenv
	for d := c.p.Dir; ; d = path.Dir(d) {
		if d != path.Dir(c.configDir()) {
			if _, err := c.p.FS.Stat(path.Join(d, ".azure", "config")); err == nil {
				f.local = c.readConfig(path.Join(d, ".azure"))
				break
			}
		}
		if d == "/" || d == "." || d == "" {
			break
		}
	}
	return f
}

func (c *call) readConfig(dir string) *config {
	f := &config{dir: dir}
	data, err := c.p.FS.ReadFile(path.Join(dir, "config"))
	if err != nil {
		return f
	}
	name := ""
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			name = line[1 : len(line)-1]
			f.section(name, true)
		default:
			at := strings.IndexAny(line, "=:")
			if at > 0 {
				f.set(name, strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:]))
			}
		}
	}
	return f
}

func (f *config) section(name string, make bool) *section {
	for i := range f.sections {
		if f.sections[i].name == name {
			return &f.sections[i]
		}
	}
	if !make {
		return nil
	}
	f.sections = append(f.sections, section{name: name})
	return &f.sections[len(f.sections)-1]
}

// get returns a setting, or "".
func (f *config) get(sectionName, name string) string {
	if f.environ != nil {
		if v := f.environ("AZURE_" + strings.ToUpper(sectionName+"_"+name)); v != "" {
			return v
		}
	}
	if f.local != nil {
		if v := f.local.get(sectionName, name); v != "" {
			return v
		}
	}
	if s := f.section(sectionName, false); s != nil {
		for _, kv := range s.items {
			if kv[0] == name {
				return kv[1]
			}
		}
	}
	return ""
}

// flag reads a setting that is on or off.
func (f *config) flag(section, name string) bool {
	return slices.Contains([]string{"1", "yes", "true", "on"}, strings.ToLower(f.get(section, name)))
}

// set sets a setting of the file itself; an empty value takes it away.
func (f *config) set(sectionName, name, value string) {
	s := f.section(sectionName, true)
	name = strings.ToLower(name)
	i := slices.IndexFunc(s.items, func(kv [2]string) bool { return kv[0] == name })
	switch {
	case value == "" && i >= 0:
		s.items = slices.Delete(s.items, i, i+1)
	case value == "":
	case i >= 0:
		s.items[i][1] = value
	default:
		s.items = append(s.items, [2]string{name, value})
	}
}

// defaults are the kept defaults of arguments, by name: group, location.
func (f *config) defaults() map[string]string {
	out := map[string]string{}
	for _, file := range []*config{f, f.local} {
		if file == nil {
			continue
		}
		if s := file.section("defaults", false); s != nil {
			for _, kv := range s.items {
				out[kv[0]] = kv[1]
			}
		}
	}
	if f.environ != nil {
		for _, name := range []string{"group", "location", "vm", "subscription"} {
			if v := f.environ("AZURE_DEFAULTS_" + strings.ToUpper(name)); v != "" {
				out[name] = v
			}
		}
	}
	return out
}

func (f *config) save(c *call) error {
	var b strings.Builder
	for _, s := range f.sections {
		fmt.Fprintf(&b, "[%s]\n", s.name)
		for _, kv := range s.items {
			fmt.Fprintf(&b, "%s = %s\n", kv[0], kv[1])
		}
		b.WriteByte('\n')
	}
	return c.writeFile(path.Join(f.dir, "config"), []byte(b.String()))
}

// writeFile writes one of az's files, its directory with it.
func (c *call) writeFile(name string, data []byte) error {
	if err := c.p.FS.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return c.p.FS.WriteFile(name, data, 0o600)
}
