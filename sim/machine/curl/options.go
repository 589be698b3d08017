package curl

import (
	"strings"

	"skylab/sim/machine/tool"
)

// options is the table from which parsing, help and completion derive.
var options = []tool.Option{
	{Short: "H", Long: "header", Arg: "header/@file", Help: "send this header field"},
	{Short: "X", Long: "request", Arg: "method", Help: "use this method"},
	{Short: "d", Long: "data", Arg: "data", Help: "send this body as a form (POST)"},
	{Long: "data-ascii", Arg: "data", Help: "same as -d"},
	{Long: "data-raw", Arg: "data", Help: "same as -d, @ without meaning"},
	{Long: "data-binary", Arg: "data", Help: "same as -d, line ends kept"},
	{Long: "data-urlencode", Arg: "data", Help: "same as -d, encoded for URLs"},
	{Long: "json", Arg: "data", Help: "send this body as JSON (POST)"},
	{Short: "G", Long: "get", Help: "put the data into the URL"},
	{Short: "I", Long: "head", Help: "ask for the header only"},
	{Short: "i", Long: "include", Help: "print the answer's header too"},
	{Short: "L", Long: "location", Help: "follow redirections"},
	{Long: "max-redirs", Arg: "num", Help: "how many redirections to follow (50)"},
	{Short: "T", Long: "upload-file", Arg: "file", Help: "send this file (PUT)"},
	{Short: "s", Long: "silent", Help: "no progress meter, no errors"},
	{Short: "S", Long: "show-error", Help: "errors even with -s"},
	{Short: "v", Long: "verbose", Help: "print the conversation"},
	{Short: "w", Long: "write-out", Arg: "format", Help: "print FORMAT after the transfer"},
	{Short: "o", Long: "output", Arg: "file", Help: "write the body to a file"},
	{Short: "O", Long: "remote-name", Help: "write the body to a file of the URL's name"},
	{Short: "D", Long: "dump-header", Arg: "file", Help: "write the answer's header to a file"},
	{Short: "f", Long: "fail", Help: "fail without a body on HTTP errors"},
	{Long: "fail-with-body", Help: "fail on HTTP errors, body kept"},
	{Short: "u", Long: "user", Arg: "user:password", Help: "send Basic credentials"},
	{Long: "oauth2-bearer", Arg: "token", Help: "send a bearer token"},
	{Short: "k", Long: "insecure", Help: "do not check certificates"},
	{Short: "A", Long: "user-agent", Arg: "name", Help: "send this User-Agent"},
	{Short: "e", Long: "referer", Arg: "URL", Help: "send this Referer"},
	{Short: "b", Long: "cookie", Arg: "data", Help: "send these cookies"},
	{Short: "m", Long: "max-time", Arg: "seconds", Help: "give up after so long"},
	{Long: "connect-timeout", Arg: "seconds", Help: "give up connecting after so long"},
	{Long: "compressed", Help: "ask for a compressed answer"},
	{Short: "g", Long: "globoff", Help: "take {} and [] in URLs as they stand"},
	{Short: "N", Long: "no-buffer", Help: "do not buffer the output"},
	{Short: "#", Long: "progress-bar", Help: "a bar instead of the meter"},
	{Long: "noproxy", Arg: "hosts", Help: "hosts to reach without a proxy"},
	{Long: "http1.1", Help: "use HTTP 1.1"},
	{Long: "url", Arg: "url", Help: "the URL, as an option"},
	{Short: "V", Long: "version", Help: "print the version"},
	{Short: "h", Long: "help", Help: "print this help"},
	{Short: "M", Long: "manual", Help: "print the manual"},
	{Short: "x", Long: "proxy", Arg: "proxy", Real: true},
	{Short: "F", Long: "form", Arg: "name=content", Real: true},
	{Short: "K", Long: "config", Arg: "file", Real: true},
	{Short: "c", Long: "cookie-jar", Arg: "file", Real: true},
	{Short: "r", Long: "range", Arg: "range", Real: true},
	{Short: "z", Long: "time-cond", Arg: "time", Real: true},
	{Long: "retry", Arg: "num", Real: true},
	{Short: "E", Long: "cert", Arg: "certificate", Real: true},
	{Long: "cacert", Arg: "file", Real: true},
	{Long: "resolve", Arg: "host:port:addr", Real: true},
	{Long: "http2", Real: true}, {Long: "http3", Real: true}, {Long: "next", Real: true}, {Long: "parallel", Real: true}, {Long: "unix-socket", Arg: "path", Real: true},
}

// command is a command line taken apart.
type command struct {
	p    *tool.Process
	opts []tool.Opt
	urls []string
}

func (c *command) has(name string) bool { _, ok := c.lookup(name); return ok }

func (c *command) lookup(name string) (string, bool) {
	for i := len(c.opts) - 1; i >= 0; i-- {
		if c.opts[i].Name == name {
			return c.opts[i].Value, true
		}
	}
	return "", false
}

func (c *command) values(name string) []string {
	var out []string
	for _, o := range c.opts {
		if o.Name == name {
			out = append(out, o.Value)
		}
	}
	return out
}

func isNotSimulated(text string) bool { return strings.HasPrefix(text, "skylab: ") }

// parse reads curl's own way of options: clusters of letters, attached
// arguments, long names by any unambiguous prefix, and no "=".
func parse(p *tool.Process) (*command, error) {
	c := &command{p: p}
	args := p.Args[1:]
	options := true
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case options && a == "--":
			options = false
		case options && strings.HasPrefix(a, "--"):
			o, err := longOption(a)
			if err != nil {
				return c, err
			}
			value := ""
			if o.Arg != "" {
				if i++; i >= len(args) {
					return c, failf(2, "option %s: requires parameter", a)
				}
				value = args[i]
			}
			if err := c.add(o, a, value); err != nil {
				return c, err
			}
		case options && len(a) > 1 && a[0] == '-':
			for j, r := range a[1:] {
				o, ok := shortOption(string(r))
				if !ok {
					return c, failf(2, "option %s: is unknown", a)
				}
				value := ""
				if o.Arg != "" {
					if value = a[1+j+len(string(r)):]; value == "" {
						if i++; i >= len(args) {
							return c, failf(2, "option %s: requires parameter", a)
						}
						value = args[i]
					}
				}
				if err := c.add(o, "-"+string(r), value); err != nil {
					return c, err
				}
				if o.Arg != "" {
					break
				}
			}
		case options && a == "-":
			return c, failf(2, "option -: is unknown")
		default:
			c.urls = append(c.urls, a)
		}
	}
	return c, nil
}

func (c *command) add(o tool.Option, as, value string) error {
	if o.Real {
		return failf(2, "%s", tool.NotSimulated("curl "+as))
	}
	if o.Long == "url" {
		c.urls = append(c.urls, value)
	}
	c.opts = append(c.opts, tool.Opt{Name: o.Long, Value: value})
	return nil
}

func shortOption(letter string) (tool.Option, bool) {
	for _, o := range options {
		if o.Short == letter {
			return o, true
		}
	}
	return tool.Option{}, false
}

func longOption(text string) (tool.Option, error) {
	name := text[2:]
	var found []tool.Option
	for _, o := range options {
		if o.Long == name {
			return o, nil
		}
		if strings.HasPrefix(o.Long, name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return tool.Option{}, failf(2, "option %s: is unknown", text)
	case 1:
		return found[0], nil
	}
	return tool.Option{}, failf(2, "option %s: is ambiguous", text)
}
