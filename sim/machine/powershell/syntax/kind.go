package syntax

import "strings"

// Kind is the kind of a token, and in the tree that of an operator.
type Kind uint8

// The kinds. Operators with an i or c before them are those that ignore or
// heed case; a bare -eq is Ieq.
const (
	Unknown Kind = iota
	Variable
	SplattedVariable
	Parameter
	Number
	Label
	Identifier
	Generic
	NewLine
	EndOfInput
	StringLiteral
	StringExpandable
	HereStringLiteral
	HereStringExpandable
	LParen
	RParen
	LCurly
	RCurly
	LBracket
	RBracket
	AtParen
	AtCurly
	DollarParen
	Semi
	AndAnd
	OrOr
	Ampersand
	Pipe
	Comma
	MinusMinus
	PlusPlus
	DotDot
	ColonColon
	Dot
	Exclaim
	Multiply
	Divide
	Rem
	Plus
	Minus
	Equals
	PlusEquals
	MinusEquals
	MultiplyEquals
	DivideEquals
	RemainderEquals
	Redirection
	RedirectInStd
	Format
	Not
	Bnot
	And
	Or
	Xor
	Band
	Bor
	Bxor
	Join
	Ieq
	Ine
	Ige
	Igt
	Ilt
	Ile
	Ilike
	Inotlike
	Imatch
	Inotmatch
	Ireplace
	Icontains
	Inotcontains
	Iin
	Inotin
	Isplit
	Ceq
	Cne
	Cge
	Cgt
	Clt
	Cle
	Clike
	Cnotlike
	Cmatch
	Cnotmatch
	Creplace
	Ccontains
	Cnotcontains
	Cin
	Cnotin
	Csplit
	Is
	IsNot
	As
	PostfixPlusPlus
	PostfixMinusMinus
	Shl
	Shr
	Colon
	QuestionMark
	QuestionQuestionEquals
	QuestionQuestion
	QuestionDot
	QuestionLBracket
	Begin
	Break
	Catch
	Class
	Continue
	Data
	Define
	Do
	Dynamicparam
	Else
	ElseIf
	End
	Exit
	Filter
	Finally
	For
	Foreach
	From
	Function
	If
	In
	Param
	Process
	Return
	Switch
	Throw
	Trap
	Try
	Until
	Using
	Var
	While
	Workflow
	Parallel
	Sequence
	InlineScript
	Configuration
	Public
	Private
	Static
	Interface
	Enum
	Namespace
	Module
	Type
	Assembly
	Command
	Hidden
	Base
	Default
	Clean
	kinds
)

// kindTexts holds the text of each kind, in order, as messages show it.
const kindTexts = "unknown var @var param number label ident generic newline eof sqstr dqstr sqhere dqhere " +
	"( ) { } [ ] @( @{ $( ; && || & | , -- ++ .. :: . ! * / % + - = += -= *= /= %= redirection < " +
	"-f -not -bnot -and -or -xor -band -bor -bxor -join -eq -ne -ge -gt -lt -le -ilike -inotlike -imatch -inotmatch " +
	"-ireplace -icontains -inotcontains -iin -inotin -isplit -ceq -cne -cge -cgt -clt -cle -clike -cnotlike -cmatch " +
	"-cnotmatch -creplace -ccontains -cnotcontains -cin -cnotin -csplit -is -isnot -as ++ -- -shl -shr : ? ??= ?? ?. ?[ " +
	"begin break catch class continue data define do dynamicparam else elseif end exit filter finally for foreach from " +
	"function if in param process return switch throw trap try until using var while workflow parallel sequence " +
	"inlinescript configuration public private static interface enum namespace module type assembly command hidden " +
	"base default clean"

var (
	kindText  = strings.Fields(kindTexts)
	keywords  = keywordTable()
	operators = operatorTable()
)

// String returns the text of the kind, as messages show it.
func (k Kind) String() string { return kindText[k] }

func keywordTable() map[string]Kind {
	m := map[string]Kind{}
	for k := Begin; k < kinds; k++ {
		if k != InlineScript {
			m[kindText[k]] = k
		}
	}
	return m
}

// operatorTable maps the names of the dash operators, without the dash: "eq",
// "ieq" and "ceq" for those that compare.
func operatorTable() map[string]Kind {
	m := map[string]Kind{}
	for k := Format; k <= Shr; k++ {
		t := kindText[k]
		if k == PostfixPlusPlus || k == PostfixMinusMinus {
			continue
		}
		m[t[1:]] = k
		switch {
		case k >= Ieq && k <= Ile:
			m["i"+t[1:]] = k
		case k >= Ilike && k <= Isplit:
			m[t[2:]] = k
		}
	}
	return m
}

// binary returns the precedence of a binary operator, 0 if it is none.
func (k Kind) binary() int {
	switch {
	case k == And || k == Or || k == Xor:
		return 1
	case k == Band || k == Bor || k == Bxor:
		return 2
	case k == Join, k >= Ieq && k <= As, k == Shl, k == Shr:
		return 5
	case k == QuestionQuestion:
		return 7
	case k == Plus || k == Minus:
		return 9
	case k == Multiply || k == Divide || k == Rem:
		return 10
	case k == Format:
		return 12
	case k == DotDot:
		return 13
	}
	return 0
}

func (k Kind) unary() bool {
	switch k {
	case Comma, MinusMinus, PlusPlus, Exclaim, Plus, Minus, Not, Bnot, Join, Isplit, Csplit:
		return true
	}
	return false
}

func (k Kind) assignment() bool {
	return k >= Equals && k <= RemainderEquals || k == QuestionQuestionEquals
}

func (k Kind) keyword() bool { return k >= Begin }

// sameInAllModes reports whether every mode reads the token alike.
func (k Kind) sameInAllModes() bool {
	return k >= NewLine && k <= Comma && k != LBracket || k == RedirectInStd
}

func (k Kind) blockName() bool {
	return k == Begin || k == Process || k == End || k == Dynamicparam || k == Clean
}

// noAttributes reports whether no attribute may stand before the statement.
func (k Kind) noAttributes() bool {
	switch k {
	case Break, Continue, Data, Define, Do, Exit, Filter, For, Foreach, From, Function, If, Return, Switch, Throw, Trap,
		Try, Using, Var, While, Workflow, Parallel, Sequence, InlineScript:
		return true
	}
	return false
}
