package powershell

import (
	"context"
	"strings"
)

// Prompt returns what stands before the next command: what the function prompt
// gives, or "PS", the working directory and ">".
func (s *Session) Prompt() string {
	usual := "PS " + s.Native(s.dir) + "> "
	fn := s.global.function("prompt")
	if fn == nil {
		return usual
	}
	success, code := s.success, s.exitCode
	defer func() { s.success, s.exitCode = success, code }()
	var out []string
	c := &ctx{s: s, go_: context.Background(), scope: s.global, caught: true, src: fn.Block.Body.Source}
	c.out = func(v any) error { out = append(out, s.obj.String(v)); return nil }
	s.active = c
	if s.text == nil {
		s.text = func(string) {}
	}
	if s.format == nil {
		s.newFormat()
	}
	if err := c.runBlock(fn.Block, blockArgs{out: c.out}); err != nil || len(out) == 0 {
		return "PS>"
	}
	return strings.Join(out, " ")
}
