package syntax

import (
	_ "embed"
	"strings"
)

// messages.txt holds PowerShell's parser texts: id, tab, text; {0} and {1} are
// arguments, \n ends a line.
//
//go:embed messages.txt
var messageText string

// Error is one thing that is wrong with a text.
type Error struct {
	Span
	ID      string
	Message string
	// Incomplete says that more input could mend it.
	Incomplete bool
}

// Message returns a parser text with its arguments filled in; a text that takes
// none is returned as it is, braces doubled included, as PowerShell shows it.
func Message(id string, args ...string) string {
	i := strings.Index(messageText, "\n"+id+"\t")
	if i < 0 {
		return id
	}
	s := messageText[i+len(id)+2:]
	s = s[:strings.IndexByte(s, '\n')]
	for n, a := range args {
		s = strings.ReplaceAll(s, "{"+itoa(n)+"}", a)
	}
	return strings.ReplaceAll(s, `\n`, "\n")
}
