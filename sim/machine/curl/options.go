package curl

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
)

// table is the table from which parsing, help and completion derive.
var table = []tool.Option{
	{Short: "H", Long: "header", Arg: "header/@file", Help: "send this header field"},
	{Short: "X", Long: "request", Arg: "method", Help: "use this method"},
	{Short: "d", Long: "data", Arg: "data", Help: "send this body as a form (POST)"},
	{Long: "data-ascii", Arg: "data", Help: "same as -d"},
	{Long: "data-raw", Arg: "data", Help: "same as -d, @ without meaning"},
	{Long: "data-binary", Arg: "data", Help: "same as -d, line ends kept"},
	{Long: "data-urlencode", Arg: "data", Help: "same as -d, encoded for URLs"},
	{Long: "json", Arg: "data", Help: "send this body as JSON (POST)"},
	{Short: "F", Long: "form", Arg: "name=content", Help: "send a part of a multipart form (POST)"},
	{Long: "form-string", Arg: "name=string", Help: "same as -F, the content as it stands"},
	{Short: "G", Long: "get", Help: "put the data into the URL"},
	{Long: "url-query", Arg: "data", Help: "add this to the URL's query"},
	{Short: "I", Long: "head", Help: "ask for the header only"},
	{Short: "i", Long: "include", Help: "print the answer's header too"},
	{Short: "L", Long: "location", Help: "follow redirections"},
	{Long: "location-trusted", Help: "same as -L, credentials go to other hosts too"},
	{Long: "max-redirs", Arg: "num", Help: "how many redirections to follow (50)"},
	{Long: "post301", Help: "stay with POST after 301"},
	{Long: "post302", Help: "stay with POST after 302"},
	{Long: "post303", Help: "stay with POST after 303"},
	{Short: "T", Long: "upload-file", Arg: "file", Help: "send this file (PUT)"},
	{Short: "s", Long: "silent", Help: "no progress meter, no errors"},
	{Short: "S", Long: "show-error", Help: "errors even with -s"},
	{Short: "v", Long: "verbose", Help: "print the conversation"},
	{Short: "w", Long: "write-out", Arg: "format", Help: "print FORMAT after the transfer"},
	{Short: "o", Long: "output", Arg: "file", Help: "write the body to a file"},
	{Long: "output-dir", Arg: "dir", Help: "where -o and -O write"},
	{Long: "create-dirs", Help: "make the directories that -o names"},
	{Short: "O", Long: "remote-name", Help: "write the body to a file of the URL's name"},
	{Long: "remote-name-all", Help: "-O for every URL"},
	{Short: "J", Long: "remote-header-name", Help: "-O takes the name that the server gives"},
	{Short: "D", Long: "dump-header", Arg: "file", Help: "write the answer's header to a file"},
	{Short: "f", Long: "fail", Help: "fail without a body on HTTP errors"},
	{Long: "fail-with-body", Help: "fail on HTTP errors, body kept"},
	{Long: "fail-early", Help: "stop at the first transfer that fails"},
	{Short: "u", Long: "user", Arg: "user:password", Help: "send Basic credentials"},
	{Long: "basic", Help: "credentials are Basic, as they are anyway"},
	{Long: "oauth2-bearer", Arg: "token", Help: "send a bearer token"},
	{Short: "k", Long: "insecure", Help: "do not check certificates"},
	{Short: "A", Long: "user-agent", Arg: "name", Help: "send this User-Agent"},
	{Short: "e", Long: "referer", Arg: "URL", Help: "send this Referer"},
	{Short: "b", Long: "cookie", Arg: "data|file", Help: "send these cookies, or those of a file"},
	{Short: "c", Long: "cookie-jar", Arg: "file", Help: "write the cookies to a file"},
	{Short: "j", Long: "junk-session-cookies", Help: "leave out the file's cookies without an end"},
	{Short: "n", Long: "netrc", Help: "take credentials from ~/.netrc"},
	{Long: "netrc-file", Arg: "filename", Help: "take credentials from this file"},
	{Short: "z", Long: "time-cond", Arg: "time", Help: "only what is newer than a date or a file; -date: older"},
	{Short: "r", Long: "range", Arg: "range", Help: "ask for these bytes only"},
	{Short: "m", Long: "max-time", Arg: "seconds", Help: "give up after so long"},
	{Long: "connect-timeout", Arg: "seconds", Help: "give up connecting after so long"},
	{Long: "retry", Arg: "num", Help: "try again so often after passing problems"},
	{Long: "retry-delay", Arg: "seconds", Help: "wait so long between tries"},
	{Long: "retry-max-time", Arg: "seconds", Help: "do not try again after so long"},
	{Long: "retry-connrefused", Help: "a refused connection is a passing problem too"},
	{Long: "retry-all-errors", Help: "every error is a passing problem"},
	{Short: "x", Long: "proxy", Arg: "proxy", Help: "send through this HTTP proxy"},
	{Short: "U", Long: "proxy-user", Arg: "user:password", Help: "credentials for the proxy"},
	{Long: "noproxy", Arg: "hosts", Help: "hosts to reach without a proxy"},
	{Short: "K", Long: "config", Arg: "file", Help: "read options from a file"},
	{Short: "q", Long: "disable", Help: "do not read .curlrc (first option)"},
	{Short: ":", Long: "next", Help: "begin options of their own for what follows"},
	{Long: "compressed", Help: "ask for a compressed answer"},
	{Long: "request-target", Arg: "path", Help: "send this in place of the URL's path"},
	{Long: "path-as-is", Help: "leave .. in the URL's path"},
	{Long: "max-filesize", Arg: "bytes", Help: "do not read bodies larger than this"},
	{Short: "C", Long: "continue-at", Arg: "offset", Help: "go on with a transfer at this byte; -: where the file ends"},
	{Long: "resolve", Arg: "[+]host:port:addr[,addr]...", Help: "reach this host at these addresses"},
	{Long: "connect-to", Arg: "HOST1:PORT1:HOST2:PORT2", Help: "connect to the second host instead of the first"},
	{Long: "limit-rate", Arg: "speed", Help: "no more bytes a second than this"},
	{Long: "trace", Arg: "file", Help: "write the conversation in hexadecimal to a file; -: standard output"},
	{Long: "trace-ascii", Arg: "file", Help: "same as --trace, the text alone"},
	{Long: "trace-time", Help: "the time before each line of -v and --trace"},
	{Long: "stderr", Arg: "file", Help: "write errors and -v to a file"},
	{Short: "g", Long: "globoff", Help: "take {} and [] in URLs as they stand"},
	{Short: "N", Long: "no-buffer", Help: "do not buffer the output"},
	{Long: "no-clobber", Help: "do not overwrite files; add a number to the name"},
	{Long: "no-keepalive", Help: "taken, without effect"},
	{Long: "no-sessionid", Help: "taken, without effect"},
	{Long: "no-alpn", Help: "taken, without effect"},
	{Long: "no-progress-meter", Help: "no progress meter"},
	{Short: "#", Long: "progress-bar", Help: "a bar instead of the meter"},
	{Long: "styled-output", Help: "taken, without effect"},
	{Short: "4", Long: "ipv4", Help: "taken, the network has only this"},
	{Long: "http1.1", Help: "use HTTP 1.1"},
	{Short: "1", Long: "tlsv1", Help: "taken, without effect"},
	{Long: "tlsv1.2", Help: "taken, without effect"}, {Long: "tlsv1.3", Help: "taken, without effect"},
	{Long: "tls-max", Arg: "VERSION", Help: "taken, without effect"},
	{Long: "tcp-nodelay", Help: "taken, without effect"},
	{Long: "ssl-no-revoke", Help: "taken, without effect"},
	{Long: "keepalive-time", Arg: "seconds", Help: "taken, without effect"},
	{Long: "expect100-timeout", Arg: "seconds", Help: "taken, without effect"},
	{Long: "url", Arg: "url", Help: "the URL, as an option"},
	{Short: "V", Long: "version", Help: "print the version"},
	{Short: "h", Long: "help", Help: "print this help"},
	{Short: "M", Long: "manual", Help: "print the manual"},
}

// options is the table and what is real besides, for help and completion.
func options() []tool.Option {
	out := slices.Clone(table)
	for _, name := range absent() {
		out = append(out, tool.Option{Long: name, Real: true})
	}
	return out
}

// canonical is an option's name without the "no-" that is part of it.
func canonical(o tool.Option) string { return strings.TrimPrefix(o.Long, "no-") }

// global are the options that hold for all transfers, whichever side of --next
// they stand on.
var global = map[string]bool{"trace": true, "trace-ascii": true, "trace-time": true, "silent": true, "show-error": true, "verbose": true, "progress-bar": true, "no-progress-meter": true, "stderr": true, "fail-early": true, "styled-output": true, "help": true, "manual": true, "version": true}

// command is a command line taken apart, as far as the next --next.
type command struct {
	p      *tool.Process
	opts   []tool.Opt
	shared *[]tool.Opt // those that hold for all
	urls   []string
	jar    *jar
	keeps  bool               // cookies, in the jar
	random func(n int) string // hexadecimal digits

	connections *pool
	trace       *trace
	toTTY       bool      // the body goes to a terminal
	dumped      io.Writer // the file of -D, once it is open
}

func (c *command) has(name string) bool { _, ok := c.lookup(name); return ok }

func (c *command) lookup(name string) (string, bool) {
	opts := c.opts
	if global[name] {
		opts = *c.shared
	}
	for i := len(opts) - 1; i >= 0; i-- {
		if opts[i].Name == name {
			return opts[i].Value, true
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

// next is an empty command behind --next.
func (c *command) next() *command {
	return &command{p: c.p, shared: c.shared, jar: c.jar, random: c.random, connections: c.connections}
}

func isNotSimulated(text string) bool { return strings.HasPrefix(text, "skylab: ") }

// parse reads curl's own way of options: clusters of letters, attached
// arguments, long names by any unambiguous prefix, and no "=".
func parse(first *command, args []string) ([]*command, error) {
	all := []*command{first}
	options := true
	for i := 0; i < len(args); i++ {
		a, c := args[i], all[len(all)-1]
		next := func() (string, error) {
			if i++; i >= len(args) {
				return "", failf(2, "option %s: requires parameter", a)
			}
			return args[i], nil
		}
		add := func(o realOption, negated bool, value string) error {
			if o.name == "next" {
				if len(c.urls) > 0 {
					all = append(all, c.next())
				}
				return nil
			}
			return c.add(o, negated, a, value)
		}
		switch {
		case options && a == "--":
			options = false
		case options && strings.HasPrefix(a, "--"):
			o, negated, err := longOption(a)
			value := ""
			if err == nil && o.arg {
				value, err = next()
			}
			if err == nil {
				err = add(o, negated, value)
			}
			if err != nil {
				return all, err
			}
		case options && len(a) > 1 && a[0] == '-':
			for j, r := range a[1:] {
				o, negated, ok := shortOption(string(r))
				if !ok {
					return all, failf(2, "option %s: is unknown", a)
				}
				value := ""
				var err error
				if o.arg {
					if value = a[1+j+len(string(r)):]; value == "" {
						value, err = next()
					}
				}
				if err == nil {
					err = add(o, negated, value)
				}
				if err != nil {
					return all, err
				}
				if o.arg {
					break
				}
			}
		case options && a == "-":
			return all, failf(2, "option -: is unknown")
		default:
			c.urls = append(c.urls, a)
		}
	}
	return all, nil
}

// numeric are the options whose argument is a number; true allows a fraction.
var numeric = map[string]bool{"max-redirs": false, "max-time": true, "connect-timeout": true, "retry": false, "retry-delay": false, "retry-max-time": false, "keepalive-time": false, "expect100-timeout": true, "max-filesize": false}

func (c *command) add(o realOption, negated bool, as, value string) error {
	i := slices.IndexFunc(table, func(x tool.Option) bool { return canonical(x) == o.name })
	if i < 0 {
		return failf(2, "%s", tool.NotSimulated("curl --"+o.name))
	}
	name := table[i].Long
	if fraction, ok := numeric[name]; ok {
		if err := checkNumber(as, value, fraction); err != nil {
			return err
		}
	}
	opts := &c.opts
	if global[name] {
		opts = c.shared
	}
	if negated != strings.HasPrefix(name, "no-") || name == "noproxy" && negated { // taken back
		*opts = slices.DeleteFunc(*opts, func(o tool.Opt) bool { return o.Name == name })
		return nil
	}
	switch name {
	case "verbose", "trace", "trace-ascii":
		if mode, _ := c.traceMode(); mode != "" && mode != name {
			c.warn("%s overrides an earlier trace/verbose option", traced[name])
		}
	case "continue-at":
		if value == "-" {
			break
		}
		if err := checkNumber(as, value, false); err != nil {
			return err
		}
		if c.has("range") {
			*opts = slices.DeleteFunc(*opts, func(o tool.Opt) bool { return o.Name == "range" })
		}
	case "limit-rate":
		if _, ok := c.rate(value); !ok {
			return failf(2, "option %s: is badly used here", as)
		}
	case "url":
		c.urls = append(c.urls, value)
	case "config":
		return c.config(value, as)
	case "range":
		c.checkRange(value)
	case "form", "form-string":
		if !strings.Contains(value, "=") {
			c.warn("Illegally formatted input field!")
			return failf(2, "option %s: is badly used here", as)
		}
	}
	*opts = append(*opts, tool.Opt{Name: name, Value: value})
	return nil
}

func checkNumber(as, value string, fraction bool) error {
	if fraction {
		if f, err := strconv.ParseFloat(value, 64); err != nil || f < 0 {
			return failf(2, "option %s: expected a proper numerical parameter", as)
		}
		return nil
	}
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return failf(2, "option %s: expected a proper numerical parameter", as)
	case n < 0 && !(as == "--max-redirs" && n == -1):
		return failf(2, "option %s: expected a positive numerical parameter", as)
	}
	return nil
}

// checkRange warns of a range that servers may not take.
func (c *command) checkRange(value string) {
	if strings.Trim(value, "0123456789-,") != "" {
		c.warn("Invalid character is found in given range. A specified range MUST have only digits in 'start'-'stop'. The server's response to this request is uncertain.")
	}
}

// warn prints a warning, broken into lines as curl does, unless -s.
func (c *command) warn(format string, args ...any) {
	if c.has("silent") {
		return
	}
	const width = 79 - len("Warning: ")
	text := fmt.Sprintf(format, args...)
	for text != "" {
		line := text
		if len(line) > width {
			cut := strings.LastIndexAny(line[:width], " \t")
			if cut < 1 {
				cut = width - 1
			}
			line = line[:cut+1]
		}
		fmt.Fprintf(c.p.Stderr, "Warning: %s\n", line)
		text = text[len(line):]
	}
}

func shortOption(letter string) (o realOption, negated, ok bool) {
	name := realLetters[letter]
	switch letter { // of options whose name says more than the letter
	case "6":
		name = "ipv6"
	case "0":
		name = "http1.0"
	case "z":
		name = "time-cond"
	}
	for _, s := range table {
		if s.Short == letter {
			name, negated = canonical(s), s.Long != canonical(s)
		}
	}
	if name == "" {
		return o, false, false
	}
	o, hits := real(name)
	return o, negated, hits == 1
}

func longOption(text string) (o realOption, negated bool, err error) {
	word := text[2:]
	if len(word) > 3 && strings.HasPrefix(strings.ToLower(word), "no-") {
		word, negated = word[3:], true
	}
	o, hits := real(word)
	switch {
	case hits == 0:
		return o, false, failf(2, "option %s: is unknown", text)
	case hits > 1:
		return o, false, failf(2, "option %s: is ambiguous", text)
	case negated && (o.arg || o.bar):
		return o, false, failf(2, "option %s: used '--no-' for option that isn't a boolean", text)
	}
	return o, negated, nil
}
