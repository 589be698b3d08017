package curl

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// kind is what a part of the conversation is.
type kind int

const (
	infoText kind = iota
	headerIn
	headerOut
	dataIn
	dataOut
)

// trace writes the conversation: -v, --trace or --trace-ascii, whichever was
// asked for last.
type trace struct {
	mode    string // the option's name
	stamped bool   // --trace-time
	w       io.Writer
	shown   bool // -v says once in a row that data went by
}

// traced are the options that show the conversation, as warnings name them.
var traced = map[string]string{"verbose": "-v, --verbose", "trace": "--trace", "trace-ascii": "--trace-ascii"}

// traceMode is the option that was given last of those that show the
// conversation, with its argument.
func (c *command) traceMode() (mode, file string) {
	for _, o := range *c.shared {
		if traced[o.Name] != "" {
			mode, file = o.Name, o.Value
		}
	}
	return mode, file
}

// openTrace begins the conversation's record where the options ask for one.
func (c *command) openTrace() {
	mode, file := c.traceMode()
	t := &trace{mode: mode, stamped: c.has("trace-time"), w: c.p.Stderr}
	switch {
	case mode == "" || mode == "verbose" || file == "%":
	case file == "-":
		t.w = c.p.Stdout
	default:
		if _, w := c.p.Stream(file); w != nil {
			t.w = w
		} else if f, err := c.p.FS.OpenFile(c.abs(file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err == nil {
			t.w = f
		}
	}
	c.trace = t
}

// infof adds a remark of curl's own to the conversation.
func (c *command) infof(at time.Time, format string, args ...any) {
	c.event(at, infoText, fmt.Sprintf(format, args...)+"\n")
}

// event adds a part to the conversation.
func (c *command) event(at time.Time, k kind, text string) {
	t := c.trace
	if t == nil || t.mode == "" {
		return
	}
	stamp := ""
	if t.stamped {
		stamp = at.Format("15:04:05.000000 ")
	}
	if t.mode != "verbose" {
		if k == infoText {
			fmt.Fprintf(t.w, "%s== Info: %s", stamp, text)
			return
		}
		title := [...]string{headerIn: "<= Recv header", headerOut: "=> Send header", dataIn: "<= Recv data", dataOut: "=> Send data"}[k]
		fmt.Fprintf(t.w, "%s%s, %d bytes (0x%x)\n", stamp, title, len(text), len(text))
		dump(t.w, text, t.mode == "trace-ascii")
		return
	}
	mark := "*<>{}"[k : k+1]
	if k == dataIn || k == dataOut {
		if !t.shown && !c.toTTY {
			fmt.Fprintf(t.w, "%s%s [%d bytes data]\n", stamp, mark, len(text))
			t.shown = true
		}
		return
	}
	t.shown = false
	for _, line := range strings.SplitAfter(text, "\n") {
		if line != "" {
			fmt.Fprintf(t.w, "%s%s %s", stamp, mark, line)
		}
	}
}

// dump prints bytes as --trace does, or as --trace-ascii, which begins a line
// of its own behind each CRLF.
func dump(w io.Writer, text string, ascii bool) {
	width := 16
	if ascii {
		width = 64
	}
	for i := 0; i < len(text); {
		end := min(i+width, len(text))
		next := end
		line := text[i:end]
		if ascii {
			// A CRLF just behind a full line belongs to it.
			if n := strings.Index(text[i:min(end+2, len(text))], "\r\n"); n >= 0 && n <= width {
				line, next = text[i:i+n], i+n+2
			}
		}
		fmt.Fprintf(w, "%04x: ", i)
		if !ascii {
			for k := range width {
				if k < len(line) {
					fmt.Fprintf(w, "%02x ", line[k])
				} else {
					io.WriteString(w, "   ")
				}
			}
		}
		printable := []byte(line)
		for k, b := range printable {
			if b < ' ' || b > '~' {
				printable[k] = '.'
			}
		}
		fmt.Fprintf(w, "%s\n", printable)
		i = next
	}
}

// rate reads the argument of --limit-rate: bytes a second, with K, M or G.
func (c *command) rate(text string) (int64, bool) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil {
		c.warn("invalid number specified for rate")
		return 0, false
	}
	unit := int64(1)
	switch strings.ToUpper(text[digits:]) {
	case "", "B":
	case "K":
		unit = 1 << 10
	case "M":
		unit = 1 << 20
	case "G":
		unit = 1 << 30
	default:
		c.warn("unsupported rate unit. Use G, M, K or B!")
		return 0, false
	}
	if n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

// slow lets the time pass that --limit-rate makes a body of n bytes take. What
// fits curl's buffer comes at once.
func (c *command) slow(ctx context.Context, r *request, n int) error {
	v, ok := c.lookup("limit-rate")
	if !ok {
		return nil
	}
	rate, _ := c.rate(v)
	late := int64(n) - max(1<<10, min(rate, 100<<10))
	if rate <= 0 || late <= 0 {
		return nil
	}
	wait := time.Duration(float64(late) / float64(rate) * float64(time.Second))
	if limit := c.fraction("max-time"); limit > 0 && wait > limit {
		if err := c.p.Clock.Sleep(ctx, limit); err != nil {
			return failf(130, "")
		}
		got := n - int(late) + int(float64(rate)*limit.Seconds())
		return c.fail(r, 28, fmt.Sprintf("Operation timed out after %d milliseconds with %d out of %d bytes received", limit.Milliseconds(), got, n))
	}
	if err := c.p.Clock.Sleep(ctx, wait); err != nil {
		return failf(130, "")
	}
	return nil
}
