package az

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Questions at the terminal, as knack asks them. Each fails with io.EOF where
// nobody can be asked.

// prompt asks the person at the terminal for a line.
func (c *call) prompt(text string) (string, error) {
	in := c.p.Stdin
	if !c.p.TTY.In || in == nil {
		return "", io.EOF
	}
	io.WriteString(c.p.Stdout, text)
	line, err := bufio.NewReader(oneByte{in}).ReadString('\n')
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// oneByte reads no more than it is asked for, so that what follows a line stays.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

// secret asks for what must not be shown while it is typed.
func (c *call) secret(text string) (string, error) {
	if !c.p.TTY.In || c.p.Person == nil {
		return "", io.EOF
	}
	io.WriteString(c.p.Stderr, text)
	line, err := c.p.Person.Secret()
	fmt.Fprintln(c.p.Stderr)
	return strings.TrimRight(line, "\r\n"), err
}

// newSecret asks for a secret twice, until both are the same.
func (c *call) newSecret(text string) (string, error) {
	for {
		first, err := c.secret(text)
		if err != nil {
			return "", err
		}
		again, err := c.secret("Confirm " + text)
		if err != nil || first == again {
			return first, err
		}
		c.warn("Passwords do not match.")
	}
}

// asked repeats a question until take accepts the answer; ? shows help, if any.
func (c *call) asked(ask func(string) (string, error), text, help string, take func(string) bool) error {
	for {
		answer, err := ask(text)
		switch {
		case err != nil:
			return err
		case answer == "?" && help != "":
			fmt.Fprintln(c.p.Stdout, help)
		case take(answer):
			return nil
		}
	}
}

// either asks for one of two letters, yes first; no is also what an empty answer
// means where def is it.
func (c *call) either(text, help string, yes, no, def byte) (is bool, err error) {
	show := func(b byte) string {
		if b == def {
			return strings.ToUpper(string(b))
		}
		return string(b)
	}
	err = c.asked(c.prompt, fmt.Sprintf("%s (%s/%s): ", text, show(yes), show(no)), help, func(s string) bool {
		if s == "" && def != 0 {
			s = string(def)
		}
		is = strings.EqualFold(s, string(yes))
		return is || strings.EqualFold(s, string(no))
	})
	return is, err
}

// choose asks for one of a list by number and returns its index; an empty answer
// is that of def.
func (c *call) choose(text, help string, options []string, def int) (at int, err error) {
	var b strings.Builder
	fmt.Fprintln(&b, text)
	var valid []string
	for i, o := range options {
		fmt.Fprintf(&b, " [%d] %s\n", i+1, o)
		valid = append(valid, strconv.Itoa(i+1))
	}
	fmt.Fprintf(&b, "Please enter a choice [Default choice(%d)]: ", def+1)
	err = c.asked(c.prompt, b.String(), help, func(s string) bool {
		if s == "" {
			s = strconv.Itoa(def + 1)
		}
		if at = slices.Index(valid, strings.TrimSpace(s)); at < 0 {
			c.warn("Valid values are [%s]", strings.Join(valid, ", "))
		}
		return at >= 0
	})
	return at, err
}
