package az

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

var configCommands = map[string]command{
	"configure": cmdConfigure, "config set": cmdConfigSet, "config get": cmdConfigGet, "config unset": cmdConfigUnset,
}

func cmdConfigure(c *call) (any, error) {
	file := c.config
	if c.str("scope") == "local" {
		dir := path.Join(c.p.Dir, ".azure")
		file = c.readConfig(dir)
	}
	if c.line.Has("defaults") {
		for _, w := range c.list("defaults") {
			name, value, ok := strings.Cut(w, "=")
			if !ok {
				return nil, usage("usage error: --defaults STRING=STRING STRING=STRING ...")
			}
			file.set("defaults", name, value)
		}
		return nil, file.save(c)
	}
	if c.flag("list_defaults") {
		out := []any{}
		for _, f := range []*config{c.config.local, c.config} {
			if f == nil {
				continue
			}
			if s := f.section("defaults", false); s != nil {
				for _, kv := range s.items {
					out = append(out, ojson.Obj("source", path.Join(f.dir, "config"), "name", kv[0], "value", kv[1]))
				}
			}
		}
		return out, nil
	}
	return nil, c.configureByQuestions()
}

// outputs are the formats that az configure offers.
var outputs = [][2]string{{"json", "JSON, as the service answers."}, {"jsonc", "JSON in colours."}, {"table", "A table for people."}, {"tsv", "Values between tabs, one line each, for grep and awk."},
	{"yaml", "YAML, easier to read than JSON."}, {"yamlc", "YAML in colours."}, {"none", "Nothing but errors and warnings."}}

// configureByQuestions shows the settings and asks for new ones.
func (c *call) configureByQuestions() error {
	if !c.p.TTY.In {
		return failf("This command is interactive and no tty available.")
	}
	fmt.Fprint(c.p.Stdout, "\nWelcome to the Azure CLI! This command asks for a few settings and keeps them.\n\n")
	fmt.Fprintf(c.p.Stdout, "Your settings can be found at %s\n", path.Join(c.config.dir, "config"))
	err := c.askSettings()
	switch {
	case errors.Is(err, io.EOF): // Ctrl-D
		fmt.Fprintln(c.p.Stdout)
		return nil
	case err != nil:
		return err
	}
	fmt.Fprint(c.p.Stdout, "\nYou're all set! Here are some commands to try:\n $ az login\n $ az vm create --help\n $ az feedback\n\n")
	return nil
}

func (c *call) askSettings() error {
	if len(c.config.sections) > 0 {
		fmt.Fprintln(c.p.Stdout, "Your current configuration is as follows:")
		for _, s := range c.config.sections {
			fmt.Fprintf(c.p.Stdout, "\n[%s]\n", s.name)
			for _, kv := range s.items {
				fmt.Fprintf(c.p.Stdout, "%s = %s\n", kv[0], kv[1])
			}
		}
		var fromEnviron []string
		for _, kv := range c.p.Environ {
			if strings.HasPrefix(kv, "AZURE_") {
				fromEnviron = append(fromEnviron, strings.Replace(kv, "=", " = ", 1))
			}
		}
		if len(fromEnviron) > 0 {
			fmt.Fprintf(c.p.Stdout, "\nEnvironment variables:\n%s\n", strings.Join(fromEnviron, "\n"))
		}
		if change, err := c.either("\nDo you wish to change your settings?", "", 'y', 'n', 'n'); err != nil || !change {
			return err
		}
	}
	var options []string
	current := 0
	for i, o := range outputs {
		options = append(options, o[0]+" - "+o[1])
		if o[0] == c.config.get("core", "output") {
			current = i
		}
	}
	format, err := c.choose("\nWhat default output format would you like?", "", options, current)
	if err != nil {
		return err
	}
	file, err := c.either("\nWould you like to enable logging to file?", "", 'y', 'n', 'n')
	if err != nil {
		return err
	}
	collect, err := c.either("\nThe real tool reports how it is used to Microsoft if you agree; here nothing is ever sent.\nSelect y to enable data collection.", "", 'y', 'n', 'y')
	if err != nil {
		return err
	}
	minutes := "10"
	err = c.asked(c.prompt, "\nCLI object cache time-to-live (TTL) in minutes [Default: 10]: ", "", func(s string) bool {
		n, wrong := strconv.Atoi(or(s, minutes))
		if wrong != nil || n < 1 {
			c.log("ERROR", red, "TTL must be a positive integer")
			return false
		}
		minutes = strconv.Itoa(n)
		return true
	})
	if err != nil {
		return err
	}
	said := map[bool]string{true: "yes", false: "no"}
	c.config.set("core", "output", outputs[format][0])
	c.config.set("core", "collect_telemetry", said[collect])
	c.config.set("core", "cache_ttl", minutes)
	c.config.set("logging", "enable_log_file", said[file])
	return c.config.save(c)
}

// configFile is the file that --local or its absence means to the commands of az
// config, which warn first.
func (c *call) configFile() *config {
	c.warn("Command group 'config' is experimental and under development. Reference and support levels: https://aka.ms/CLI_refstatus")
	if c.flag("local") {
		return c.readConfig(path.Join(c.p.Dir, ".azure"))
	}
	return c.readConfig(c.configDir())
}

func cmdConfigSet(c *call) (any, error) {
	f := c.configFile()
	for _, kv := range c.list("key_value") {
		key, value, ok := strings.Cut(kv, "=")
		if !ok {
			return nil, failf("usage error: [section].[name]=[value] ...")
		}
		section, name, ok := strings.Cut(key, ".")
		if !ok {
			return nil, failf("usage error: [section].[name]=[value] ...")
		}
		f.set(section, name, value)
	}
	return nil, f.save(c)
}

func cmdConfigGet(c *call) (any, error) {
	f := c.configFile()
	item := func(kv [2]string) *ojson.Object {
		return ojson.Obj("name", kv[0], "source", path.Join(f.dir, "config"), "value", kv[1])
	}
	items := func(s *section) []any {
		list := []any{}
		if s != nil {
			for _, kv := range s.items {
				list = append(list, item(kv))
			}
		}
		return list
	}
	at, name, one := strings.Cut(c.str("key"), ".")
	if at == "" {
		out := ojson.New()
		for _, s := range f.sections {
			out.Set(s.name, items(&s))
		}
		return out, nil
	}
	s := f.section(at, false)
	if !one {
		return items(s), nil
	}
	if s != nil {
		if i := slices.IndexFunc(s.items, func(kv [2]string) bool { return kv[0] == name }); i >= 0 {
			return item(s.items[i]), nil
		}
	}
	return nil, failf("Configuration '%s' is not set.", c.str("key"))
}

func cmdConfigUnset(c *call) (any, error) {
	f := c.configFile()
	for _, key := range c.list("key") {
		section, name, ok := strings.Cut(key, ".")
		if !ok {
			return nil, failf("usage error: [section].[name] ...")
		}
		f.set(section, name, "")
	}
	return nil, f.save(c)
}
