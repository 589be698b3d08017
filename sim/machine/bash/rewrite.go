package bash

import (
	"fmt"

	"mvdan.cc/sh/v3/syntax"
)

// rewrite changes a parsed text where the interpreter differs from bash: the
// last command of a pipeline gets a subshell, and process substitutions become
// files that are written before the command, or read after it.
func rewrite(f *syntax.File) {
	n := 0
	syntax.Walk(f, func(node syntax.Node) bool {
		switch x := node.(type) {
		case *syntax.BinaryCmd:
			if x.Op == syntax.Pipe || x.Op == syntax.PipeAll {
				x.Y = subshell(x.Y)
			}
		case *syntax.Stmt:
			substitute(x, &n)
		}
		return true
	})
}

// timed makes "time COMMAND" two builtins around the command, for the
// interpreter prints to standard output and by a real clock. Functions are left
// alone: their text is kept in snapshots.
func timed(f *syntax.File) {
	syntax.Walk(f, func(node syntax.Node) bool {
		if _, ok := node.(*syntax.FuncDecl); ok {
			return false
		}
		s, ok := node.(*syntax.Stmt)
		if !ok {
			return true
		}
		c, ok := s.Cmd.(*syntax.TimeClause)
		if !ok {
			return true
		}
		call := func(args ...string) *syntax.Stmt {
			x := &syntax.CallExpr{}
			for _, a := range append([]string{ownPrefix + "time"}, args...) {
				x.Args = append(x.Args, &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{ValuePos: s.Pos(), ValueEnd: s.Pos(), Value: a}}})
			}
			return &syntax.Stmt{Position: s.Pos(), Cmd: x}
		}
		stmts := []*syntax.Stmt{call("begin")}
		if c.Stmt != nil {
			stmts = append(stmts, c.Stmt)
		}
		end := "end"
		if c.PosixFormat {
			end = "posix"
		}
		s.Cmd = &syntax.Block{Lbrace: s.Pos(), Rbrace: s.End(), Stmts: append(stmts, call(end))}
		return true
	})
}

// subshell puts a command that could change the shell into a subshell.
func subshell(s *syntax.Stmt) *syntax.Stmt {
	switch c := s.Cmd.(type) {
	case *syntax.Subshell:
		return s
	case *syntax.BinaryCmd: // the rest of the pipeline, which is seen to itself
		return s
	case *syntax.CallExpr:
		if len(c.Args) > 0 && len(s.Redirs) == 0 && c.Args[0].Lit() == "cat" {
			return s
		}
	}
	return &syntax.Stmt{Position: s.Position, Cmd: &syntax.Subshell{Lparen: s.Pos(), Rparen: s.End(), Stmts: []*syntax.Stmt{s}}}
}

// substitute replaces the process substitutions among a statement's own words.
func substitute(s *syntax.Stmt, n *int) {
	var before, after []*syntax.Stmt
	words := []*syntax.Word{}
	if c, ok := s.Cmd.(*syntax.CallExpr); ok {
		words = append(words, c.Args...)
	}
	for _, r := range s.Redirs {
		words = append(words, r.Word)
	}
	for _, w := range words {
		if w == nil {
			continue
		}
		for i, part := range w.Parts {
			p, ok := part.(*syntax.ProcSubst)
			if !ok {
				continue
			}
			file := &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{ValuePos: p.Pos(), ValueEnd: p.End(), Value: fmt.Sprintf("/tmp/.fd-%d", 63-*n%32)}}}
			*n++
			w.Parts[i] = file.Parts[0]
			block := &syntax.Stmt{Position: p.Pos(), Cmd: &syntax.Subshell{Lparen: p.Pos(), Rparen: p.End(), Stmts: p.Stmts}}
			if p.Op == syntax.CmdIn {
				block.Redirs = []*syntax.Redirect{{OpPos: p.Pos(), Op: syntax.RdrOut, Word: file}}
				before = append(before, block)
			} else {
				block.Redirs = []*syntax.Redirect{{OpPos: p.Pos(), Op: syntax.RdrIn, Word: file}}
				after = append(after, block)
			}
		}
	}
	if len(before)+len(after) == 0 {
		return
	}
	inner := *s
	inner.Negated, inner.Background, inner.Comments = false, false, nil
	s.Redirs = nil
	s.Cmd = &syntax.Block{Lbrace: s.Pos(), Rbrace: s.End(), Stmts: append(append(before, &inner), after...)}
}
