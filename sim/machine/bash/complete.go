package bash

import (
	"maps"
	"path"
	"slices"
	"strings"

	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// Complete implements shell.Session: commands where one begins, variables
// behind $, options of a program behind -, files elsewhere.
func (s *Session) Complete(text string, pos int) shell.Completion {
	pos = max(0, min(pos, len(text)))
	before := text[:pos]
	start := strings.LastIndexAny(before, " \t\n;|&<>()=\"'`") + 1
	word := before[start:]
	if i := strings.LastIndexByte(word, '$'); i >= 0 {
		brace := ""
		name := word[i+1:]
		if strings.HasPrefix(name, "{") {
			brace, name = "{", name[1:]
		}
		var out []string
		for v := range s.top.vars {
			if strings.HasPrefix(v, name) {
				full := "$" + brace + v
				if brace != "" {
					full += "}"
				}
				out = append(out, full)
			}
		}
		slices.Sort(out)
		return shell.Completion{Start: start + i, End: pos, Words: out}
	}
	lead := strings.TrimRight(before[:start], " \t")
	first := lead == "" || strings.ContainsRune("\n;|&(`", rune(lead[len(lead)-1]))
	var words []string
	own, knows := s.programWords(lead, word)
	switch {
	case first && !strings.Contains(word, "/"):
		words = s.commands(word)
	case knows && own != nil:
		return shell.Completion{Start: start, End: pos, Words: own}
	case strings.HasPrefix(word, "-"):
		words = s.options(lead, word)
	}
	if words == nil {
		words = s.fileWords(word)
	}
	return shell.Completion{Start: start, End: pos, Words: words}
}

func (s *Session) commands(prefix string) []string {
	set := map[string]bool{}
	add := func(n string) {
		if strings.HasPrefix(n, prefix) && n != "" {
			set[n] = true
		}
	}
	for _, p := range s.m.AllPrograms() {
		add(p.Name)
	}
	for n := range s.top.funcs {
		add(n)
	}
	for n := range s.aliases {
		add(n)
	}
	for n := range builtins {
		add(n)
	}
	for _, n := range keywords {
		add(n)
	}
	return slices.Sorted(maps.Keys(set))
}

// programWords asks the program that a command line begins with, if it proposes
// words by itself; nil means files.
func (s *Session) programWords(lead, word string) ([]string, bool) {
	fields := strings.Fields(lead[strings.LastIndexAny(lead, "\n;|&(`")+1:])
	if len(fields) == 0 {
		return nil, false
	}
	p, ok := s.m.Program(path.Base(fields[0]))
	if !ok || p.Complete == nil {
		return nil, false
	}
	return p.Complete(&tool.Process{
		Args: fields, Environ: s.top.exported(), Dir: s.top.dir, FS: s.m.Files(s.user), Card: s.m.Card, Clock: s.m.Clock, IDs: s.m.IDs, Host: s.m.Host(s.user),
	}, append(fields[1:], word)), true
}

// options proposes the options of the program that a command line begins with.
func (s *Session) options(lead, prefix string) []string {
	at := strings.LastIndexAny(lead, "\n;|&(`") + 1
	fields := strings.Fields(lead[at:])
	if len(fields) == 0 {
		return nil
	}
	p, ok := s.m.Program(path.Base(fields[0]))
	if !ok {
		return nil
	}
	var out []string
	for _, o := range p.Options {
		for _, name := range optionNames(o) {
			if strings.HasPrefix(name, prefix) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

func optionNames(o tool.Option) []string {
	var out []string
	if o.Long != "" {
		out = append(out, "--"+o.Long)
	}
	if o.Short != "" {
		out = append(out, "-"+o.Short)
	}
	return out
}

func (s *Session) fileWords(word string) []string {
	dir, base := path.Split(word)
	look := dir
	switch {
	case look == "":
		look = s.top.dir
	case strings.HasPrefix(look, "~/"):
		look = s.user.Home + look[1:]
	case !path.IsAbs(look):
		look = s.top.dir + "/" + look
	}
	list, err := s.m.Files(s.user).ReadDir(look)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		if !strings.HasPrefix(e.Name(), base) || base == "" && strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := dir + escape(e.Name())
		if e.IsDir() {
			name += "/"
		}
		out = append(out, name)
	}
	return out
}

// escape protects what a shell would read otherwise.
func escape(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune(" \t'\"$&|;<>()*?[]\\`!#~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
