package output

import (
	"regexp"
	"strings"
)

// The colours are those of Pygments for a terminal; what it sets around blanks,
// which nobody sees, is left out.
const (
	keyColour     = "\x1b[94m"
	stringColour  = "\x1b[33m"
	literalColour = "\x1b[34m"
	noColour      = "\x1b[39;49;00m"
)

var (
	jsonToken = regexp.MustCompile(`"(?:[^"\\]|\\.)*":?|-?\d[\d.eE+-]*|true|false|null`)
	yamlKey   = regexp.MustCompile(`^((?:\s|- )*)([^\s'"\-?][^:]*|'[^']*'):( |$)`)
	yamlText  = regexp.MustCompile(`(^|[:\-] +)('(?:[^']|'')*'|"(?:[^"\\]|\\.)*")$`)
)

func colourJSON(s string) string {
	return jsonToken.ReplaceAllStringFunc(s, func(t string) string {
		switch {
		case strings.HasSuffix(t, `":`):
			return keyColour + t[:len(t)-1] + noColour + ":"
		case t[0] == '"':
			return stringColour + t + noColour
		}
		return literalColour + t + noColour
	})
}

func colourYAML(s string) string {
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		body := strings.TrimSuffix(l, "\n")
		body = yamlText.ReplaceAllString(body, "${1}"+stringColour+"${2}"+noColour)
		body = yamlKey.ReplaceAllString(body, "${1}"+keyColour+"${2}"+noColour+":${3}")
		lines[i] = body + l[len(strings.TrimSuffix(l, "\n")):]
	}
	return strings.Join(lines, "")
}
