package curl

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/network"
)

// retries is how often a transfer may be tried again.
type retries struct {
	left  int
	wait  time.Duration // before the next try
	fixed bool
	why   string
}

func (c *command) seconds(name string) time.Duration {
	v, _ := c.lookup(name)
	n, _ := strconv.Atoi(v)
	return time.Duration(min(n, 1<<30)) * time.Second
}

func (c *command) newRetries() *retries {
	v, _ := c.lookup("retry")
	r := &retries{wait: time.Second}
	r.left, _ = strconv.Atoi(v)
	if d := c.seconds("retry-delay"); d > 0 {
		r.wait, r.fixed = d, true
	}
	return r
}

// maxWait is the longest that curl waits by itself.
const maxWait = 10 * time.Minute

// again decides whether to try once more, and after how long; spent is how long
// the transfer has taken with all its tries.
func (t *retries) again(c *command, res *result, spent time.Duration) (bool, time.Duration) {
	if t.left <= 0 {
		return false, 0
	}
	t.why = ""
	switch {
	case res.exit == 28 || res.exit == 6 || res.exit == 5:
		t.why = ": timeout"
	case res.refused && c.has("retry-connrefused"):
		t.why = ": connection refused"
	case res.exit == 0 || res.exit == 22:
		switch res.status {
		case 408, 429, 500, 502, 503, 504:
			t.why = ": HTTP error"
		}
	}
	if t.why == "" && res.exit != 0 && c.has("retry-all-errors") {
		t.why = "(retrying all errors)"
	}
	if t.why == "" {
		return false, 0
	}
	wait := t.wait
	if n, err := strconv.Atoi(res.fields.Get("Retry-After")); err == nil && n > 0 {
		wait = max(wait, time.Duration(min(n, 1<<30))*time.Second)
	}
	if limit := c.seconds("retry-max-time"); limit > 0 && spent+wait > limit {
		return false, 0
	}
	if !t.fixed {
		t.wait = min(2*t.wait, maxWait)
	}
	return true, wait
}

// announce warns of the next try.
func (t *retries) announce(c *command, wait time.Duration) {
	c.warn("Problem %s. Will retry in %d seconds. %d retries left.", t.why, wait/time.Second, t.left)
	t.left--
}

// tunnel asks a proxy for a connection to the server (CONNECT).
func (c *command) tunnel(ctx context.Context, r *request) error {
	port := r.url.Port()
	if port == "" {
		port = "443"
	}
	to := r.url.Hostname() + ":" + port
	fields := exchange.Fields{{Name: "Host", Value: to}}
	if r.proxy.user != "" {
		fields = append(fields, exchange.Field{Name: "Proxy-Authorization", Value: r.proxy.credentials()})
	}
	fields = append(fields, exchange.Field{Name: "User-Agent", Value: "curl/7.88.1"}, exchange.Field{Name: "Proxy-Connection", Value: "Keep-Alive"})
	req, err := http.NewRequestWithContext(network.WithFields(ctx, fields), http.MethodConnect, r.proxy.url.String(), nil)
	if err != nil {
		return failf(5, "Unsupported proxy syntax in '%s'", r.proxy.text)
	}
	req.URL = &url.URL{Scheme: "http", Host: r.proxy.url.Host, Opaque: to}
	res, err := c.p.Card.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return failf(56, "CONNECT tunnel failed, response %d", res.StatusCode)
	}
	return nil
}

// named moves the output to the name that the answer gives (-J).
func (c *command) named(answer *http.Response, out io.Writer, res *result) io.Writer {
	_, params, err := mime.ParseMediaType(answer.Header.Get("Content-Disposition"))
	name := path.Base(params["filename"])
	if err != nil || res.file == "" || name == "." || name == "/" {
		return out
	}
	dir, _ := c.lookup("output-dir")
	if dir != "" {
		name = dir + "/" + name
	}
	f, err := c.p.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return out
	}
	_ = c.p.FS.Remove(c.abs(res.file))
	res.file = name
	return f
}
