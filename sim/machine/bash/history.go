package bash

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// expandHistory replaces !!, !n, !-n, !text and !$ by what was typed before, as
// an interactive bash does; changed says whether it did.
func (s *Session) expandHistory(text string) (out string, changed bool, err error) {
	if strings.HasPrefix(text, "^") { // ^OLD^NEW
		parts := strings.SplitN(strings.TrimSuffix(text[1:], "\n"), "^", 3)
		if n := len(s.history); len(parts) > 1 && parts[0] != "" {
			if n == 0 || !strings.Contains(s.history[n-1], parts[0]) {
				return "", false, fmt.Errorf(":s%s: substitution failed", strings.TrimSuffix(text, "\n"))
			}
			return strings.Replace(s.history[n-1], parts[0], parts[1], 1) + strings.Join(parts[2:], ""), true, nil
		}
	}
	var b strings.Builder
	single, double := false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && !single && i+1 < len(text):
			b.WriteString(text[i : i+2])
			i++
			continue
		case c == '\'' && !double:
			single = !single
		case c == '"' && !single:
			double = !double
		case c == '!' && !single && i+1 < len(text) && !strings.ContainsRune(" \t\n=(\"", rune(text[i+1])):
			if i > 0 && (text[i-1] == '$' || text[i-1] == '{' || text[i-1] == '[') { // $!, ${!x}, [!a]
				break
			}
			n, value, ok := s.event(text[i+1:])
			if !ok {
				return "", false, fmt.Errorf("!%s: event not found", text[i+1:i+1+n])
			}
			b.WriteString(value)
			changed = true
			i += n
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), changed, nil
}

// event finds what stands behind a !, and how long its name is.
func (s *Session) event(text string) (n int, value string, ok bool) {
	at := func(i int) (string, bool) {
		if i < 0 || i >= len(s.history) {
			return "", false
		}
		return s.history[i], true
	}
	switch {
	case text[0] == '!':
		value, ok = at(len(s.history) - 1)
		return 1, value, ok
	case text[0] == '$' || text[0] == '^' || text[0] == '*':
		last, ok := at(len(s.history) - 1)
		f := strings.Fields(last)
		switch {
		case !ok || len(f) == 0 || text[0] == '^' && len(f) < 2:
			return 1, "", false
		case text[0] == '^':
			return 1, f[1], true
		case text[0] == '*':
			return 1, strings.Join(f[1:], " "), true
		}
		return 1, f[len(f)-1], true
	case text[0] == '?':
		word, _, _ := strings.Cut(text[1:], "?")
		word = strings.TrimRight(word, "\n")
		n = min(len(word)+2, len(text))
		for i := len(s.history) - 1; i >= 0; i-- {
			if strings.Contains(s.history[i], word) {
				return n, s.history[i], true
			}
		}
		return n, "", false
	}
	n = strings.IndexAny(text, " \t\n;&|<>()\"'")
	if n < 0 {
		n = len(text)
	}
	name := text[:n]
	if i, err := strconv.Atoi(name); err == nil {
		if i < 0 {
			i += len(s.history) + 1
		}
		value, ok = at(i - 1)
		return n, value, ok
	}
	for i := len(s.history) - 1; i >= 0; i-- {
		if strings.HasPrefix(s.history[i], name) {
			return n, s.history[i], true
		}
	}
	return n, "", false
}

func historyBuiltin(f *frame, _ context.Context, args []string) int {
	rest := args[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") && len(rest[0]) > 1 {
		a := rest[0]
		rest = rest[1:]
		switch a {
		case "-c":
			f.history = nil
		case "-d":
			if len(rest) == 0 {
				f.complain("history: -d: option requires an argument\nhistory: usage: history %s", usages["history"])
				return 2
			}
			n, err := strconv.Atoi(rest[0])
			if err == nil && n < 0 {
				n += len(f.history) + 1
			}
			if err != nil || n < 1 || n > len(f.history) {
				f.complain("history: %s: history position out of range", rest[0])
				return 1
			}
			f.history = append(f.history[:n-1:n-1], f.history[n:]...)
			rest = rest[1:]
		case "-s":
			f.history = append(f.history, strings.Join(rest, " "))
			return 0
		case "-p":
			for _, r := range rest {
				text, _, err := f.expandHistory(r)
				if err != nil {
					f.complain("history: %s: history expansion failed", r)
					return 1
				}
				fmt.Fprintln(f.out(), text)
			}
			return 0
		case "-a", "-w":
			name := f.text("HISTFILE")
			if len(rest) > 0 {
				name = rest[0]
			}
			if err := f.files().WriteFile(f.abs(name), []byte(strings.Join(f.history, "\n")+"\n"), 0o600); err != nil {
				f.complain("history: %s: cannot create: %s", name, vfs.Errno(err))
				return 1
			}
			return 0
		case "-r", "-n":
			name := f.text("HISTFILE")
			if len(rest) > 0 {
				name = rest[0]
			}
			data, err := f.files().ReadFile(f.abs(name))
			if err != nil {
				f.complain("history: %s: cannot open: %s", name, vfs.Errno(err))
				return 1
			}
			if text := strings.TrimRight(string(data), "\n"); text != "" {
				f.history = append(f.history, strings.Split(text, "\n")...)
			}
			return 0
		default:
			return f.wrongOption("history", a[:2])
		}
	}
	if len(args) > 1 && len(rest) == 0 {
		return 0
	}
	from := 0
	if len(rest) > 0 {
		n, err := strconv.Atoi(rest[0])
		if err != nil {
			f.complain("history: %s: numeric argument required", rest[0])
			return 1
		}
		from = max(len(f.history)-max(n, 0), 0)
	}
	for i, h := range f.history[from:] {
		fmt.Fprintf(f.out(), "%5d  %s\n", from+i+1, h)
	}
	return 0
}

func fcBuiltin(f *frame, ctx context.Context, args []string) int {
	var list, bare, backwards, again bool
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && (rest[0][1] < '0' || rest[0][1] > '9') {
		a := rest[0]
		rest = rest[1:]
		if a == "-e" && len(rest) > 0 && rest[0] == "-" {
			again, rest = true, rest[1:]
			continue
		}
		for _, c := range a[1:] {
			switch c {
			case 'l':
				list = true
			case 'n':
				bare = true
			case 'r':
				backwards = true
			case 's':
				again = true
			case 'e':
				fmt.Fprintln(f.err(), tool.NotSimulated("fc -e"))
				return 1
			default:
				return f.wrongOption("fc", "-"+string(c))
			}
		}
	}
	past := f.history
	if n := len(past); n > 0 && f.interactive { // the command itself is none of them
		past = past[:n-1]
	}
	if !list && !again {
		fmt.Fprintln(f.err(), tool.NotSimulated("fc with an editor"))
		return 1
	}
	find := func(a string) int {
		if n, err := strconv.Atoi(a); err == nil {
			if n <= 0 {
				n += len(past)
			} else {
				n--
			}
			return min(max(n, 0), len(past)-1)
		}
		for i := len(past) - 1; i >= 0; i-- {
			if strings.HasPrefix(past[i], a) {
				return i
			}
		}
		return -1
	}
	if again {
		from, to, replace := "", "", false
		if len(rest) > 0 && strings.Contains(rest[0], "=") {
			from, to, replace = strings.Cut(rest[0], "=")
			rest = rest[1:]
		}
		i := len(past) - 1
		if len(rest) > 0 {
			i = find(rest[0])
		}
		if i < 0 {
			f.complain("fc: no command found")
			return 1
		}
		text := past[i]
		if replace {
			text = strings.ReplaceAll(text, from, to)
		}
		fmt.Fprintln(f.err(), text)
		f.history[len(f.history)-1] = text
		f.script(ctx, text)
		return f.status
	}
	if len(past) == 0 {
		return 0
	}
	first, last := max(len(past)-16, 0), len(past)-1
	if len(rest) > 0 {
		first = find(rest[0])
	}
	if len(rest) > 1 {
		last = find(rest[1])
	}
	if first < 0 || last < 0 {
		f.complain("fc: history specification out of range")
		return 1
	}
	if first > last {
		first, last, backwards = last, first, !backwards
	}
	lines := make([]string, 0, last-first+1)
	for i := first; i <= last; i++ {
		number := strconv.Itoa(i + 1)
		if bare {
			number = ""
		}
		lines = append(lines, number+"\t "+past[i])
	}
	if backwards {
		slices.Reverse(lines)
	}
	fmt.Fprintln(f.out(), strings.Join(lines, "\n"))
	return 0
}
