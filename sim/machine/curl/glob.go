package curl

import (
	"fmt"
	"strconv"
	"strings"
)

// maxGlob bounds how many URLs one pattern stands for.
const maxGlob = 10_000

// glob expands {a,b} and [1-3] in a URL.
func glob(text string) ([]string, error) {
	at := strings.IndexAny(text, "{[")
	if at < 0 {
		return []string{text}, nil
	}
	bad := func(what string, pos int) error {
		return failf(3, "%s in URL position %d:\n%s\n%s^", what, pos, text, strings.Repeat(" ", max(pos-1, 0)))
	}
	var values []string
	var end int
	if text[at] == '{' {
		n := strings.IndexByte(text[at:], '}')
		if n < 0 {
			return nil, bad("unmatched brace", at+1)
		}
		end = at + n
		values = strings.Split(text[at+1:end], ",")
		if text[at+1:end] == "" {
			return nil, bad("empty string within braces", at+2)
		}
	} else {
		n := strings.IndexByte(text[at:], ']')
		if n < 0 {
			return nil, bad("bad range", len(text)+1)
		}
		end = at + n
		inside := text[at+1 : end]
		if strings.Contains(inside, ":") && !strings.Contains(inside, "-") { // an IPv6 address
			return []string{text}, nil
		}
		var err error
		if values, err = expandRange(inside); err != nil {
			return nil, bad("bad range", at+2)
		}
	}
	rest, err := glob(text[end+1:])
	if err != nil {
		return nil, err
	}
	if len(values)*len(rest) > maxGlob {
		return nil, bad("range overflow", at+2)
	}
	var out []string
	for _, v := range values {
		for _, r := range rest {
			out = append(out, text[:at]+v+r)
		}
	}
	return out, nil
}

func expandRange(text string) ([]string, error) {
	span, stepText, stepped := strings.Cut(text, ":")
	from, to, ok := strings.Cut(span, "-")
	step := 1
	if stepped {
		n, err := strconv.Atoi(stepText)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("bad step")
		}
		step = n
	}
	if !ok || from == "" || to == "" {
		return nil, fmt.Errorf("no range")
	}
	var out []string
	if a, err := strconv.Atoi(from); err == nil {
		b, err := strconv.Atoi(to)
		if err != nil || b < a || a < 0 || (b-a)/step > maxGlob {
			return nil, fmt.Errorf("bad range")
		}
		width := 0
		if from[0] == '0' && len(from) > 1 {
			width = len(from)
		}
		for i := a; i <= b; i += step {
			out = append(out, fmt.Sprintf("%0*d", width, i))
		}
		return out, nil
	}
	if len(from) != 1 || len(to) != 1 || to[0] < from[0] {
		return nil, fmt.Errorf("bad range")
	}
	for ch := int(from[0]); ch <= int(to[0]); ch += step {
		out = append(out, string(rune(ch)))
	}
	return out, nil
}
