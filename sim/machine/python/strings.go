package python

import (
	"strings"
	"unicode/utf8"
)

// piece is a part of an f-string: text, or an expression with its format.
type piece struct {
	text   string
	expr   *node
	conv   byte // 'r', 's', 'a' or 0
	format []piece
}

// stringStart returns how long the prefix of a string is that begins here, or -1.
func stringStart(s string) int {
	for n := 0; n < 3 && n < len(s); n++ {
		switch {
		case s[n] == '"' || s[n] == '\'':
			return n
		case strings.IndexByte("rRbBuUfF", s[n]) < 0:
			return -1
		}
	}
	return -1
}

// text reads a string literal whose prefix has n bytes.
func (l *lexer) text(n int) *syntaxError {
	prefix := strings.ToLower(l.src[l.pos : l.pos+n])
	begin := l.here(1)
	from := l.pos
	at := l.pos + n
	quote := l.src[at : at+1]
	if strings.HasPrefix(l.src[at:], strings.Repeat(quote, 3)) {
		quote = l.src[at : at+3]
	}
	at += len(quote)
	body := at
	for {
		if at >= len(l.src) || len(quote) == 1 && l.src[at] == '\n' {
			line := l.line + strings.Count(l.src[from:min(at, len(l.src))], "\n")
			if len(quote) == 3 {
				return bad(begin, "unterminated triple-quoted string literal (detected at line %d)", line)
			}
			return bad(begin, "unterminated string literal (detected at line %d)", line)
		}
		if l.src[at] == '\\' {
			at += 2
			continue
		}
		if strings.HasPrefix(l.src[at:], quote) {
			break
		}
		at++
	}
	raw := l.src[body:at]
	end := at + len(quote)
	var value any
	switch {
	case strings.Contains(prefix, "f"):
		pieces, err := fString(raw, strings.Contains(prefix, "r"), 0, begin)
		if err != nil {
			return err
		}
		value = pieces
	case strings.Contains(prefix, "b"):
		if strings.ContainsFunc(raw, func(r rune) bool { return r > 127 }) {
			return bad(span{begin.line, begin.col, begin.line, begin.col + end - from}, "bytes can only contain ASCII literal characters")
		}
		if !strings.Contains(prefix, "r") {
			raw = unescape(raw, true)
		}
		value = bytesValue(raw)
	case strings.Contains(prefix, "r"):
		value = raw
	default:
		value = unescape(raw, false)
	}
	t := token{tString, l.src[from:end], value, begin}
	for i := from; i < end; i++ {
		if l.src[i] == '\n' {
			l.line++
			l.start = i + 1
		}
	}
	l.pos = end
	t.at.endLine, t.at.endCol = l.line, l.pos-l.start
	l.out = append(l.out, t)
	return nil
}

// unescape replaces backslash escapes.
func unescape(s string, bytes bool) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	put := func(n rune) {
		if bytes {
			b.WriteByte(byte(n))
		} else {
			b.WriteRune(n)
		}
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'n', 't', 'r', 'a', 'b', 'f', 'v':
			b.WriteByte("\n\t\r\a\b\f\v"[strings.IndexByte("ntrabfv", c)])
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n, j := rune(0), i
			for ; j < len(s) && j < i+3 && s[j] >= '0' && s[j] <= '7'; j++ {
				n = n*8 + rune(s[j]-'0')
			}
			i = j - 1
			put(n)
		case 'x', 'u', 'U':
			width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if bytes && c != 'x' {
				b.WriteString(s[i-1 : i+1])
				break
			}
			n, ok := hexRune(s[i+1:], width)
			if !ok {
				b.WriteString(s[i-1 : i+1])
				break
			}
			i += width
			put(n)
		default:
			b.WriteString(s[i-1 : i+1])
		}
	}
	return b.String()
}

func hexRune(s string, width int) (rune, bool) {
	if len(s) < width {
		return 0, false
	}
	var n rune
	for _, c := range []byte(s[:width]) {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 || n > 0x10ffff {
			return 0, false
		}
		n = n*16 + rune(d)
	}
	return n, utf8.ValidRune(n) || width == 2
}

// maxDepth bounds how deep expressions and f-strings nest.
const maxDepth = 90

// fString takes an f-string apart.
func fString(raw string, isRaw bool, depth int, at span) ([]piece, *syntaxError) {
	var out []piece
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			s := text.String()
			if !isRaw {
				s = unescape(s, false)
			}
			out = append(out, piece{text: s})
			text.Reset()
		}
	}
	if depth > 2 {
		return nil, bad(at, "f-string: expressions nested too deeply")
	}
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(raw) && raw[i+1] == c && depth == 0:
			text.WriteByte(c)
			i++
		case c == '}':
			return nil, bad(at, "f-string: single '}' is not allowed")
		case c != '{':
			text.WriteByte(c)
		default:
			flush()
			end, err := fieldEnd(raw, i+1, at)
			if err != nil {
				return nil, err
			}
			src := raw[i+1 : end]
			p := piece{}
			if strings.Contains(src, "\\") {
				return nil, bad(at, "f-string expression part cannot include a backslash")
			}
			if trimmed := strings.TrimRight(src, " "); strings.HasSuffix(trimmed, "=") && !strings.HasSuffix(trimmed, "==") && !strings.HasSuffix(trimmed, "!=") && !strings.HasSuffix(trimmed, "<=") && !strings.HasSuffix(trimmed, ">=") {
				out = append(out, piece{text: src})
				src = trimmed[:len(trimmed)-1]
				p.conv = 'r'
			}
			if strings.TrimSpace(src) == "" {
				return nil, bad(at, "f-string: empty expression not allowed")
			}
			n, err := parseExpression("(" + src + ")")
			if err != nil {
				err.text = "f-string: " + err.text
				return nil, err
			}
			p.expr = n
			i = end
			if raw[i] == '!' {
				if i+2 >= len(raw) || strings.IndexByte("rsa", raw[i+1]) < 0 {
					return nil, bad(at, "f-string: invalid conversion character: expected 's', 'r', or 'a'")
				}
				p.conv = raw[i+1]
				i += 2
			}
			if raw[i] == ':' {
				close := formatEnd(raw, i+1)
				if close < 0 {
					return nil, bad(at, "f-string: expecting '}'")
				}
				if p.format, err = fString(raw[i+1:close], isRaw, depth+1, at); err != nil {
					return nil, err
				}
				if p.conv == 'r' && strings.HasSuffix(strings.TrimRight(raw[:end], " "), "=") {
					p.conv = 0
				}
				i = close
			}
			if raw[i] != '}' {
				return nil, bad(at, "f-string: expecting '}'")
			}
			out = append(out, p)
		}
	}
	flush()
	return out, nil
}

// fieldEnd finds where the expression of a field ends.
func fieldEnd(raw string, i int, at span) (int, *syntaxError) {
	depth := 0
	for ; i < len(raw); i++ {
		switch c := raw[i]; c {
		case '\'', '"':
			j := strings.IndexByte(raw[i+1:], c)
			if j < 0 {
				return 0, bad(at, "f-string: unterminated string")
			}
			i += j + 1
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 && c == '}' {
				return i, nil
			}
			depth--
		case '!':
			if depth == 0 && (i+1 >= len(raw) || raw[i+1] != '=') {
				return i, nil
			}
		case ':':
			if depth == 0 {
				return i, nil
			}
		}
	}
	return 0, bad(at, "f-string: expecting '}'")
}

func formatEnd(raw string, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
