package app

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"skylab/sim/labapi"
)

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

func TestOutputIsKeptInPieces(t *testing.T) {
	whole := numbered(0, 2345) + "no end"
	b := newBlock(1, labapi.Block{})
	r := rand.New(rand.NewSource(1))
	for rest := whole; rest != ""; {
		n := min(1+r.Intn(3000), len(rest))
		b.add("out", rest[:n])
		rest = rest[n:]
	}
	p := b.parts[0]
	if len(b.parts) != 1 || p.text() != whole || p.lines != 2346 || len(p.pieces) != 5 {
		t.Errorf("%d parts, %d lines, %d pieces", len(b.parts), p.lines, len(p.pieces))
	}
	for _, c := range [][2]int{{0, 1}, {499, 501}, {500, 1000}, {2344, 2346}, {0, 2346}} {
		if got := strings.Count(p.slice(c[0], c[1])+"\n", "\n"); got < c[1]-c[0] {
			t.Errorf("%v: %d lines", c, got)
		}
	}
	if got := p.slice(499, 501); got != "line 499\nline 500\n" {
		t.Errorf("%q", got)
	}
	if got := b.unended(); got != "no end" {
		t.Errorf("%q", got)
	}
	b.add("out", " here\n")
	if b.unended() != "" || b.lines() != 2346 {
		t.Errorf("%q, %d lines", b.unended(), b.lines())
	}
}

func TestWhatOfAnOutputIsShown(t *testing.T) {
	show := func(b *block) string {
		list, cut := b.runs()
		var out []string
		for _, r := range list {
			out = append(out, fmt.Sprintf("-%d %s%d..%d", r.cut, b.parts[r.part].stream, r.from, r.to))
		}
		return strings.Join(append(out, fmt.Sprintf("-%d", cut)), " ")
	}
	long := newBlock(1, labapi.Block{Output: []labapi.Output{{Stream: "out", Text: numbered(0, 100)}, {Stream: "err", Text: "a\nb\n"}, {Stream: "out", Text: numbered(0, 1000)}}})
	for _, c := range []struct {
		name, want string
		change     func()
	}{
		{"its ends", "-0 out0..20 -1062 out980..1000 -0", func() {}},
		{"around a hit", "-0 out0..20 -70 out90..100 -0 err0..2 -0 out0..8 -972 out980..1000 -0", func() { long.hit = 100 }},
		{"a hit near the beginning", "-0 out0..20 -0 out20..25 -1057 out980..1000 -0", func() { long.hit = 15 }},
		{"all of it", "-0 out0..100 -0 err0..2 -0 out0..1000 -0", func() { long.open = true }},
	} {
		c.change()
		if got := show(long); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
	if got := show(newBlock(1, labapi.Block{Output: []labapi.Output{{Stream: "out", Text: numbered(0, 60)}}})); got != "-0 out0..60 -0" {
		t.Errorf("a short one: %s", got)
	}
	if got := show(newBlock(1, labapi.Block{})); got != "-0" {
		t.Errorf("none: %s", got)
	}
}

func TestFindInAnOutput(t *testing.T) {
	b := newBlock(1, labapi.Block{Output: []labapi.Output{{Stream: "out", Text: numbered(0, 1200)}, {Stream: "err", Text: "Line 7"}}})
	if got := fmt.Sprint(b.find("LINE 7")[:2], len(b.find("LINE 7")), b.find("line 1199"), b.find("none")); got != "[7 70] 112 [1199] []" {
		t.Errorf("%s", got)
	}
	if hits := b.find("Line 7"); hits[len(hits)-1] != 1200 {
		t.Errorf("the last: %d", hits[len(hits)-1])
	}
}

func TestTranscript(t *testing.T) {
	c := console{}
	c.show([]labapi.Block{{Prompt: "$ ", Text: "a", Output: []labapi.Output{{Text: "x"}}}, {Prompt: "$ ", Text: "b"}})
	if got := c.transcript(); got != "$ a\nx\n$ b\n" {
		t.Errorf("%q", got)
	}
}
