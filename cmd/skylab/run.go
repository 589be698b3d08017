package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"skylab/sim"
	"skylab/sim/kit/full"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/machine/shell"
	"skylab/sim/view"
	"skylab/tutorials"
	"skylab/tutorials/lesson"
	"skylab/tutorials/prove"
)

// fixed is the instant and seed of every played lesson, so that each run prints
// the same.
var fixed = struct {
	at   time.Time
	seed string
}{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "run"}

func runRun(ctx context.Context, args []string, std streams) int {
	f := flag.NewFlagSet("skylab run", flag.ContinueOnError)
	all := f.Bool("all", false, "every lesson that is built in")
	proof := f.Bool("prove", false, "prove each step and each mistake instead of playing the solution once")
	jsonFile := f.String("json", "", "write the rows to `FILE` as JSON")
	f.Usage = func() {
		fmt.Fprint(f.Output(), "Usage: skylab run [OPTION]... LESSON...\n\nPlays lessons by themselves and prints a row for each thing that was checked.\nA LESSON is an id, or a folder with article.md and lab.yaml.\nThe exit status is 1 when a check fails.\n\nOptions:\n")
		f.PrintDefaults()
	}
	if code, ok := parseFlags(f, args, std); !ok {
		return code
	}
	names := f.Args()
	switch {
	case *all && len(names) > 0:
		return fail(std, fmt.Errorf("--all and the lesson %s exclude each other", names[0]))
	case *all:
		names = tutorials.IDs()
	case len(names) == 0:
		return fail(std, errors.New("name a lesson, or say --all"))
	}
	rows := []prove.Row{}
	for _, name := range names {
		l, err := findLesson(name)
		if err != nil {
			return fail(std, err)
		}
		play := prove.Play
		if *proof {
			play = prove.Prove
		}
		more, err := play(ctx, l, newWorld)
		rows = append(rows, more...)
		if err != nil {
			prove.Print(std.out, rows)
			fmt.Fprintf(std.err, "skylab: %v\n", err)
			return exitFailed
		}
	}
	good := prove.Print(std.out, rows)
	if *jsonFile != "" {
		data, err := json.MarshalIndent(rows, "", "  ")
		if err == nil {
			err = os.WriteFile(*jsonFile, append(data, '\n'), 0o644)
		}
		if err != nil {
			return fail(std, fmt.Errorf("write the rows: %w", err))
		}
	}
	if !good {
		return exitFailed
	}
	return exitFine
}

// findLesson takes a lesson by its folder, if there is one, or by its id.
func findLesson(name string) (*lesson.Lesson, error) {
	if info, err := os.Stat(filepath.Join(name, "lab.yaml")); err == nil && !info.IsDir() {
		folder, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		root, err := os.OpenRoot(folder) // links out of the folder are refused
		if err != nil {
			return nil, fmt.Errorf("read the lesson: %w", err)
		}
		defer root.Close()
		return tutorials.LoadFolder(root.FS(), filepath.Base(folder))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the lesson: %w", err)
	}
	return tutorials.Find(name)
}

// world is a lab as a proof uses it.
type world struct{ lab *sim.Lab }

func newWorld(ctx context.Context, scenario string) (prove.World, error) {
	lab, err := sim.New(ctx, sim.Options{Kit: full.Kit(), Scenario: scenario, Seed: fixed.seed, At: fixed.at})
	return world{lab}, err
}

func (w world) Run(ctx context.Context, machine, text string) error {
	_, err := w.lab.Run(ctx, machine, text, shell.Streams{Out: io.Discard, Err: io.Discard})
	return err
}

func (w world) Click(ctx context.Context, a blade.Action) error {
	_, err := w.lab.Click(ctx, a)
	return err
}

func (w world) Fork() (prove.World, error) {
	lab, err := w.lab.Fork()
	return world{lab}, err
}

func (w world) Undo() error {
	_, err := w.lab.Undo()
	return err
}

func (w world) Advance(d time.Duration) { w.lab.Clock().Advance(d) }

func (w world) View() view.View { return w.lab.View() }
