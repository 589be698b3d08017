package help

import (
	"strings"
	"unicode"
)

// Fill folds a text into lines as Python's textwrap does: words break at blanks
// and behind hyphens, and in the middle only where they are longer than a line.
func Fill(text, first, next string, width int) string {
	text = strings.ReplaceAll(text, "\t", "        ")
	chunks := split(text)
	var lines []string
	for len(chunks) > 0 {
		lead := first
		if len(lines) > 0 {
			lead = next
		}
		room := width - len(lead)
		if len(lines) > 0 && strings.TrimSpace(chunks[0]) == "" {
			chunks = chunks[1:]
			if len(chunks) == 0 {
				break
			}
		}
		var line []string
		used := 0
		for len(chunks) > 0 && used+len(chunks[0]) <= room {
			line = append(line, chunks[0])
			used += len(chunks[0])
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && len(chunks[0]) > room {
			space := max(1, room-used)
			end := space
			// A long word breaks behind its last hyphen that fits.
			if i := strings.LastIndexByte(chunks[0][:min(space, len(chunks[0]))], '-'); i > 0 && strings.Trim(chunks[0][:i], "-") != "" {
				end = i + 1
			}
			line = append(line, chunks[0][:end])
			chunks[0] = chunks[0][end:]
		}
		if n := len(line); n > 0 && strings.TrimSpace(line[n-1]) == "" {
			line = line[:n-1]
		}
		if len(line) > 0 {
			lines = append(lines, lead+strings.Join(line, ""))
		}
	}
	return strings.Join(lines, "\n")
}

// split takes a text apart into blanks and words; words are cut behind hyphens
// that stand between letters.
func split(text string) []string {
	var out []string
	for text != "" {
		w, blank := text, strings.IndexFunc(text, unicode.IsSpace) == 0
		if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) != blank }); i > 0 {
			w = text[:i]
		}
		text = text[len(w):]
		if blank {
			out = append(out, w)
			continue
		}
		for {
			i := cut(w)
			if i < 0 {
				break
			}
			out = append(out, w[:i])
			w = w[i:]
		}
		out = append(out, w)
	}
	return out
}

// cut is where a word may be broken first: behind a hyphen with two letters
// before it and one behind; -1 if nowhere.
func cut(w string) int {
	letter := func(i int) bool {
		return i >= 0 && i < len(w) && (w[i]|0x20 >= 'a' && w[i]|0x20 <= 'z' || w[i] == '_')
	}
	for i := 1; i+1 < len(w); i++ {
		if w[i] != '-' || !letter(i-1) || !letter(i+1) {
			continue
		}
		if letter(i-2) || i >= 2 && w[i-2] == '-' && letter(i-3) {
			return i + 1
		}
	}
	return -1
}
