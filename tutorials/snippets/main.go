// Command snippets runs the articles' snippets that are done with curl, bash or
// az, and the templates among them, each in a prepared world of its own, and
// prints a row for each: that it runs, that it is broken as printed, or which
// service it waits for. A snippet that is broken and is not known to be
// (facts/snippets.md §A2) fails. Where ../shared is not there, it prints the
// table that is stored.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"skylab/sim"
	"skylab/sim/kit/full"
)

//go:embed table.txt
var stored string

func main() {
	from := flag.String("from", "../shared", "`DIR` with facts and seeds")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "Usage: snippets [--from DIR]\n\nRuns the articles' snippets and prints what became of each.\nThe exit status is 1 when one is broken that is not known to be.\n\nOptions:\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	facts, err := os.ReadFile(filepath.Join(*from, "facts", "snippets.md"))
	if os.IsNotExist(err) {
		fmt.Print(stored)
		return
	}
	good := false
	if err == nil {
		good, err = run(context.Background(), os.Stdout, string(facts), *from)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "snippets: %v\n", err)
		os.Exit(2)
	}
	if !good {
		os.Exit(1)
	}
}

// run prints the table and reports whether each broken snippet is known.
func run(ctx context.Context, out io.Writer, facts, from string) (bool, error) {
	seeds, err := filepath.Glob(filepath.Join(from, "seeds", "003_*.txt"))
	if err != nil || len(seeds) != 1 {
		return false, fmt.Errorf("find the seed 003 in %s: %d files", from, len(seeds))
	}
	text, err := os.ReadFile(seeds[0])
	if err != nil {
		return false, fmt.Errorf("read the seed: %w", err)
	}
	blocks, err := listing(facts, strings.Split(string(text), "\n"))
	if err != nil {
		return false, err
	}
	known := mistakes(facts)
	lab, err := sim.New(ctx, sim.Options{Kit: full.Kit(), Scenario: "linux-vm-storage", Seed: "snippets", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return false, err
	}
	w, err := prepare(ctx, lab)
	if err != nil {
		return false, err
	}
	counts, good := map[string]int{}, true
	for _, b := range blocks {
		state, detail, err := w.try(ctx, b)
		if err != nil {
			return false, fmt.Errorf("run the snippet of line %d: %w", b.first, err)
		}
		if state == "broken" {
			class, at := known.of(b)
			if class == "" {
				good, state = false, "FAILS"
			} else {
				detail = class + " " + at + ": " + detail
			}
		}
		counts[b.kind+" "+state]++
		fmt.Fprintf(out, "%-8s %-9d %-8s %s\n", b.kind, b.first, state, detail)
	}
	fmt.Fprintln(out)
	for _, kind := range []string{"curl", "az", "template"} {
		for _, state := range []string{"runs", "broken", "waits", "FAILS"} {
			if n := counts[kind+" "+state]; n > 0 {
				fmt.Fprintf(out, "%-8s %-9s %d\n", kind, state, n)
			}
		}
	}
	return good, nil
}

// block is a snippet: what it is, where it stands in the seed, and its text.
type block struct {
	kind        string // "curl", "az", "template"
	first, last int
	text        string
}

var (
	entry = regexp.MustCompile("^- L([0-9]+)(?:-([0-9]+))?: ")
	// A template, or a part of one, has resources with the language's fields.
	template = regexp.MustCompile(`"apiVersion"\s*:|"\$schema"`)
)

// listing reads §A3: the blocks of curl, of az, and those of JSON that are templates.
func listing(facts string, seed []string) ([]block, error) {
	var out []block
	kind := ""
	for line := range strings.Lines(facts) {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			kind = ""
			for _, k := range []struct{ prefix, kind string }{{"curl / bash", "curl"}, {"az CLI", "az"}, {"JSON", "template"}} {
				if strings.HasPrefix(name, k.prefix) {
					kind = k.kind
				}
			}
		}
		m := entry.FindStringSubmatch(line)
		if kind == "" || m == nil {
			continue
		}
		b := block{kind: kind}
		b.first, _ = strconv.Atoi(m[1]) // digits alone
		if b.last, _ = strconv.Atoi(m[2]); m[2] == "" {
			b.last = b.first
		}
		if b.first < 1 || b.last < b.first || b.last > len(seed) {
			return nil, fmt.Errorf("the seed has no line %d", b.last)
		}
		b.text = strings.Join(seed[b.first-1:b.last], "\n")
		if kind != "template" || template.MatchString(b.text) {
			out = append(out, b)
		}
	}
	return out, nil
}

// known is §A2: what is broken, by lines of the seed.
type known []flaw

type flaw struct {
	first, last int
	class, at   string
	only        string // a kind of block, or "" for all
}

var lines = regexp.MustCompile(`([0-9]{2,})(?:-([0-9]+))?`)

func mistakes(facts string) known {
	var out known
	_, facts, _ = strings.Cut(facts, "## A2")
	facts, _, _ = strings.Cut(facts, "## A3")
	for line := range strings.Lines(facts) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 {
			continue
		}
		at := strings.TrimSpace(cells[1])
		add := func(where, only string) {
			for _, m := range lines.FindAllStringSubmatch(where, -1) {
				first, _ := strconv.Atoi(m[1]) // digits alone
				last, err := strconv.Atoi(m[2])
				if err != nil {
					last = first
				}
				out = append(out, flaw{first, last, strings.TrimSpace(cells[2]), at, only})
			}
		}
		add(strings.TrimPrefix(at, "003:"), "")
		if _, many, ok := strings.Cut(cells[3], "many curl blocks"); ok {
			add(many, "curl")
		}
	}
	return out
}

// of returns the class of what is wrong with a block, and the line of §A2.
func (k known) of(b block) (class, at string) {
	for _, e := range k {
		if e.first <= b.last && e.last >= b.first && (e.only == "" || e.only == b.kind) {
			return e.class, e.at
		}
	}
	return "", ""
}
