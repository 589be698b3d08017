package awk

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"strings"

	"github.com/benhoyt/goawk/lexer"

	"skylab/sim/machine/tool"
)

// errMemory is in mawk's words.
var errMemory = errors.New("run time error: out of memory")

// maxHeap is how much memory, in bytes, the whole program may take before an
// awk is ended.
const maxHeap = 384 << 20

// guardName is a function of our own that guarded programs call; no script can
// have it, for it is looked for in the script first.
const guardName = "skylab_guard"

// guard returns a function that fails when too much memory is taken or the
// process must end. A text that doubles takes all there is within a few dozen
// steps, of which the interpreter counts a thousand before it looks up.
func guard(ctx context.Context, p *tool.Process) func() (bool, error) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	taken := func() bool {
		metrics.Read(sample)
		return sample[0].Value.Uint64() > maxHeap
	}
	calls := 0
	return func() (bool, error) {
		if taken() {
			if runtime.GC(); taken() {
				return false, errMemory
			}
		}
		if calls++; calls%64 == 0 && p.Yield != nil {
			return true, p.Yield(ctx)
		}
		return true, nil
	}
}

// edit is a text to be put into a program.
type edit struct {
	at   int
	text string
}

// guarded puts calls of the guard into a program: into the condition of each
// loop, and at the beginning of each action and function.
func guarded(src string) string {
	if strings.Contains(src, guardName) {
		return src
	}
	starts := []int{0}
	for i := range src {
		if src[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	var edits []edit
	l := lexer.NewLexer([]byte(src))
	var toks []token
	last := lexer.NEWLINE
	for {
		pos, tok, _ := l.Scan()
		if (tok == lexer.DIV || tok == lexer.DIV_ASSIGN) && !operand(last) {
			pos, tok, _ = l.ScanRegex()
		}
		if tok == lexer.EOF || tok == lexer.ILLEGAL || pos.Line > len(starts) {
			break
		}
		toks = append(toks, token{tok, starts[pos.Line-1] + pos.Column - 1})
		last = tok
	}
	depth := 0
	for i, t := range toks {
		switch t.tok {
		case lexer.LBRACE:
			if depth == 0 {
				edits = append(edits, edit{t.at + 1, guardName + "();"})
			}
			depth++
		case lexer.RBRACE:
			depth--
		case lexer.WHILE, lexer.FOR:
			edits = append(edits, condition(toks[i:])...)
		}
	}
	var b strings.Builder
	from := 0
	for _, e := range edits {
		if e.at < from || e.at > len(src) {
			return src
		}
		b.WriteString(src[from:e.at] + e.text)
		from = e.at
	}
	return b.String() + src[from:]
}

type token struct {
	tok lexer.Token
	at  int
}

// operand reports whether a value ends with a token, so that a slash behind it
// divides.
func operand(t lexer.Token) bool {
	switch t {
	case lexer.NAME, lexer.NUMBER, lexer.STRING, lexer.REGEX, lexer.RPAREN, lexer.RBRACKET, lexer.INCR, lexer.DECR, lexer.DOLLAR:
		return true
	}
	return false
}

// condition guards the condition of the loop that tokens begin with.
func condition(toks []token) []edit {
	if len(toks) < 2 || toks[1].tok != lexer.LPAREN {
		return nil
	}
	depth, end := 0, -1
	var semis []int
	for i, t := range toks[1:] {
		switch t.tok {
		case lexer.LPAREN:
			depth++
		case lexer.RPAREN:
			depth--
		case lexer.SEMICOLON:
			if depth == 1 {
				semis = append(semis, i+1)
			}
		}
		if depth == 0 {
			end = i + 1
			break
		}
	}
	from, to := 1, end
	if toks[0].tok == lexer.FOR {
		if len(semis) != 2 { // for (k in a) ends by itself
			return nil
		}
		from, to = semis[0], semis[1]
	}
	if end < 0 {
		return nil
	}
	if to == from+1 {
		return []edit{{toks[from].at + 1, guardName + "()"}}
	}
	return []edit{{toks[from].at + 1, guardName + "() && ("}, {toks[to].at, ")"}}
}
