// Package tutorials holds the lessons and reads them: an article in Learn's
// Markdown and a lab.yaml beside it become ready-made data. README.md describes
// lab.yaml. The package runs when a site is built and in commands, not in the
// tab.
package tutorials

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"skylab/tutorials/check"
	"skylab/tutorials/learn"
	"skylab/tutorials/lesson"
)

//go:embed lessons
var builtin embed.FS

// ErrNoLesson is returned for a lesson that does not exist.
var ErrNoLesson = errors.New("no such lesson")

// course is the order in which the lessons are best done; those that it does not
// name come last.
var course = strings.Fields(`linux-vm-access-arm windows-vm-access-arm overview acquire-token linux-vm-ua-arm
	vm-identity-portal vm-identity-cli vm-identity-template vm-identity-rest
	user-assigned-portal user-assigned-cli user-assigned-template user-assigned-rest
	storage-access sign-in-cli view-service-principal services faq`)

// IDs returns the ids of the lessons built in, in the order of the course.
func IDs() []string {
	entries, _ := fs.ReadDir(builtin, "lessons") // embedded: cannot fail
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	slices.SortStableFunc(out, func(a, b string) int { return Place(a) - Place(b) })
	return out
}

// Place is a lesson's number in the course, from 0; lessons that are not of it
// have the same, behind all others.
func Place(id string) int {
	if i := slices.Index(course, id); i >= 0 {
		return i
	}
	return len(course)
}

// Find returns a lesson that is built in.
func Find(id string) (*lesson.Lesson, error) {
	if !slices.Contains(IDs(), id) {
		return nil, fmt.Errorf("%w: %q; there are %s", ErrNoLesson, id, strings.Join(IDs(), ", "))
	}
	return Load(builtin, path.Join("lessons", id))
}

// labFile is lab.yaml.
type labFile struct {
	ID           string               `yaml:"id"`
	Title        string               `yaml:"title"`
	Description  string               `yaml:"description"`
	Minutes      int                  `yaml:"minutes"`
	Source       string               `yaml:"source"`
	Teaches      []string             `yaml:"teaches"`
	Variants     []lesson.Variant     `yaml:"variants"`
	Placeholders []lesson.Placeholder `yaml:"placeholders"`
	Steps        []labStep            `yaml:"steps"`
	Next         []lesson.Link        `yaml:"next"`
}

type labStep struct {
	ID       string           `yaml:"id"`
	Heading  string           `yaml:"heading"` // the article's section that is this step
	Kind     string           `yaml:"kind"`
	Done     string           `yaml:"done"`
	Result   string           `yaml:"result"`
	Missing  []lesson.Message `yaml:"missing"`
	Mistakes []lesson.Mistake `yaml:"mistakes"`
	Hints    []string         `yaml:"hints"`
	Surfaces []lesson.Surface `yaml:"surfaces"`
}

// Load reads the lesson in a folder. Faults name their file, and their line
// where that is known.
func Load(fsys fs.FS, dir string) (*lesson.Lesson, error) {
	folder, err := fs.Sub(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("read a lesson: %w", err)
	}
	return LoadFolder(folder, dir)
}

// LoadFolder reads the lesson of a folder that is a file system of its own, so
// that nothing outside it can be included. dir is what faults call it; its last
// part is the lesson's id.
func LoadFolder(folder fs.FS, dir string) (*lesson.Lesson, error) {
	article, err := readArticle(folder, dir)
	if err != nil {
		return nil, err
	}
	name := path.Join(dir, "lab.yaml")
	data, err := fs.ReadFile(folder, "lab.yaml")
	if err != nil {
		return nil, fmt.Errorf("read a lesson: %w", err)
	}
	var f labFile
	if err := yaml.UnmarshalWithOptions(data, &f, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s:%s", name, strings.Replace(strings.TrimPrefix(yaml.FormatError(err, false, false), "["), "]", ":", 1))
	}
	l := &lesson.Lesson{ID: f.ID, Title: f.Title, Description: f.Description, Minutes: f.Minutes, Source: f.Source, Teaches: f.Teaches, Variants: f.Variants, Placeholders: f.Placeholders, Next: f.Next}
	fault := func(format string, args ...any) error {
		text := fmt.Sprintf(format, args...)
		return fmt.Errorf("%s:%d: %s", name, lineOf(string(data), args), text)
	}
	switch {
	case f.ID != path.Base(dir):
		return nil, fault("the id %q is not the folder's name, %q", f.ID, path.Base(dir))
	case f.Title == "" || len(f.Variants) == 0 || len(f.Steps) == 0:
		return nil, fault("a lesson needs a title, a variant and a step; %q lacks one", f.ID)
	}
	for _, p := range article.Pivots {
		l.Pivots = append(l.Pivots, lesson.Pivot{ID: p.ID, Title: p.Title})
	}
	taken := map[int]bool{}
	for _, s := range f.Steps {
		at := slices.IndexFunc(article.Sections, func(x learn.Section) bool { return x.Heading == s.Heading })
		switch {
		case s.ID == "" || slices.ContainsFunc(l.Steps, func(x lesson.Step) bool { return x.ID == s.ID }):
			return nil, fault("the step id %q is empty or used twice", s.ID)
		case at < 0:
			return nil, fault("step %q: the article has no heading %q", s.ID, s.Heading)
		case s.Kind != "edge" && s.Kind != "level":
			return nil, fault("step %q: its kind is %q; edge and level exist", s.ID, s.Kind)
		case len(s.Surfaces) == 0:
			return nil, fault("step %q has no surface to be done on", s.ID)
		case len(s.Missing) == 0 || s.Missing[len(s.Missing)-1].When != "":
			return nil, fault("step %q: the last of missing must always hold", s.ID)
		}
		taken[at] = true
		l.Steps = append(l.Steps, lesson.Step{ID: s.ID, Title: s.Heading, Blocks: article.Sections[at].Blocks, Surfaces: s.Surfaces, Kind: s.Kind, Done: s.Done, Result: s.Result, Missing: s.Missing, Mistakes: s.Mistakes, Hints: s.Hints})
	}
	before := true
	for i, s := range article.Sections {
		if taken[i] {
			before = false
			continue
		}
		blocks := s.Blocks
		if s.Level > 1 {
			blocks = append([]lesson.Block{{HTML: "<h2>" + escape(s.Heading) + "</h2>", Pivots: s.Pivots}}, blocks...)
		}
		if before {
			l.Intro = append(l.Intro, blocks...)
		} else {
			l.Outro = append(l.Outro, blocks...)
		}
	}
	if _, err := check.New(l); err != nil {
		step, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "step "), ":")
		return nil, fault("%v", any(stepError{step, err}))
	}
	return l, nil
}

// stepError is a fault in a step's conditions; its step is what the line is
// looked up by.
type stepError struct {
	step string
	err  error
}

func (e stepError) Error() string { return e.err.Error() }

// lineOf finds the line that a fault is about: that of the first of its words
// which stands in the file as an id or a heading.
func lineOf(data string, args []any) int {
	for _, a := range args {
		word, ok := a.(string)
		if e, is := a.(stepError); is {
			word, ok = e.step, true
		}
		if !ok || word == "" {
			continue
		}
		for i, l := range strings.Split(data, "\n") {
			l = strings.TrimLeft(l, " -")
			if l == "id: "+word || l == "heading: "+word {
				return i + 1
			}
		}
	}
	return 1
}

func readArticle(folder fs.FS, dir string) (learn.Article, error) {
	const name = "article.md"
	a, err := learn.ParseFile(folder, name, dir)
	var faults learn.Faults
	switch {
	case errors.As(err, &faults):
		return a, faults
	case err != nil:
		return a, fmt.Errorf("read a lesson: %s: %w", path.Join(dir, name), err)
	}
	return a, nil
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escaper.Replace(s) }
