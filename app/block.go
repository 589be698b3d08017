package app

import (
	"slices"
	"strings"
	"time"

	"skylab/sim/labapi"
)

// block is a command with its output as the page holds it.
type block struct {
	id           int // of this page, so that two blocks always differ
	prompt, text string
	parts        []part
	done         bool
	status       int
	took         time.Duration
	mistake      string // what the lesson says went wrong with it
	first, last  int    // the exchanges that it made; none if last is less
	open         bool   // the whole output is shown
	chip         string // the token that is open, by where it stands
	hit          int    // the line that find looks at; -1 for none
	rev          int    // changes when what is shown does
}

// part is a run of output of one stream, in pieces of pieceLines lines so that
// much of it can be added to and shown in part.
type part struct {
	stream string
	pieces []string
	lines  int // a last line without an end counts
}

const pieceLines = 500

// newBlock takes a block from the lab.
func newBlock(id int, b labapi.Block) *block {
	x := &block{id: id, prompt: b.Prompt, text: b.Text, done: b.Done, status: b.Status, took: b.Duration, hit: -1, last: -1}
	for _, o := range b.Output {
		x.add(o.Stream, o.Text)
	}
	return x
}

// add adds what the command printed.
func (b *block) add(stream, text string) {
	if text == "" {
		return
	}
	b.rev++
	if n := len(b.parts); n == 0 || b.parts[n-1].stream != stream {
		b.parts = append(b.parts, part{stream: stream})
	}
	b.parts[len(b.parts)-1].add(text)
}

func (p *part) add(text string) {
	if n := len(p.pieces); n > 0 && !strings.HasSuffix(p.pieces[n-1], "\n") { // the last line goes on
		p.lines--
	} else if p.lines%pieceLines == 0 {
		p.pieces = append(p.pieces, "")
	}
	for text != "" {
		free := pieceLines - p.lines%pieceLines
		at, n := 0, 0
		for n < free && at < len(text) {
			n++
			end := strings.IndexByte(text[at:], '\n')
			if end < 0 {
				at = len(text)
				break
			}
			at += end + 1
		}
		p.pieces[len(p.pieces)-1] += text[:at]
		p.lines += n
		if text = text[at:]; text != "" {
			p.pieces = append(p.pieces, "")
		}
	}
}

// slice returns the lines from one to before another.
func (p *part) slice(from, to int) string {
	var b strings.Builder
	for i, piece := range p.pieces {
		first := i * pieceLines
		if lo, hi := max(from-first, 0), min(to-first, pieceLines); lo < hi {
			b.WriteString(piece[nth(piece, lo):nth(piece, hi)])
		}
	}
	return b.String()
}

// nth is the place behind a text's nth line.
func nth(text string, n int) int {
	at := 0
	for range n {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return len(text)
		}
		at += end + 1
	}
	return at
}

func (p *part) text() string { return strings.Join(p.pieces, "") }

func (b *block) lines() (n int) {
	for _, p := range b.parts {
		n += p.lines
	}
	return n
}

// Outputs longer than foldOver lines show their beginning and their end, and
// what is around the line that find looks at.
const (
	foldOver  = 60
	foldShows = 20
)

// run is lines of output that are shown together: those of one part. cut is how
// many lines before it are not shown.
type run struct {
	part     int
	from, to int // lines of the part
	first    int // the first line's number in the block
	cut      int
}

// runs are the lines that are shown, with how many are left out at the end.
func (b *block) runs() (list []run, cut int) {
	n := b.lines()
	windows := [][2]int{{0, n}}
	if n > foldOver && !b.open {
		windows = [][2]int{{0, foldShows}, {n - foldShows, n}}
		if b.hit >= 0 {
			windows = append(windows, [2]int{max(0, b.hit-foldShows/2), min(n, b.hit+foldShows/2)})
		}
		slices.SortFunc(windows, func(x, y [2]int) int { return x[0] - y[0] })
	}
	shown, first := 0, 0
	for i, p := range b.parts {
		for _, w := range windows {
			lo, hi := max(w[0], first, shown), min(w[1], first+p.lines)
			if lo >= hi {
				continue
			}
			list = append(list, run{part: i, from: lo - first, to: hi - first, first: lo, cut: lo - shown})
			shown = hi
		}
		first += p.lines
	}
	return list, n - shown
}

// String is the block as a transcript has it.
func (b *block) String() string {
	var s strings.Builder
	s.WriteString(b.prompt + b.text + "\n")
	end := byte('\n')
	for _, p := range b.parts {
		for _, piece := range p.pieces {
			s.WriteString(piece)
			if piece != "" {
				end = piece[len(piece)-1]
			}
		}
	}
	if end != '\n' {
		s.WriteByte('\n')
	}
	return s.String()
}

// unended is the last line of the output if it has no end: what a command
// printed before it waits for input.
func (b *block) unended() string {
	if len(b.parts) == 0 {
		return ""
	}
	p := b.parts[len(b.parts)-1]
	last := p.pieces[len(p.pieces)-1]
	return last[strings.LastIndexByte(last, '\n')+1:]
}

// find returns the lines in which a text stands, without regard to case, by
// their numbers.
func (b *block) find(query string) (hits []int) {
	query = strings.ToLower(query)
	n := 0
	for _, p := range b.parts {
		for _, piece := range p.pieces {
			piece = strings.ToLower(piece)
			if !strings.Contains(piece, query) {
				n += strings.Count(piece, "\n")
				if piece != "" && piece[len(piece)-1] != '\n' {
					n++
				}
				continue
			}
			for line := range strings.Lines(piece) {
				if strings.Contains(line, query) {
					hits = append(hits, n)
				}
				n++
			}
		}
	}
	return hits
}
