package curl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"skylab/sim/exchange"
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
	if format, ok := c.lookup("write-out"); ok && (f == nil || f.code != 2 && f.code != 3) {
		c.writeOut(format, res)
	}
	return err
}

func (c *command) do(ctx context.Context, n int, raw string, res *result) error {
	r, err := c.build(raw)
	if err != nil {
		return err
	}
	res.effective, res.method = r.url.String(), r.method
	if !strings.Contains(raw, "#") {
		res.effective = r.raw
		if r.url.Path == "/" && !strings.HasSuffix(r.raw, "/") && r.url.RawQuery == "" {
			res.effective += "/"
		}
	}
	out, err := c.output(n, r, res)
	if err != nil {
		return err
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
			return err
		}
		head := headText(answer)
		res.status, res.fields, res.contentType = answer.StatusCode, network.ResponseFields(answer), answer.Header.Get("Content-Type")
		res.headerSize += len(head)
		res.downloaded, res.uploaded = len(body), len(r.body)
		c.learn(r, answer)
		c.narrateAnswer(head, body, out)
		if err := c.dump(head); err != nil {
			return err
		}
		if c.has("include") || c.has("head") {
			io.WriteString(out, head)
		}
		target := redirect(r, answer)
		if target == "" || !c.has("location") && !c.has("location-trusted") {
			res.redirectURL = target
			return c.finish(r, answer, body, out, res)
		}
		if limit >= 0 && res.redirects >= limit {
			return failf(47, "Maximum (%d) redirects followed", limit)
		}
		res.redirects++
		if r, err = c.follow(r, answer.StatusCode, target); err != nil {
			return err
		}
		res.effective = r.raw
	}
}

// send does one exchange and reads the answer whole.
func (c *command) send(ctx context.Context, r *request) (*http.Response, []byte, error) {
	patience := time.Duration(0)
	for _, name := range []string{"connect-timeout", "max-time"} {
		if v, ok := c.lookup(name); ok {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil || f < 0 {
				return nil, nil, failf(2, "expected a proper numerical parameter")
			}
			if d := time.Duration(f * float64(time.Second)); patience == 0 || d < patience {
				patience = d
			}
		}
	}
	began := c.p.Clock.Now()
	rctx := network.WithFields(network.WithPatience(ctx, patience), r.fields)
	req, err := http.NewRequestWithContext(rctx, r.method, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, failf(3, "URL using bad/illegal format or missing URL")
	}
	c.narrateRequest(r)
	switch {
	case r.proxy != nil && r.url.Scheme == "https":
		if err := c.tunnel(network.WithPatience(ctx, patience), r, began); err != nil {
			return nil, nil, err
		}
	case r.proxy != nil:
		u := *r.proxy.url
		u.Opaque = "//" + r.url.Host + r.url.RequestURI()
		req.URL = &u
	case r.target != "":
		u, err := url.Parse(r.target)
		if err != nil || u.IsAbs() || !strings.HasPrefix(r.target, "/") {
			u = &url.URL{Opaque: r.target}
		}
		u.Scheme, u.Host = r.url.Scheme, r.url.Host
		req.URL = u
	}
	res, err := c.p.Card.RoundTrip(req)
	if err != nil {
		return nil, nil, c.unreachable(err, r, c.p.Clock.Now().Sub(began))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, failf(56, "Recv failure: Connection reset by peer")
	}
	return res, body, nil
}

// unreachable words a network failure as curl does, with its exit code.
func (c *command) unreachable(err error, r *request, took time.Duration) error {
	var ne *network.Error
	if !errors.As(err, &ne) {
		return failf(130, "")
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

func (c *command) dump(head string) error {
	name, ok := c.lookup("dump-header")
	if !ok {
		return nil
	}
	if name == "-" {
		io.WriteString(c.p.Stdout, head)
		return nil
	}
	if err := c.p.FS.WriteFile(c.abs(name), []byte(head), 0o644); err != nil {
		return failf(23, "Failure writing output to destination")
	}
	return nil
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
	f, err := c.p.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, failf(23, "Failure writing output to destination")
	}
	return f, nil
}

func (c *command) finish(r *request, answer *http.Response, body []byte, out io.Writer, res *result) error {
	failed := answer.StatusCode >= 400
	if failed && c.has("fail") && !c.has("fail-with-body") {
		return failf(22, "The requested URL returned error: %d", answer.StatusCode)
	}
	if r.method == http.MethodHead || c.has("head") {
		body = nil
	}
	if v, ok := c.lookup("max-filesize"); ok {
		if n, err := strconv.Atoi(v); err == nil && n > 0 && len(body) > n {
			return failf(63, "Maximum file size exceeded")
		}
	}
	if c.has("remote-header-name") {
		out = c.named(answer, out, res)
	}
	if _, err := out.Write(body); err != nil {
		return failf(23, "Failure writing output to destination")
	}
	c.meterEnd(len(body), len(r.body), out)
	if failed && c.has("fail-with-body") {
		return failf(22, "The requested URL returned error: %d", answer.StatusCode)
	}
	return nil
}
