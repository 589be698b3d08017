package curl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/machine/vfs"
	"skylab/sim/network"
)

// result is how a transfer went, for --write-out.
type result struct {
	status, redirects, uploaded, downloaded, headerSize int
	contentType, effective, redirectURL, method         string
	took                                                time.Duration
	fields                                              exchange.Fields
	exit, n                                             int
	message                                             string
	refused                                             bool
	file                                                string // where the body went
}

// maxRedirects is how many redirections curl follows by itself.
const maxRedirects = 50

// transfer does what is asked for one URL; n counts the URLs given.
func (c *command) transfer(ctx context.Context, n int, raw string) error {
	var res *result
	var f *failure
	var err error
	begin := c.p.Clock.Now()
	for tries := c.newRetries(); ; {
		res = &result{effective: raw, method: "GET", n: n}
		began := c.p.Clock.Now()
		err = c.do(ctx, n, raw, res)
		res.took = c.p.Clock.Now().Sub(began)
		if f = nil; errors.As(err, &f) {
			res.exit, res.message = f.code, f.text
		}
		again, wait := tries.again(c, res, c.p.Clock.Now().Sub(begin))
		if !again {
			break
		}
		c.report(err)
		tries.announce(c, wait)
		if c.p.Clock.Sleep(ctx, wait) != nil {
			return failf(130, "")
		}
	}
	if format, ok := c.lookup("write-out"); ok && (f == nil || f.code != 2) {
		c.writeOut(format, res)
	}
	return err
}

func (c *command) do(ctx context.Context, n int, raw string, res *result) error {
	r, err := c.build(raw)
	if err != nil {
		if _, full, bad := parseURL(raw); bad != nil {
			res.effective = full
		}
		return err
	}
	res.effective, res.method = r.raw, r.method
	out, err := c.output(n, r, res)
	if err != nil {
		return err
	}
	if err := c.resume(r, res); err != nil {
		return err
	}
	c.toTTY = c.toTerminal(out)
	if r.from > 0 && c.metered(out) {
		fmt.Fprintf(c.p.Stderr, "** Resuming transfer from byte position %d\n", r.from)
	}
	c.meterStart(out)
	limit := maxRedirects
	if v, ok := c.lookup("max-redirs"); ok {
		if limit, err = strconv.Atoi(v); err != nil {
			return failf(2, "expected a proper numerical parameter")
		}
	}
	for {
		answer, body, err := c.send(ctx, r)
		if err != nil {
			var ne *failure
			res.refused = errors.As(err, &ne) && ne.code == 7
			if ne != nil && ne.code != 5 && ne.code != 6 && ne.code != 49 {
				c.meterEnd(0, 0, 0, out)
			}
			return err
		}
		head := headText(answer)
		if r.waits() {
			head = continued + head
		}
		expected := int(answer.ContentLength)
		if n, err := strconv.Atoi(answer.Header.Get("Content-Length")); err == nil {
			expected = n
		}
		if r.method == http.MethodHead || c.has("head") {
			body = nil
		}
		res.status, res.fields, res.contentType = answer.StatusCode, network.ResponseFields(answer), answer.Header.Get("Content-Type")
		res.headerSize += len(head)
		res.downloaded, res.uploaded = len(body), len(r.body)
		c.learn(r, answer)
		if err := c.slow(ctx, r, len(body)); err != nil {
			return err
		}
		target := redirect(r, answer)
		following := target != "" && (c.has("location") || c.has("location-trusted"))
		refusal := c.refusal(r, answer, body)
		c.narrateAnswer(r, strings.TrimPrefix(head, continued), body, following, refusal)
		if err := c.writeHead(head, out); err != nil {
			return c.fail(r, 23, err.Error())
		}
		if refusal != nil {
			if refusal.(*failure).code == 63 {
				expected = 0
			}
			c.meterEnd(expected, 0, 0, out)
			return refusal
		}
		if !following {
			res.redirectURL = target
			return c.finish(ctx, r, answer, body, expected, out, res)
		}
		c.meterEnd(len(body), len(body), len(r.body), out)
		c.narrateEnd(r, answer)
		if limit >= 0 && res.redirects >= limit {
			c.infof(c.p.Clock.Now(), "Maximum (%d) redirects followed", limit)
			return failf(47, "Maximum (%d) redirects followed", limit)
		}
		c.infof(c.p.Clock.Now(), "Issue another request to this URL: '%s'", target)
		res.redirects++
		if r, err = c.follow(r, answer.StatusCode, target); err != nil {
			return err
		}
		res.effective = r.raw
	}
}

// continued is the server's leave to send a body.
const continued = "HTTP/1.1 100 Continue\r\n\r\n"

// refusal is why curl does not take an answer's body, which it knows from the
// answer's header.
func (c *command) refusal(r *request, answer *http.Response, body []byte) error {
	if answer.StatusCode >= 400 && c.has("fail") && !c.has("fail-with-body") && !(r.from > 0 && answer.StatusCode == 416) {
		return failf(22, "The requested URL returned error: %d", answer.StatusCode)
	}
	if v, ok := c.lookup("max-filesize"); ok {
		if n, err := strconv.Atoi(v); err == nil && n > 0 && len(body) > n {
			return failf(63, "Maximum file size exceeded")
		}
	}
	if r.from > 0 && !r.upload && r.method == http.MethodGet && answer.StatusCode/100 == 2 && !strings.HasPrefix(answer.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", r.from)) {
		return failf(33, "HTTP server doesn't seem to support byte ranges. Cannot resume.")
	}
	return nil
}

// fail narrates a failure within a connection and returns it.
func (c *command) fail(r *request, code int, text string) error {
	c.narrateFailure(r, text)
	return failf(code, "%s", text)
}

// resume is -C: the transfer goes on at a byte of what it fetches or sends.
func (c *command) resume(r *request, res *result) error {
	v, ok := c.lookup("continue-at")
	if !ok {
		return nil
	}
	n, _ := strconv.ParseInt(v, 10, 64)
	if v == "-" && !r.upload && res.file != "" {
		if i, err := c.p.FS.Stat(c.abs(res.file)); err == nil {
			n = i.Size()
		}
	}
	if r.from = n; n == 0 {
		return nil
	}
	if len(r.body) > 0 || r.upload {
		whole := int64(len(r.body))
		if n >= whole {
			return failf(18, "File already completely uploaded")
		}
		r.body = r.body[n:]
		for i, f := range r.fields {
			if f.Name == "Content-Length" {
				r.fields[i].Value = strconv.Itoa(len(r.body))
			}
		}
		r.ranged("Content-Range", fmt.Sprintf("bytes %d-%d/%d", n, whole-1, whole))
		return nil
	}
	r.ranged("Range", fmt.Sprintf("bytes=%d-", n))
	return nil
}

// ranged adds a field before those that tell of the client, where ranges stand.
func (r *request) ranged(name, value string) {
	i := slices.IndexFunc(r.fields, func(f exchange.Field) bool {
		return f.Name != "Host" && f.Name != "Authorization" && f.Name != "Proxy-Authorization"
	})
	if i < 0 {
		i = len(r.fields)
	}
	r.fields = slices.Insert(r.fields, i, exchange.Field{Name: name, Value: value})
}

// unreachable words a network failure as curl does, with its exit code.
func (c *command) unreachable(err error, r *request, took time.Duration) error {
	var ne *network.Error
	if f := (*failure)(nil); errors.As(err, &f) {
		return f
	}
	if !errors.As(err, &ne) {
		return failf(130, "")
	}
	if ne.Kind == network.Refused || ne.Kind == network.TimedOut {
		ne = &network.Error{Kind: ne.Kind, Host: r.to.host, Port: ne.Port}
		if r.to.cached && !r.to.instead {
			ne.Host = r.url.Hostname()
		}
	}
	ms := took.Milliseconds()
	switch ne.Kind {
	case network.NoSuchHost:
		if r.proxy != nil {
			return failf(5, "Could not resolve proxy: %s", ne.Host)
		}
		return failf(6, "Could not resolve host: %s", ne.Host)
	case network.Refused:
		return failf(7, "Failed to connect to %s port %s after %d ms: Couldn't connect to server", ne.Host, ne.Port, ms)
	case network.TimedOut:
		if _, ok := c.lookup("max-time"); ok {
			return failf(28, "Connection timed out after %d milliseconds", ms+1)
		}
		if _, ok := c.lookup("connect-timeout"); ok {
			return failf(28, "Failed to connect to %s port %s after %d ms: Timeout was reached", ne.Host, ne.Port, ms+1)
		}
		return failf(28, "Failed to connect to %s port %s after %d ms: Couldn't connect to server", ne.Host, ne.Port, ms)
	case network.WrongScheme:
		return failf(35, "error:0A00010B:SSL routines::wrong version number")
	default:
		return failf(52, "Empty reply from server")
	}
}

// headText is the answer's header as it came over the wire.
func headText(r *http.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\n", r.Status)
	for _, f := range network.ResponseFields(r) {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	return b.String()
}

// writeHead writes an answer's header line by line, to where -D and -i say.
func (c *command) writeHead(head string, out io.Writer) error {
	file, err := c.dumpFile()
	for _, line := range strings.SplitAfter(head, "\n") {
		if file != nil && err == nil {
			_, err = io.WriteString(file, line)
		}
		if (c.has("include") || c.has("head")) && err == nil {
			_, err = io.WriteString(out, line)
		}
	}
	if err != nil {
		return failf(23, "Failure writing output to destination")
	}
	return nil
}

// dumpFile is where -D writes, or nil. The headers of all transfers go there.
func (c *command) dumpFile() (io.Writer, error) {
	name, ok := c.lookup("dump-header")
	if !ok || name == "-" {
		if ok {
			return c.p.Stdout, nil
		}
		return nil, nil
	}
	if _, w := c.p.Stream(name); w != nil {
		return w, nil
	}
	if c.dumped == nil {
		f, err := c.p.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return nil, err
		}
		c.dumped = f
	}
	return c.dumped, nil
}

// output is where the body goes; it counts as a terminal when it is one.
func (c *command) output(n int, r *request, res *result) (io.Writer, error) {
	name := ""
	if list := c.values("output"); n < len(list) {
		name = list[n]
	} else if c.has("remote-name") || c.has("remote-name-all") {
		if name = path.Base(r.url.Path); strings.HasSuffix(r.url.Path, "/") {
			return nil, failf(23, "Remote file name has no length!")
		}
	}
	if name == "" || name == "-" {
		return c.p.Stdout, nil
	}
	if dir, ok := c.lookup("output-dir"); ok {
		name = dir + "/" + name
	}
	if c.has("create-dirs") {
		if err := c.p.FS.MkdirAll(path.Dir(c.abs(name)), 0o750); err != nil {
			return nil, failf(23, "Failure writing output to destination")
		}
	}
	for i := 1; c.has("no-clobber") && i < 100; i++ {
		if _, err := c.p.FS.Stat(c.abs(name)); err != nil {
			break
		}
		name = strings.TrimSuffix(name, "."+strconv.Itoa(i-1)) + "." + strconv.Itoa(i)
	}
	res.file = name
	return &target{c: c, name: c.abs(name), given: name}, nil
}

// target is a file that a body goes to. It is made when something comes.
type target struct {
	c           *command
	name, given string
	w           io.Writer
}

func (t *target) Write(data []byte) (int, error) {
	if err := t.open(); err != nil {
		return 0, err
	}
	return t.w.Write(data)
}

func (t *target) open() (err error) {
	if t.w != nil {
		return nil
	}
	if _, w := t.c.p.Stream(t.name); w != nil {
		t.w = w
		return nil
	}
	how := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if t.c.has("continue-at") {
		how = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	if t.w, err = t.c.p.FS.OpenFile(t.name, how, 0o644); err != nil {
		t.c.warn("Failed to open the file %s: %s", t.given, vfs.Errno(err))
	}
	return err
}

func (c *command) finish(ctx context.Context, r *request, answer *http.Response, body []byte, expected int, out io.Writer, res *result) error {
	if r.from > 0 && answer.StatusCode == 416 { // there is no more
		body = nil
	}
	if c.has("remote-header-name") {
		out = c.named(answer, out, res)
	}
	var err error
	if t, ok := out.(*target); ok {
		err = t.open()
	}
	if len(body) > 0 && err == nil {
		_, err = out.Write(body)
	}
	if err != nil {
		c.infof(c.p.Clock.Now(), "Failure writing output to destination")
		c.meterEnd(expected, len(body), len(r.body), out)
		c.narrateClose(r)
		return failf(23, "Failure writing output to destination")
	}
	if m, ok := c.lookup("request"); ok && m == http.MethodHead && !c.has("head") && expected > 0 {
		return c.bodyless(ctx, r, expected, out)
	}
	c.meterEnd(expected, len(body), len(r.body), out)
	c.narrateEnd(r, answer)
	if answer.StatusCode >= 400 && c.has("fail-with-body") {
		return failf(22, "The requested URL returned error: %d", answer.StatusCode)
	}
	return nil
}

// serverPatience is how long servers keep a connection on which nothing happens.
const serverPatience = 2 * time.Minute

// bodyless is what comes of -X HEAD without -I: curl waits for a body that
// never comes, until its time is over or the server closes the connection.
func (c *command) bodyless(ctx context.Context, r *request, expected int, out io.Writer) error {
	wait := serverPatience
	limit := c.fraction("max-time")
	if limit > 0 && limit < wait {
		wait = limit
	}
	if err := c.p.Clock.Sleep(ctx, wait); err != nil {
		return failf(130, "")
	}
	c.meterEnd(expected, 0, 0, out)
	if wait == limit {
		return c.fail(r, 28, fmt.Sprintf("Operation timed out after %d milliseconds with 0 out of %d bytes received", wait.Milliseconds()+1, expected))
	}
	return c.fail(r, 18, fmt.Sprintf("transfer closed with %d bytes remaining to read", expected))
}

// noteMethod says what curl finds odd about -X.
func (c *command) noteMethod(r *request, inferred string) {
	switch m, ok := c.lookup("request"); {
	case !ok || c.has("silent"):
	case m == inferred && c.trace.mode != "":
		fmt.Fprintf(c.p.Stderr, "Note: Unnecessary use of -X or --request, %s is already inferred.\n", m)
	case m == http.MethodHead && m != inferred:
		c.warn("Setting custom HTTP method to HEAD with -X/--request may not work the way you want. Consider using -I/--head instead.")
	}
}
