package az

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// long sends a write to Resource Manager and waits for its end, unless noWait.
// The answer is that of the resource at the end; nil with noWait.
func (c *call) long(method, path string, body any, noWait bool) (*response, error) {
	res, err := c.arm(method, path, body)
	if err != nil {
		return nil, err
	}
	if noWait {
		return nil, nil
	}
	return c.poll(res, path)
}

// pollEvery is how long az waits between two looks where the service does not say.
const pollEvery = 30 * time.Second

// poll follows a long operation to its end: by the address of its operation, by
// the address where its result will be, or by the resource's own state.
func (c *call) poll(first *response, path string) (*response, error) {
	write := first.method == http.MethodPut || first.method == http.MethodPatch
	operation, location := first.header.Get("Azure-AsyncOperation"), first.header.Get("Location")
	look := func() (*response, error) { return c.arm(http.MethodGet, path, nil) }
	state := func(r *response) string { return r.object().Str("properties", "provisioningState") }
	running := false
	switch {
	case operation != "":
		look = func() (*response, error) { return c.armURL(operation) }
		state = func(r *response) string { return r.object().Str("status") }
		running = true
	case location != "" && first.status == http.StatusAccepted:
		look = func() (*response, error) { return c.armURL(location) }
		state = func(r *response) string {
			if r.status == http.StatusAccepted {
				return "InProgress"
			}
			return ""
		}
		running = true
	case !write && first.status != http.StatusCreated:
		return first, nil
	}
	bar := c.progress()
	defer bar.stop()
	last := first
	for {
		if !running {
			switch s := state(last); strings.ToLower(s) {
			case "", "succeeded":
				return c.final(first, last, path, operation != "" || location != "" && first.status == http.StatusAccepted, location)
			case "failed", "canceled":
				return nil, operationError(s, last)
			}
		}
		running = false
		bar.step()
		err := c.p.Clock.Sleep(c.ctx, retryAfter(last))
		if err == nil && c.p.Yield != nil {
			err = c.p.Yield(c.ctx)
		}
		if err == nil {
			last, err = look()
		}
		if c.ctx.Err() != nil {
			return nil, c.cancelled(first)
		}
		if err != nil {
			return nil, err
		}
	}
}

// final is the answer with which a long operation ends.
func (c *call) final(first, last *response, path string, elsewhere bool, location string) (*response, error) {
	switch {
	case elsewhere && (first.method == http.MethodPut || first.method == http.MethodPatch):
		return c.arm(http.MethodGet, path, nil)
	case elsewhere && first.method == http.MethodPost && location != "" && last.url != armHost+strings.TrimPrefix(location, armHost):
		return c.armURL(location)
	}
	return last, nil
}

func (c *call) armURL(u string) (*response, error) {
	if !strings.HasPrefix(u, armHost+"/") {
		return nil, failf("The service answered with an address that is not its own: %s", u)
	}
	return c.arm(http.MethodGet, strings.TrimPrefix(u, armHost), nil)
}

// retryAfter is how long to wait before the next look.
func retryAfter(r *response) time.Duration {
	if n, err := strconv.Atoi(r.header.Get("Retry-After")); err == nil && n >= 0 && n <= 3600 {
		return time.Duration(n) * time.Second
	}
	return pollEvery
}

// cancelled is Ctrl-C while a long operation goes on: it goes on in the cloud.
func (c *call) cancelled(first *response) error {
	c.log("ERROR", red, "Long-running operation wait cancelled.  ")
	if id := first.object().Str("properties", "correlationId"); id != "" {
		c.info("Correlation ID: %s", id)
	}
	return context.Canceled
}

func operationError(state string, r *response) error {
	if e := r.object().Obj("error"); e.Len() > 0 {
		return &fault{text: odataError(e), exit: 1, code: e.Str("code"), body: string(r.body)}
	}
	return failf("Operation returned an invalid status '%s'\nContent: %s", state, r.body)
}

// bar is the spinner of a long operation on a terminal.
type bar struct {
	c     *call
	frame int
	shown bool
}

func (c *call) progress() *bar { return &bar{c: c} }

func (b *bar) step() {
	if b.c.quiet || !b.c.p.TTY.Err || b.c.config.flag("core", "disable_progress_bar") {
		return
	}
	fmt.Fprintf(b.c.p.Stderr, "\r\x1b[K %c Running ..\r", `-\|/`[b.frame%4])
	b.frame++
	b.shown = true
}

func (b *bar) stop() {
	if b.shown {
		io.WriteString(b.c.p.Stderr, "\r\x1b[K")
		b.shown = false
	}
}
