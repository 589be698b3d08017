package format

import (
	"strings"

	"skylab/sim/machine/powershell"
)

// style is how an edition lays out what it shows, where the editions differ.
type style struct {
	// Blank lines: before and behind what names a group, before lists that no
	// name precedes, behind each group and behind all.
	beforeGroup, laterGroup, behindGroup string
	beforeList, groupEnd, end, endList   string
	// groupIndent stands before a group's name, infoIndent before the lines of an
	// error that say its category and id.
	groupIndent, infoIndent string
	// lastBlank ends an error that has no details of its own.
	lastBlank string
	// folds says that errors are folded as other text is.
	folds bool
}

// styles are those of PowerShell 7 (the oracle) and of Windows PowerShell 5.1
// (facts/powershell.md §B4, §B5).
var styles = map[powershell.Edition]style{
	powershell.Core: {
		beforeGroup: "\n", laterGroup: "\n", behindGroup: "\n", beforeList: "\n", end: "\n", groupIndent: "   ",
	},
	powershell.Desktop: {
		beforeGroup: "\n\n", laterGroup: "\n", behindGroup: "\n\n", beforeList: "\n\n", groupEnd: "\n", end: "\n", endList: "\n",
		groupIndent: "    ", infoIndent: "    ", lastBlank: " \n", folds: true,
	},
}

func styleOf(s *powershell.Session) style {
	if s.Old() {
		return styles[powershell.Desktop]
	}
	return styles[powershell.Core]
}

// info writes a line of an error's category or id. 5.1 cuts it at its window's
// width less six, puts the indent before each part, and folds what comes of it.
func (st style) info(text string, width int) string {
	if !st.folds || width <= 6 {
		return st.infoIndent + text
	}
	var b strings.Builder
	for r := []rune(text); len(r) > 0; {
		n := min(len(r), width-6)
		b.WriteString(st.infoIndent + string(r[:n]))
		r = r[n:]
	}
	return b.String()
}

// fold breaks the lines of an error where they reach the window's end: behind
// blanks, which stay, or within a word that is too long for a line.
func (st style) fold(text string, width int) string {
	if !st.folds || width <= 0 {
		return text
	}
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		left := width
		for _, word := range words(line) {
			if n := cells(word); n <= width && n > left {
				b.WriteByte('\n')
				left = width
			}
			for _, r := range word {
				n := cells(string(r))
				if n > left {
					b.WriteByte('\n')
					left = width
				}
				b.WriteRune(r)
				left -= n
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
