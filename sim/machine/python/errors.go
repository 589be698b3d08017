package python

import (
	"fmt"
	"strings"
)

// exception is an exception; frames are where it passed, the innermost last.
type exception struct {
	class   *class
	args    []any
	frames  []frame
	placed  bool // the running function's frame is in frames
	context *exception
	cause   *exception
	hidden  bool // raise ... from None
	attrs   map[string]any
	hint    string // "Did you mean"
}

// frame is a line of a traceback. Lines of Python's own library bring their
// text and mark along.
type frame struct {
	file, name string
	at, mark   span
	own        string // the source line of a library
	under      string
}

func (e *exception) Error() string { return e.class.name + ": " + e.String() }

// String is what str() gives.
func (e *exception) String() string {
	switch {
	case len(e.args) == 0:
		return ""
	case e.class == keyError && len(e.args) == 1:
		return repr(e.args[0])
	case e.class.isA(osError) && len(e.args) >= 2:
		text := fmt.Sprintf("[Errno %s] %s", str(e.args[0]), str(e.args[1]))
		if len(e.args) > 2 {
			text += ": " + repr(e.args[2])
		}
		return text
	case len(e.args) == 1:
		return str(e.args[0])
	}
	return repr(tuple(e.args))
}

func (c *class) isA(other *class) bool {
	for ; c != nil; c = c.base {
		if c == other {
			return true
		}
	}
	return false
}

// short is the class's name without its module.
func (c *class) short() string { return c.name[strings.LastIndexByte(c.name, '.')+1:] }

// classes are the exceptions that need no module.
var classes = map[string]*class{}

func newClass(name string, base *class) *class {
	c := &class{name: name, base: base}
	c.made = func(_ *interp, a *args) (any, error) { return &exception{class: c, args: a.pos}, nil }
	if !strings.Contains(name, ".") {
		classes[name] = c
	}
	return c
}

var (
	baseException   = newClass("BaseException", nil)
	systemExit      = newClass("SystemExit", baseException)
	_               = newClass("KeyboardInterrupt", baseException)
	exceptionClass  = newClass("Exception", baseException)
	stopIteration   = newClass("StopIteration", exceptionClass)
	arithmetic      = newClass("ArithmeticError", exceptionClass)
	zeroDivision    = newClass("ZeroDivisionError", arithmetic)
	overflow        = newClass("OverflowError", arithmetic)
	lookupError     = newClass("LookupError", exceptionClass)
	indexError      = newClass("IndexError", lookupError)
	keyError        = newClass("KeyError", lookupError)
	nameError       = newClass("NameError", exceptionClass)
	unboundLocal    = newClass("UnboundLocalError", nameError)
	attributeError  = newClass("AttributeError", exceptionClass)
	typeError       = newClass("TypeError", exceptionClass)
	valueError      = newClass("ValueError", exceptionClass)
	unicodeError    = newClass("UnicodeError", valueError)
	unicodeDecode   = newClass("UnicodeDecodeError", unicodeError)
	assertionError  = newClass("AssertionError", exceptionClass)
	importError     = newClass("ImportError", exceptionClass)
	moduleNotFound  = newClass("ModuleNotFoundError", importError)
	runtimeError    = newClass("RuntimeError", exceptionClass)
	recursionError  = newClass("RecursionError", runtimeError)
	memoryError     = newClass("MemoryError", exceptionClass)
	osError         = newClass("OSError", exceptionClass)
	fileNotFound    = newClass("FileNotFoundError", osError)
	fileExists      = newClass("FileExistsError", osError)
	isADirectory    = newClass("IsADirectoryError", osError)
	notADirectory   = newClass("NotADirectoryError", osError)
	permissionError = newClass("PermissionError", osError)
	eofError        = newClass("EOFError", exceptionClass)
	syntaxClass     = newClass("SyntaxError", exceptionClass)
	_               = newClass("NotImplementedError", runtimeError)
	jsonDecodeError = newClass("json.decoder.JSONDecodeError", valueError)
	binasciiError   = newClass("binascii.Error", valueError)
	reError         = newClass("re.error", exceptionClass)
)

func raisef(c *class, format string, a ...any) *exception {
	return &exception{class: c, args: []any{fmt.Sprintf(format, a...)}}
}

// absent ends the program with the sentence for what is not simulated.
type absent struct{ what string }

func (e *absent) Error() string { return notSimulated(e.what) }

// lib is where Python's own library stands.
const lib = "/usr/lib/python3.11/"

// through adds frames of the library, the outermost first.
func (e *exception) through(frames ...frame) *exception {
	for i := len(frames) - 1; i >= 0; i-- {
		e.frames = append(e.frames, frames[i])
	}
	return e
}

func libFrame(file string, line int, name, text, under string) frame {
	return frame{file: lib + file, name: name, at: span{line: line}, own: text, under: under}
}

// program is a source and the name it goes by.
type program struct {
	file  string
	lines []string // nil where Python cannot show them: "<string>", "<stdin>"
}

// traceback is what Python prints of an exception that nobody took.
func (p *program) traceback(e *exception) string {
	var b strings.Builder
	switch {
	case e.cause != nil:
		b.WriteString(p.traceback(e.cause) + "\nThe above exception was the direct cause of the following exception:\n\n")
	case e.context != nil && !e.hidden:
		b.WriteString(p.traceback(e.context) + "\nDuring handling of the above exception, another exception occurred:\n\n")
	}
	if len(e.frames) > 0 {
		b.WriteString("Traceback (most recent call last):\n")
	}
	for i := len(e.frames) - 1; i >= 0; i-- {
		f := e.frames[i]
		if n := len(e.frames) - 1 - i; len(e.frames) > 20 && n > 2 && i > 2 && same(e.frames[i], e.frames[len(e.frames)-3]) {
			if n == 3 {
				fmt.Fprintf(&b, "  [Previous line repeated %d more times]\n", len(e.frames)-6)
			}
			continue
		}
		fmt.Fprintf(&b, "  File \"%s\", line %d, in %s\n", f.file, f.at.line, f.name)
		switch {
		case f.own != "":
			fmt.Fprintf(&b, "    %s\n", f.own)
			if f.under != "" {
				fmt.Fprintf(&b, "    %s\n", f.under)
			}
		case f.file == p.file && f.at.line >= 1 && f.at.line <= len(p.lines):
			b.WriteString(excerpt(p.lines[f.at.line-1], f.at, f.mark))
		}
	}
	b.WriteString(e.class.name)
	if text := e.String(); text != "" {
		b.WriteString(": " + text)
	}
	b.WriteString(e.hint + "\n")
	return b.String()
}

func same(a, b frame) bool { return a.at.line == b.at.line && a.name == b.name }

// excerpt is a source line and what is marked under it; a mark of the whole
// line is left out.
func excerpt(line string, at, mark span) string {
	trimmed := strings.TrimLeft(line, " \t")
	shift := len(line) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " \t\n")
	out := "    " + trimmed + "\n"
	from, to := at.col-shift, at.endCol-shift
	if at.endLine != at.line || to > len(trimmed) {
		to = len(trimmed)
	}
	if from < 0 || to <= from || from == 0 && to == len(trimmed) {
		return out
	}
	width := func(a, b int) int { return len([]rune(trimmed[a:b])) }
	under := strings.Repeat(" ", width(0, from))
	if mf, mt := mark.col-shift, mark.endCol-shift; mark.line == at.line && at.endLine == at.line && mf >= from && mt <= to && mt > mf {
		under += strings.Repeat("~", width(from, mf)) + strings.Repeat("^", width(mf, mt)) + strings.Repeat("~", width(mt, to))
	} else {
		under += strings.Repeat("^", width(from, to))
	}
	return out + "    " + under + "\n"
}

// explain is what Python prints of a text that is no program.
func explain(src, file string, e *syntaxError) string {
	if strings.HasPrefix(e.text, "skylab: ") {
		return e.text + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  File \"%s\", line %d\n", file, e.at.line)
	lines := strings.Split(src, "\n")
	if !e.hidden && e.at.line >= 1 && e.at.line <= len(lines) {
		line := lines[e.at.line-1]
		trimmed := strings.TrimLeft(line, " \t\f")
		shift := len(line) - len(trimmed)
		trimmed = strings.TrimRight(trimmed, " \t\n")
		fmt.Fprintf(&b, "    %s\n", trimmed)
		from, to := max(e.at.col-shift, 0), e.at.endCol-shift
		if e.at.endLine != e.at.line || to > len(trimmed)+1 {
			to = len(trimmed)
		}
		if !e.bare {
			pad := len([]rune(trimmed[:min(from, len(trimmed))])) + max(from-len(trimmed), 0)
			fmt.Fprintf(&b, "    %s%s\n", strings.Repeat(" ", pad), strings.Repeat("^", max(to-from, 1)))
		}
	}
	return b.String() + e.class + ": " + e.text + "\n"
}

// suggest finds the name that was probably meant.
func suggest(name string, among []string) string {
	best, least := "", -1
	for _, c := range among {
		if c == name || strings.HasPrefix(c, "__") {
			continue
		}
		limit := (len(name) + len(c) + 3) * 2 / 6
		if d := distance(name, c); d <= limit && (least < 0 || d < least) {
			best, least = c, d
		}
	}
	return best
}

// distance counts a changed letter as 2, one changed in case only as 1.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = 2 * j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = 2 * i
		for j := 1; j <= len(b); j++ {
			cost := 2
			switch {
			case a[i-1] == b[j-1]:
				cost = 0
			case strings.EqualFold(a[i-1:i], b[j-1:j]):
				cost = 1
			}
			diagonal, row[j] = row[j], min(row[j]+2, row[j-1]+2, diagonal+cost)
		}
	}
	return row[len(b)]
}
