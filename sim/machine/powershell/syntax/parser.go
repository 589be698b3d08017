package syntax

// Options say which language is read.
type Options struct {
	// V5 switches off what Windows PowerShell 5.1 lacks: ? :, ??, ?., && and ||,
	// `u{} and `e, binary numbers and most suffixes, clean blocks.
	V5 bool
	// TypeExists, if set, says whether a type is known; classes check the types
	// they name with it while they are parsed.
	TypeExists func(name string) bool
}

// maxDepth bounds how deep a text may nest; PowerShell gives up when its stack
// is used up.
const maxDepth = 2000

// parser reads a text by recursive descent with one token of lookahead.
type parser struct {
	lexer
	ungot   *token
	noComma bool // a comma ends an expression: arguments, defaults
	errs    []Error
	depth   int
}

// tooDeep is thrown where the text nests too deep.
type tooDeep struct{}

// Parse reads a whole text. The tree is never nil; with errors it holds what
// could be read, and nothing of it may be run.
func Parse(src *Source, opt Options) (tree *ScriptBlock, errs []Error) {
	p := newParser(src, opt)
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooDeep); !ok {
				panic(r)
			}
			p.error(p.span(p.start, p.cur), "ScriptTooComplicated")
			tree, errs = &ScriptBlock{Source: src}, p.errs
		}
		src.Root = tree
	}()
	tree = p.scriptBlock(nil, nil)
	p.checkTree(tree)
	return tree, p.errs
}

func newParser(src *Source, opt Options) *parser {
	p := &parser{lexer: lexer{lexState: lexState{text: src.Text}, src: src, opt: opt}}
	p.report = p.save
	return p
}

// ParseString reads text as the inside of an expandable string: what
// ExpandString gets.
func ParseString(text string, opt Options) (Expr, []Error) {
	src := NewSource("", text)
	p := newParser(src, opt)
	var b builder
	for {
		c := p.next()
		if c == 0 && p.atEnd() {
			break
		}
		if c == '$' && p.dollar(&b, true) {
			continue
		}
		if c == '`' && p.peek() != 0 {
			b.add(p.backtick(p.next()))
			continue
		}
		b.add(string(c))
	}
	p.back()
	p.start = 0
	return p.stringExpr(p.expandable(StringExpandable, &b)), p.errs
}

// ParseTypeName reads a type's name, as [type]"…" gets it.
func ParseTypeName(s string) (*TypeName, bool) {
	p := newParser(NewSource("", s), Options{})
	t := p.typeNameRule(true)
	ok := t != nil && len(p.errs) == 0 && p.nextTok().Kind == EndOfInput
	return t, ok
}

// ParseNumber reads a number as in an expression, with a sign, and nothing
// else around it.
func ParseNumber(s string) (any, bool) {
	p := newParser(NewSource("", s), Options{})
	p.signed, p.mode = true, expressionMode
	t := p.nextTok()
	return t.Number, t.Kind == Number && t.Number != nil && t.End == len(s) && len(p.errs) == 0
}

func (p *parser) save(sp Span, incomplete bool, id string, args ...any) {
	line, col := p.src.Position(sp.Start)
	endLine, endCol := p.src.Position(sp.End)
	for _, e := range p.errs {
		if e.ID != id {
			continue
		}
		l, c := p.src.Position(e.Start)
		el, ec := p.src.Position(e.End)
		if l == line && c == col && el == endLine && ec == endCol {
			return
		}
	}
	var texts []string
	for _, a := range args {
		if k, ok := a.(Kind); ok {
			a = k.String()
		}
		texts = append(texts, a.(string))
	}
	p.errs = append(p.errs, Error{sp, id, Message(id, texts...), incomplete})
}

// error reports what more input could not mend.
func (p *parser) error(sp Span, id string, args ...any) { p.save(sp, false, id, args...) }

// missing reports at sp what more input could mend if nothing follows there.
func (p *parser) missing(sp Span, id string, args ...any) bool {
	return p.missingBefore(sp, sp, id, args...)
}

// missingBefore reports at sp what was noticed at another place.
func (p *parser) missingBefore(sp, noticed Span, id string, args ...any) bool {
	inc := p.ends(noticed.End)
	p.save(sp, inc, id, args...)
	return inc
}

func after(n Node) Span { e := n.Pos().End; return Span{e, e} }

func before(n Node) Span { s := max(0, n.Pos().Start-1); return Span{s, s} }

func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		panic(tooDeep{})
	}
	return func() { p.depth-- }
}

func (p *parser) nextTok() *token {
	t := p.ungot
	if t == nil {
		return p.nextToken()
	}
	p.ungot = nil
	return t
}

func (p *parser) peekTok() *token {
	if p.ungot == nil {
		p.ungot = p.nextToken()
	}
	return p.ungot
}

func (p *parser) unget(t *token) { p.ungot = t }

func (p *parser) skipTok() { p.ungot = nil }

// accept takes the next token if it is of a kind.
func (p *parser) accept(k Kind) *token {
	t := p.nextTok()
	if t.Kind == k {
		return t
	}
	p.unget(t)
	return nil
}

func (p *parser) resync(off int) { p.ungot = nil; p.seek(off) }

func (p *parser) newlines() {
	if p.ungot == nil || p.ungot.Kind == NewLine {
		p.ungot = nil
		p.skipNewlines(false)
	}
}

func (p *parser) separators() {
	if p.ungot == nil || p.ungot.Kind == NewLine || p.ungot.Kind == Semi {
		p.ungot = nil
		p.skipNewlines(true)
	}
}

// setMode changes the mode, rereading a token that was looked at in another.
func (p *parser) setMode(m mode) {
	if m != p.mode && p.ungot != nil && !p.ungot.Kind.sameInAllModes() {
		p.resync(p.ungot.Start)
	}
	p.mode = m
}

// in sets the mode and returns what sets it back.
func (p *parser) in(m mode) func() {
	old := p.mode
	p.setMode(m)
	return func() { p.setMode(old) }
}

// commas sets whether a comma ends an expression and returns what sets it back.
func (p *parser) commas(end bool) func() {
	old := p.noComma
	p.noComma = end
	return func() { p.noComma = old }
}

// sync skips to one of the kinds, outside of nested brackets, and past it if
// consume is set and it closes one.
func (p *parser) sync(consume bool, kinds ...Kind) {
	has := func(k Kind) bool {
		for _, x := range kinds {
			if x == k {
				return true
			}
		}
		return false
	}
	var depth [3]int
	closers := [3]Kind{RParen, RCurly, RBracket}
	for i, k := range closers {
		if has(k) {
			depth[i] = 1
		}
	}
	for {
		t := p.nextTok()
		switch t.Kind {
		case LParen:
			depth[0]++
		case LCurly:
			depth[1]++
		case LBracket:
			depth[2]++
		case EndOfInput:
			p.unget(t)
			return
		case RParen, RCurly, RBracket:
			i := map[Kind]int{RParen: 0, RCurly: 1, RBracket: 2}[t.Kind]
			if depth[i]--; depth[i] == 0 && has(t.Kind) {
				if !consume {
					p.unget(t)
				}
				return
			}
		}
		if has(t.Kind) && depth == [3]int{} {
			return
		}
	}
}

// scriptBlock reads a script (open is nil) or what follows a {.
func (p *parser) scriptBlock(open *token, first Statement) *ScriptBlock {
	p.newlines()
	sb := &ScriptBlock{Source: p.src}
	if open == nil {
		p.usings(sb)
	}
	at := p.mark()
	if !p.paramBlock(sb) {
		p.resync(at)
	}
	p.separators()
	p.scriptBody(sb, open, first)
	return sb
}

func (p *parser) usings(sb *ScriptBlock) {
	for {
		t := p.peekTok()
		if t.Kind != Using {
			p.resync(t.Start)
			return
		}
		p.skipTok()
		if u, ok := p.usingStatement(t).(*UsingStatement); ok {
			sb.Using = append(sb.Using, u)
		}
		p.separators()
	}
}

func (p *parser) paramBlock(sb *ScriptBlock) bool {
	p.newlines()
	attrs := p.attributes(false)
	p.newlines()
	param := p.peekTok()
	if param.Kind != Param {
		return false
	}
	p.skipTok()
	p.newlines()
	open := p.accept(LParen)
	if open == nil {
		return false
	}
	params := p.paramList()
	p.newlines()
	end := p.peekTok().Pos()
	if p.accept(RParen) == nil {
		last := open.Span
		if n := len(params); n > 0 {
			last = params[n-1].Span
		}
		end = before(end)
		p.missing(after(last), "MissingEndParenthesisInFunctionParameterList")
	}
	for _, a := range attrs {
		if a.Constraint {
			p.error(a.Span, "TypeNotAllowedBeforeParam", a.Type.String())
			continue
		}
		sb.Attributes = append(sb.Attributes, a)
	}
	sb.HasParam, sb.Params, sb.ParamSpan = true, params, param.To(end)
	return true
}

func (p *parser) paramList() []*ParamDecl {
	params := []*ParamDecl{}
	var comma *token
	for {
		d := p.paramDecl()
		if d == nil {
			if comma != nil {
				p.missing(after(comma), "MissingExpressionAfterToken", Comma)
			}
			return params
		}
		params = append(params, d)
		p.newlines()
		if comma = p.accept(Comma); comma == nil {
			return params
		}
	}
}

func (p *parser) paramDecl() *ParamDecl {
	defer p.commas(true)()
	defer p.in(expressionMode)()
	p.newlines()
	attrs := p.attributes(false)
	p.newlines()
	t := p.nextTok()
	if t.Kind != Variable && t.Kind != SplattedVariable {
		p.unget(t)
		if attrs == nil {
			return nil
		}
		last := attrs[len(attrs)-1]
		p.missing(after(last), "InvalidFunctionParameter")
		p.sync(true, RParen)
		sp := attrs[0].To(last.Span)
		return &ParamDecl{Span: sp, Name: newVariable(sp, "__error__", false), Attributes: attrs}
	}
	d := &ParamDecl{Span: t.Span, Name: variableExpr(t), Attributes: attrs}
	if attrs != nil {
		d.Start = attrs[0].Start
	}
	p.newlines()
	if eq := p.accept(Equals); eq != nil {
		p.newlines()
		if d.Default = p.expression(false); d.Default == nil {
			p.missing(after(eq), "MissingExpressionAfterToken", Equals)
		} else {
			d.End = d.Default.Pos().End
		}
	}
	return d
}

// endOfBody reads the } of a body, or the end of the text; false if something
// else stands there and reading must go on.
func (p *parser) endOfBody(sb *ScriptBlock, open *token, body Span) bool {
	t := p.nextTok()
	if open == nil {
		sb.Span = Span{0, len(p.text)}
		if t.Kind != EndOfInput {
			p.error(t.Span, "UnexpectedToken", t.Text)
			return false
		}
		return true
	}
	if t.Kind == RCurly {
		sb.Span = open.To(t.Span)
		return true
	}
	p.unget(t)
	if body.IsZero() {
		body = open.Span
	}
	sb.Span = open.To(body)
	p.missingBefore(open.Span, t.Span, "MissingEndCurlyBrace")
	return true
}

func (p *parser) scriptBody(sb *ScriptBlock, open *token, first Statement) {
	if p.peekTok().Kind.blockName() {
		p.namedBlocks(sb, open)
		return
	}
	b := &Block{}
	if first != nil {
		b.Statements = append(b.Statements, first)
	}
	b.Span = sb.ParamSpan
	for {
		sp := p.statements(b)
		if b.IsZero() {
			b.Span = sp
		} else if !sp.IsZero() {
			b.End = sp.End
		}
		if p.endOfBody(sb, open, b.Span) {
			break
		}
	}
	sb.End, sb.Unnamed = b, true
}

func (p *parser) namedBlocks(sb *ScriptBlock, open *token) {
	start, end := sb.ParamSpan, Span{}
	if open != nil {
		start = open.Span
	}
	for {
		t := p.nextTok()
		if t.Kind == RCurly || t.Kind == EndOfInput {
			p.unget(t)
			p.endOfBody(sb, open, start.To(end))
			return
		}
		if !t.Kind.blockName() {
			if open != nil {
				p.unget(t)
			}
			sb.Span = start.To(end)
			p.error(t.Span, "MissingNamedBlocks", t.Text)
			return
		}
		if start.IsZero() {
			start = t.Span
		}
		end = t.Span
		b := p.block()
		if b == nil {
			p.missing(after(t), "MissingNamedStatementBlock", t.Kind)
			b = &Block{Span: t.Span}
		} else {
			end = b.Span
		}
		slot := map[Kind]**Block{Begin: &sb.Begin, Process: &sb.Process, End: &sb.End, Clean: &sb.Clean, Dynamicparam: &sb.DynamicParam}[t.Kind]
		if *slot != nil {
			p.error(t.To(end), "DuplicateScriptCommandClause", t.Kind)
		} else {
			b.Span = t.To(end)
			*slot = b
		}
		p.separators()
	}
}
