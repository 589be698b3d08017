package cmdlet

import "strings"

// indentOld lays compressed JSON out as 5.1 does: what is in brackets stands
// four columns behind the opening one, which the closing one stands below
// (facts/powershell.md §B4).
func indentOld(text string) string {
	var b strings.Builder
	var columns []int // of the open brackets
	column := 0
	write := func(s string) {
		b.WriteString(s)
		column += len([]rune(s))
	}
	line := func(at int) {
		b.WriteString("\r\n" + strings.Repeat(" ", at))
		column = at
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(text))
			write(text[i:end])
			i = end - 1
		case '{', '[':
			columns = append(columns, column)
			write(string(c))
			if i+1 < len(text) && (text[i+1] == '}' || text[i+1] == ']') {
				b.WriteString("\r\n") // an empty line stands in empty brackets
				continue
			}
			line(column + 3)
		case '}', ']':
			at := 0
			if n := len(columns); n > 0 {
				at, columns = columns[n-1], columns[:n-1]
			}
			line(at)
			write(string(c))
		case ',':
			write(",")
			if n := len(columns); n > 0 {
				line(columns[n-1] + 4)
			}
		case ':':
			write(":  ")
		default:
			write(string(c))
		}
	}
	return b.String()
}
