package blade

import (
	"fmt"
	"strings"
)

// Text renders a blade plainly, with the target of everything that can be
// chosen in brackets.
func Text(b Blade) string {
	var w strings.Builder
	for i, l := range b.Breadcrumb {
		if i > 0 {
			w.WriteString(" > ")
		}
		w.WriteString(l.Text)
	}
	fmt.Fprintf(&w, "\n%s\n", b.Title)
	if b.Subtitle != "" {
		fmt.Fprintln(&w, b.Subtitle)
	}
	for _, n := range b.Notices {
		fmt.Fprintf(&w, "(%s) %s: %s\n", n.Kind, n.Title, n.Text)
	}
	writeLinks(&w, b.Menu)
	writeCommands(&w, b.Commands)
	writeSections(&w, b.Sections)
	if p := b.Panel; p != nil {
		fmt.Fprintf(&w, "\n=== %s ===\n", p.Title)
		writeLinks(&w, p.Steps)
		writeSections(&w, p.Sections)
		writeCommands(&w, p.Commands)
	}
	return strings.TrimLeft(w.String(), "\n")
}

func writeLinks(w *strings.Builder, links []Link) {
	for _, l := range links {
		mark := " "
		if l.Current {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %s [%s]\n", mark, l.Text, l.Target)
	}
}

func writeCommands(w *strings.Builder, commands []Command) {
	for _, c := range commands {
		fmt.Fprintf(w, "< %s > [%s]", c.Text, c.Target)
		if c.Disabled != "" {
			fmt.Fprintf(w, " (%s)", c.Disabled)
		}
		w.WriteByte('\n')
	}
}

func writeSections(w *strings.Builder, sections []Section) {
	for _, s := range sections {
		w.WriteByte('\n')
		writeLinks(w, s.Tabs)
		if s.Title != "" {
			fmt.Fprintln(w, s.Title)
		}
		if s.Text != "" {
			fmt.Fprintln(w, s.Text)
		}
		for _, f := range s.Facts {
			fmt.Fprintf(w, "  %s: %s\n", f.Name, f.Value)
		}
		for _, c := range s.Choices {
			fmt.Fprintf(w, "  %s: %s [%s]%s\n", c.Label, shownValue(c), c.Target, options(c))
			if c.Error != "" {
				fmt.Fprintf(w, "    ! %s\n", c.Error)
			}
		}
		if s.Code != "" {
			fmt.Fprintln(w, s.Code)
		}
		if t := s.Table; t != nil {
			writeTable(w, *t)
		}
	}
}

// shownValue is a field's value as it may be read: a password is not.
func shownValue(c Choice) string {
	if c.Kind == "password" {
		return strings.Repeat("*", len([]rune(c.Value)))
	}
	return c.Value
}

// options are what can stand behind a field's target.
func options(c Choice) string {
	var list []string
	for _, o := range c.Options {
		list = append(list, "."+o.Value)
	}
	if len(list) == 0 {
		return ""
	}
	return " " + strings.Join(list, " ")
}

func writeTable(w *strings.Builder, t Table) {
	if len(t.Rows) == 0 {
		fmt.Fprintf(w, "  %s\n", t.Empty)
		return
	}
	fmt.Fprintf(w, "  %s\n", strings.Join(t.Columns, " | "))
	for _, r := range t.Rows {
		mark := " "
		if r.Selected {
			mark = "x"
		}
		fmt.Fprintf(w, "%s %s [%s]\n", mark, strings.Join(r.Cells, " | "), r.Target)
		writeCommands(w, r.Commands)
	}
}
