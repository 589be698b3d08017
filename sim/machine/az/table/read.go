package table

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed commands/*.txt
var files embed.FS

// Table is all commands and groups by path.
type Table struct {
	groups   map[string]*Group
	commands map[string]*Command
	mu       sync.Mutex
	text     map[string]string // of commands that were not asked for yet
	shared   map[string]string
}

// Load returns the tool's table; its commands are read when they are asked for.
var Load = sync.OnceValue(func() *Table {
	t := &Table{groups: map[string]*Group{}, commands: map[string]*Command{}, text: map[string]string{}, shared: map[string]string{}}
	t.readNames(file("real.txt"))
	for _, line := range strings.Split(strings.TrimSpace(file("shared.txt")), "\n") {
		name, rest, _ := strings.Cut(line[1:], " ")
		t.shared[name] = rest
	}
	list, err := files.ReadDir("commands")
	if err != nil {
		panic(err) // the files are part of the program
	}
	for _, f := range list {
		if f.Name() != "real.txt" && f.Name() != "shared.txt" {
			t.readCommands(file(f.Name()))
		}
	}
	return t
})

func file(name string) string {
	data, err := files.ReadFile("commands/" + name)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return string(data)
}

// readNames reads the tree of names: a word is a command, a word with brackets
// behind it a group, in which its own stand.
func (t *Table) readNames(text string) {
	var open []*Group
	at := t.group("")
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " \n") {
		end := strings.IndexAny(text, " \n()")
		if end < 0 {
			end = len(text)
		}
		word, next := text[:end], byte(' ')
		if end < len(text) {
			next = text[end]
		}
		text = text[min(end+1, len(text)):]
		switch {
		case next == '(':
			name, mark := marked(word)
			at.Groups = append(at.Groups, name)
			open = append(open, at)
			at = t.group(join(at.Path, name))
			at.Mark = mark
		case word != "":
			name, mark := marked(word)
			at.Commands = append(at.Commands, name)
			t.commands[join(at.Path, name)] = &Command{Path: join(at.Path, name), Mark: mark}
		}
		if next == ')' {
			at, open = open[len(open)-1], open[:len(open)-1]
		}
	}
}

func (t *Table) group(path string) *Group {
	g := t.groups[path]
	if g == nil {
		g = &Group{Path: path}
		t.groups[path] = g
	}
	return g
}

func marked(word string) (string, Mark) {
	if n := len(word) - 1; strings.IndexByte("^*~!", word[n]) >= 0 {
		return word[:n], Mark(word[n])
	}
	return word, 0
}

func join(path, name string) string { return strings.TrimSpace(path + " " + name) }

// readCommands cuts a file into its groups and commands: what is not indented
// and does not begin with one of the marks of a line begins a new one.
func (t *Table) readCommands(text string) {
	path, from := "", 0
	keep := func(to int) {
		if path != "" {
			t.text[path] = text[from:to]
		}
		path = ""
	}
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text) - at
		}
		line := text[at : at+end]
		switch {
		case line == "" || strings.IndexByte(" >=|*$!", line[0]) >= 0:
		case line[0] == '[':
			keep(at)
			name, summary, _ := strings.Cut(line[1:], "] : ")
			t.group(name).Summary = summary
		default:
			keep(at)
			path, _, _ = strings.Cut(line, " : ")
			from = at
			t.commands[path].Simulated = true
		}
		at += end + 1
	}
	keep(len(text))
}

// Group returns a group by path; "" is the tool itself.
func (t *Table) Group(path string) (*Group, bool) {
	g, ok := t.groups[path]
	return g, ok
}

// Command returns a command by path.
func (t *Table) Command(path string) (*Command, bool) {
	c, ok := t.commands[path]
	t.mu.Lock()
	defer t.mu.Unlock()
	if text, unread := t.text[path]; unread {
		t.read(c, text)
		delete(t.text, path)
	}
	return c, ok
}

// Commands returns the paths of all commands, sorted.
func (t *Table) Commands() []string {
	out := make([]string, 0, len(t.commands))
	for p := range t.commands {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// read reads a command's lines.
func (t *Table) read(c *Command, text string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		rest := ""
		if len(line) > 2 {
			rest = line[2:]
		}
		switch line[0] {
		case '>':
			c.Long = rest
		case '|':
			c.Table = rest
		case '*':
			c.Examples = append(c.Examples, Example{Text: rest})
		case '$':
			c.Examples[len(c.Examples)-1].Command = rest
		case '=':
			f := strings.Fields(rest)
			c.Request = Request{Kind: f[0], Shape: f[1]}
			c.Request.Path, c.Request.Version, _ = strings.Cut(f[2], "?")
		case '!':
			for _, flag := range strings.Fields(rest) {
				switch flag {
				case "confirm":
					c.Confirm = true
				case "nosub":
					c.NoSub = true
				case "preview":
					c.Mark = Preview
				case "deprecated":
					c.Mark = Deprecated
				}
			}
		case ' ':
			if rest[0] == '&' {
				rest = t.shared[rest[1:]]
			}
			c.Args = append(c.Args, readArg(rest))
		default:
			_, c.Summary, _ = strings.Cut(line, " : ")
		}
	}
}

// readArg reads an argument: its names, its value's >name, then what it is like.
func readArg(line string) *Arg {
	a := &Arg{}
	head, help, _ := strings.Cut(line, " : ")
	a.Help = help
	for _, w := range strings.Fields(head) {
		switch w[0] {
		case '-':
			a.Names = append(a.Names, w)
		case '(':
			a.Old = append(a.Old, w[1:])
		case '<':
			a.Holder = w[1 : len(w)-1]
		case '>':
			a.Dest = w[1:]
		case '!':
			a.Required = true
		case '=':
			a.Choices = strings.Split(w[1:], ",")
		case '%':
			a.Default = w[1:]
		case '@':
			a.Group = spaces(w[1:])
		case '#':
			a.IDPart = w[1:]
		case '~':
			a.Config = w[1:]
		case '^':
			a.Mark = Preview
		case 'x':
			a.Mark = Deprecated
		case 'X':
			a.Mark = Hidden
		case 'A':
			a.Append = true
		case '$':
			a.Real = true
		case 'i', 'd', 'l':
			a.Type = w[0]
		case '0', '1', '3', '?', '*', '+':
			a.Nargs = w[0]
		default:
			panic(fmt.Sprintf("table: %q in %q", w, line))
		}
	}
	return a
}

func spaces(s string) string { return strings.ReplaceAll(s, "_", " ") }
