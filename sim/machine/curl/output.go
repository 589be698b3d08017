package curl

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
)

// toTerminal reports whether a body's place is a terminal.
func (c *command) toTerminal(out io.Writer) bool { return out == c.p.Stdout && c.p.TTY.Out }

// metered reports whether the progress meter is shown.
func (c *command) metered(out io.Writer) bool {
	return !c.has("silent") && !c.has("no-progress-meter") && !c.toTerminal(out)
}

const (
	meterHead = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
		"                                 Dload  Upload   Total   Spent    Left  Speed\n"
	meterZero = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
)

func (c *command) meterStart(out io.Writer) {
	if c.metered(out) {
		io.WriteString(c.p.Stderr, meterHead+meterZero)
	}
}

// speed is what the meter shows of a simulated network, in bytes a second for
// each byte moved: an exchange takes a hundredth of a second there.
const speed = 100

// meterEnd is the meter when a hop is over: the bytes that were announced, that
// came and that went.
func (c *command) meterEnd(expected, received, sent int, out io.Writer) {
	if !c.metered(out) {
		return
	}
	expected = max(expected, received)
	percent := func(n, of int) int {
		if of > 0 {
			return int(int64(n) * 100 / int64(of))
		}
		return 0
	}
	fmt.Fprintf(c.p.Stderr, "\r%3d %5s  %3d %5s  %3d %5s %6s %6s --:--:-- --:--:-- --:--:-- %5s\n", percent(received+sent, expected+sent), amount(expected+sent), percent(received, received), amount(received),
		percent(sent, sent), amount(sent), amount(received*speed), amount(sent*speed), amount((received+sent)*speed))
}

// amount prints bytes in at most five characters, as the meter does.
func amount(n int) string {
	switch {
	case n < 100000:
		return strconv.Itoa(n)
	case n < 10000<<10:
		return fmt.Sprintf("%4dk", n>>10)
	default:
		return fmt.Sprintf("%4dM", n>>20)
	}
}

// writeOut prints --write-out.
func (c *command) writeOut(format string, r *result) {
	to := c.p.Stdout
	var b strings.Builder
	defer func() { io.WriteString(to, b.String()) }()
	if name, ok := strings.CutPrefix(format, "@"); ok {
		if data, err := c.readArg(name); err == nil {
			format = string(data)
		}
	}
	seconds := fmt.Sprintf("%.6f", r.took.Seconds())
	vars := map[string]string{
		"http_code": fmt.Sprintf("%03d", r.status), "response_code": fmt.Sprintf("%03d", r.status), "content_type": r.contentType,
		"size_download": strconv.Itoa(r.downloaded), "size_upload": strconv.Itoa(r.uploaded), "size_header": strconv.Itoa(r.headerSize),
		"time_total": seconds, "time_starttransfer": seconds, "time_connect": seconds, "time_namelookup": "0.000000", "time_appconnect": "0.000000", "time_pretransfer": seconds, "time_redirect": "0.000000",
		"url_effective": r.effective, "num_redirects": strconv.Itoa(r.redirects), "redirect_url": r.redirectURL, "method": r.method,
		"num_headers": strconv.Itoa(len(r.fields)), "num_connects": "1", "http_version": "1.1", "scheme": strings.ToUpper(strings.SplitN(r.effective, ":", 2)[0]),
		"exitcode": strconv.Itoa(r.exit), "errormsg": r.message, "ssl_verify_result": "0", "urlnum": strconv.Itoa(r.n), "filename_effective": r.file, "local_ip": c.p.Card.Caller().Address, "referer": "", "speed_download": strconv.Itoa(r.downloaded * speed), "speed_upload": strconv.Itoa(r.uploaded * speed),
	}
	for i := 0; i < len(format); i++ {
		rest := format[i:]
		switch {
		case strings.HasPrefix(rest, "%%"):
			b.WriteByte('%')
			i++
		case strings.HasPrefix(rest, "%header{"):
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				b.WriteString(rest)
				return
			}
			b.WriteString(r.fields.Get(rest[len("%header{"):end]))
			i += end
		case strings.HasPrefix(rest, "%{"):
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				b.WriteString(rest)
				return
			}
			name := rest[2:end]
			i += end
			switch value, ok := vars[name]; {
			case name == "json":
				data, _ := json.Marshal(vars)
				b.Write(data)
			case name == "header_json":
				b.WriteString(headerJSON(r))
			case ok:
				b.WriteString(value)
			case name == "stdout" || name == "stderr":
				io.WriteString(to, b.String())
				b.Reset()
				if to = c.p.Stdout; name == "stderr" {
					to = c.p.Stderr
				}
			case name == "onerror":
				if r.exit == 0 {
					return
				}
			case name == "remote_ip" || name == "remote_port" || name == "local_port" || name == "certs" || name == "num_certs" || name == "proxy_ssl_verify_result" || name == "ftp_entry_path" || name == "http_connect":
				fmt.Fprintln(c.p.Stderr, tool.NotSimulated("curl -w %{"+name+"}"))
			default:
				fmt.Fprintf(c.p.Stderr, "curl: unknown --write-out variable: '%s'\n", name)
			}
		case rest[0] == '\\' && len(rest) > 1:
			i++
			switch rest[1] {
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteString(rest[:2])
			}
		default:
			b.WriteByte(rest[0])
		}
	}
}

func headerJSON(r *result) string {
	h := http.Header{}
	var order []string
	for _, f := range r.fields {
		name := strings.ToLower(f.Name)
		if h[name] == nil {
			order = append(order, name)
		}
		h[name] = append(h[name], f.Value)
	}
	var lines []string
	for _, name := range order {
		data, _ := json.Marshal(h[name])
		lines = append(lines, fmt.Sprintf("%q:%s", name, data))
	}
	return "{" + strings.Join(lines, ",\n") + "\n}"
}
