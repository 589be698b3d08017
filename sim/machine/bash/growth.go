package bash

import (
	"fmt"
	"regexp"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// maxGrown is how large a value ${x//PATTERN/TEXT} may make, in bytes, before
// the size of a variable bounds it.
const maxGrown = 4 * maxValue

// checkGrowth refuses words in which a replacement would make more text than
// there is room for: the library makes it before anybody can look.
func (f *frame) checkGrowth(words ...*syntax.Word) error {
	for _, w := range words {
		if w == nil {
			continue
		}
		if err := f.checkParts(w.Parts); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) checkParts(parts []syntax.WordPart) error {
	for _, p := range parts {
		var err error
		switch p := p.(type) {
		case *syntax.DblQuoted:
			err = f.checkParts(p.Parts)
		case *syntax.ParamExp:
			if p.Repl != nil && p.Repl.All && p.Repl.With != nil && p.Param != nil {
				err = f.checkReplacement(p)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) checkReplacement(x *syntax.ParamExp) error {
	v := f.get(x.Param.Value)
	if _, target := v.Resolve(environ{f}); v.Kind == expand.NameRef {
		v = target
	}
	values := []string{v.String()}
	if v.Kind == expand.Indexed {
		values = v.List
	}
	whole := 0
	for _, s := range values {
		whole += len(s)
	}
	if whole < 1<<10 || !plain(x.Repl.With.Parts) {
		return nil
	}
	with, err := expand.Literal(f.config(), x.Repl.With)
	if err != nil || whole*len(with) < maxGrown {
		return nil
	}
	pat, err := expand.Pattern(f.config(), x.Repl.Orig)
	if err != nil {
		return nil
	}
	text, err := pattern.Regexp(pat, pattern.ExtendedOperators)
	if err != nil {
		return nil
	}
	rx, err := f.compiled("all:"+text, func() (*regexp.Regexp, error) { return regexp.Compile("(?s)" + text) })
	if err != nil {
		return nil
	}
	size := whole
	for _, s := range values {
		size += len(rx.FindAllStringIndex(s, -1)) * len(with)
	}
	if size > maxGrown {
		return assignError(fmt.Sprintf("xrealloc: cannot allocate %d bytes", size))
	}
	return nil
}

// plain reports whether a text can be expanded a second time and do no harm.
func plain(parts []syntax.WordPart) bool {
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		case *syntax.DblQuoted:
			if !plain(p.Parts) {
				return false
			}
		case *syntax.ParamExp:
			if p.Exp != nil || p.Index != nil || p.Repl != nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}
