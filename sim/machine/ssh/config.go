package ssh

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"skylab/sim/machine/tool"
)

// config is what ssh was told by its options and ~/.ssh/config: of each keyword
// the value that came first.
type config struct {
	values     map[string]string // by lower-case keyword
	identities []string
}

func newConfig() *config { return &config{values: map[string]string{}} }

func (c *config) put(key, value string) {
	if _, ok := c.values[key]; !ok {
		c.values[key] = value
	}
}

func (c *config) get(key, otherwise string) string {
	if v, ok := c.values[key]; ok {
		return v
	}
	return otherwise
}

// Keywords that are simulated, those that change nothing here, and those that
// are real and not simulated.
var (
	keywords = strings.Fields("batchmode connecttimeout hostname identityfile port stricthostkeychecking user userknownhostsfile")
	harmless = strings.Fields("addkeystoagent addressfamily checkhostip compression connectionattempts forwardagent forwardx11 gssapiauthentication hashknownhosts identitiesonly kbdinteractiveauthentication loglevel numberofpasswordprompts passwordauthentication preferredauthentications pubkeyauthentication requesttty sendenv serveralivecountmax serveraliveinterval tcpkeepalive updatehostkeys visualhostkey")
	absentOf = strings.Fields("canonicalizehostname certificatefile controlmaster controlpath controlpersist dynamicforward hostkeyalias identityagent include localcommand localforward permitlocalcommand proxycommand proxyjump remotecommand remoteforward setenv")
)

// set takes one "Keyword value" or "Keyword=value"; where says whence it came.
func (c *config) set(where, text string) error {
	at := strings.IndexAny(text, " \t=")
	if at < 0 {
		at = len(text)
	}
	name := text[:at]
	value := strings.Trim(strings.TrimLeft(text[at:], " \t="), `"`)
	key := strings.ToLower(name)
	switch {
	case slices.Contains(absentOf, key):
		return errors.New(tool.NotSimulated("ssh's option " + name))
	case slices.Contains(harmless, key):
		return nil
	case !slices.Contains(keywords, key):
		return fmt.Errorf("%s: Bad configuration option: %s", where, key)
	case value == "":
		return fmt.Errorf("%s: no argument after keyword \"%s\"", where, key)
	case key == "stricthostkeychecking" && !slices.Contains([]string{"yes", "no", "ask", "off", "accept-new"}, strings.ToLower(value)):
		//lint:ignore ST1005 OpenSSH's own words
		return fmt.Errorf("%s: unsupported option \"%s\".", where, value)
	}
	if key == "identityfile" {
		c.identities = append(c.identities, value)
		return nil
	}
	c.put(key, value)
	return nil
}

// read takes what a configuration file says of a host.
func (c *config) read(name, text, host string) error {
	applies := true
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if fields := strings.Fields(strings.Replace(line, "=", " ", 1)); strings.EqualFold(fields[0], "Host") {
			applies = matches(fields[1:], host)
			continue
		} else if strings.EqualFold(fields[0], "Match") {
			return errors.New(tool.NotSimulated("ssh's option Match"))
		}
		if applies {
			if err := c.set(fmt.Sprintf("%s: line %d", name, i+1), line); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches reports whether a host matches one of the patterns and none behind !.
func matches(patterns []string, host string) bool {
	found := false
	for _, p := range patterns {
		not := strings.HasPrefix(p, "!")
		if ok, err := path.Match(strings.TrimPrefix(p, "!"), host); err == nil && ok {
			if not {
				return false
			}
			found = true
		}
	}
	return found
}
