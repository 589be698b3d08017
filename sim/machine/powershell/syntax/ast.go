package syntax

// Node is a part of the tree. Every node embeds its [Span].
type Node interface{ Pos() Span }

// Statement is what stands in a block.
type Statement interface{ Node }

// Expr is what has a value.
type Expr interface{ Node }

// ScriptBlock is a script, a function's body or { }.
type ScriptBlock struct {
	Span
	Source     *Source
	Using      []*UsingStatement
	Attributes []*Attribute // before param
	Params     []*ParamDecl // of param( ); HasParam tells an empty one from none
	HasParam   bool
	ParamSpan  Span
	// Blocks by name; a body without names is End with Unnamed set.
	DynamicParam, Begin, Process, End, Clean *Block
	Unnamed                                  bool
	Filter                                   bool // an unnamed body is process
}

// Block is { } with statements.
type Block struct {
	Span
	Statements []Statement
	Traps      []*TrapStatement
}

// ParamDecl declares a parameter.
type ParamDecl struct {
	Span
	Name       *VariableExpr
	Attributes []*Attribute // type constraints included, in their order
	Default    Expr
}

// Attribute is [Name(…)], or with Constraint [Name], a type.
type Attribute struct {
	Span
	Type       *TypeName
	Constraint bool
	Positional []Expr
	Named      []NamedArg
}

// NamedArg is Name = Value in an attribute; without Value it is true.
type NamedArg struct {
	Span
	Name  string
	Value Expr
}

// TypeName is the name of a type as written.
type TypeName struct {
	Span
	Name     string // without brackets: "System.Collections.Generic.List"
	Assembly string
	Args     []*TypeName // of a generic
	Elem     *TypeName   // of an array: its elements' type
	Rank     int         // of an array
}

// String returns the full name: List[string], int[].
func (t *TypeName) String() string {
	if t.Elem != nil {
		s := t.Elem.String() + "["
		for i := 1; i < t.Rank; i++ {
			s += ","
		}
		return s + "]"
	}
	s := t.Name
	for i, a := range t.Args {
		sep := ","
		if i == 0 {
			sep = "["
		}
		s += sep + a.String()
	}
	if len(t.Args) > 0 {
		s += "]"
	}
	return s
}

// Statements.
type (
	// Pipeline is commands joined by |.
	Pipeline struct {
		Span
		Elements   []Node // *CommandExpr (only first) or *CommandCall
		Background bool
	}
	// Chain is Left && Right or Left || Right.
	Chain struct {
		Span
		Left       Statement // *Pipeline or *Chain
		Op         Kind
		Right      *Pipeline
		Background bool
	}
	// Assignment is Target Op Value.
	Assignment struct {
		Span
		Target Expr
		Op     Kind
		Value  Statement
		OpSpan Span
	}
	// IfStatement has a condition and a body per clause.
	IfStatement struct {
		Span
		Clauses []IfClause
		Else    *Block
	}
	// IfClause is one condition with its body.
	IfClause struct {
		Cond Statement
		Body *Block
	}
	// SwitchStatement is switch.
	SwitchStatement struct {
		Span
		Label                                string
		Regex, Wildcard, CaseSensitive, File bool
		Parallel                             bool
		Cond                                 Statement
		Clauses                              []SwitchClause
		Default                              *Block
	}
	// SwitchClause is a test (value, pattern or script block) with its body.
	SwitchClause struct {
		Cond Expr
		Body *Block
	}
	// ForEachStatement is foreach ($x in …).
	ForEachStatement struct {
		Span
		Label    string
		Parallel bool
		Throttle Expr
		Variable *VariableExpr
		Cond     Statement
		Body     *Block
	}
	// ForStatement is for (;;); each part may be nil.
	ForStatement struct {
		Span
		Label            string
		Init, Cond, Iter Statement
		Body             *Block
	}
	// LoopStatement is while, do…while and do…until: Kind is While or Until, Do
	// says that the body runs first.
	LoopStatement struct {
		Span
		Label string
		Kind  Kind
		Do    bool
		Cond  Statement
		Body  *Block
	}
	// FunctionDef is function or filter; of a class, a method.
	FunctionDef struct {
		Span
		Name      string
		NameSpan  Span
		Filter    bool
		Workflow  bool
		Params    []*ParamDecl // of name(…); nil if there is no such list
		HasParams bool
		Body      *ScriptBlock
	}
	// FlowStatement is return, throw, exit, break and continue: Kind says which.
	FlowStatement struct {
		Span
		Kind  Kind
		Value Statement // of return, throw, exit
		Label Expr      // of break, continue
	}
	// TrapStatement is trap.
	TrapStatement struct {
		Span
		Type *Attribute
		Body *Block
	}
	// TryStatement is try.
	TryStatement struct {
		Span
		Body    *Block
		Catches []*CatchClause
		Finally *Block
	}
	// CatchClause is catch, of all or of some types.
	CatchClause struct {
		Span
		Types []*Attribute
		Body  *Block
	}
	// DataStatement is data.
	DataStatement struct {
		Span
		Variable string
		Commands []Expr
		Body     *Block
	}
	// BlockStatement is parallel and sequence, of workflows.
	BlockStatement struct {
		Span
		Kind     Kind
		KindSpan Span
		Body     *Block
	}
	// UsingStatement is using.
	UsingStatement struct {
		Span
		Kind  Kind // Namespace, Module, Assembly, Type, Command
		Name  string
		Alias string
		Spec  *HashtableExpr // of a module
	}
	// TypeDef is class or enum.
	TypeDef struct {
		Span
		Enum       bool
		Name       string
		Attributes []*Attribute
		Bases      []*TypeName
		Members    []*MemberDef
	}
	// MemberDef is a property (or an enum's value), or a method with Method set.
	MemberDef struct {
		Span
		Name           string
		Type           *TypeName
		TypeSpan       Span
		Attributes     []*Attribute
		Static, Hidden bool
		Value          Expr
		Method         *FunctionDef
		// BaseCall says that a constructor calls base(BaseArgs).
		BaseCall bool
		BaseArgs []Expr
	}
	// ErrorStatement stands where a statement could not be read; Nested are the
	// parts that could.
	ErrorStatement struct {
		Span
		Nested []Node
	}
)

// Parts of a pipeline.
type (
	// CommandExpr is an expression at the head of a pipeline.
	CommandExpr struct {
		Span
		Expr         Expr
		Redirections []*RedirectionNode
	}
	// CommandCall is a command with its arguments.
	CommandCall struct {
		Span
		Elements     []Node // Expr or *CommandParam; the first is the name
		Invocation   Kind   // Dot, Ampersand or Unknown
		Redirections []*RedirectionNode
	}
	// CommandParam is -Name or -Name:Arg. Name "-" is "--".
	CommandParam struct {
		Span
		Name     string
		Arg      Expr
		NameSpan Span
	}
	// RedirectionNode is From>File or From>&To; stream 0 is all.
	RedirectionNode struct {
		Span
		From, To int
		File     Expr
		Append   bool
	}
)

// Expressions.
type (
	// BinaryExpr is Left Op Right.
	BinaryExpr struct {
		Span
		Left   Expr
		Op     Kind
		Right  Expr
		OpSpan Span
	}
	// UnaryExpr is Op Operand, or with PostfixPlusPlus and the like Operand Op.
	UnaryExpr struct {
		Span
		Op      Kind
		Operand Expr
	}
	// TernaryExpr is Cond ? Then : Else.
	TernaryExpr struct {
		Span
		Cond, Then, Else Expr
	}
	// ConvertExpr is [Type]Operand.
	ConvertExpr struct {
		Span
		Type    *Attribute
		Operand Expr
	}
	// AttributedExpr is [Attribute(…)]Operand.
	AttributedExpr struct {
		Span
		Attribute *Attribute
		Operand   Expr
	}
	// TypeExpr is [Type].
	TypeExpr struct {
		Span
		Type *TypeName
	}
	// ConstantExpr is a number: int32, int64, float64, decimal.Decimal, *big.Int,
	// or with a suffix another integer type.
	ConstantExpr struct {
		Span
		Value any
	}
	// StringExpr is a string that does not expand; Bare says that it is a word
	// without quotes.
	StringExpr struct {
		Span
		Value string
		Bare  bool
	}
	// ExpandExpr is a string that expands; Value is its text unexpanded.
	ExpandExpr struct {
		Span
		Value string
		Parts []ExpandPart
		Bare  bool
	}
	// ExpandPart is text or an expression.
	ExpandPart struct {
		Text string
		Expr Expr
	}
	// VariableExpr is $Name, or @Name if splatted. Name keeps scope and drive;
	// Scope and Key are its parts in lower case.
	VariableExpr struct {
		Span
		Name       string
		Splatted   bool
		Scope, Key string
	}
	// MemberExpr is Target.Member, or Target::Member if static.
	MemberExpr struct {
		Span
		Target      Expr
		Member      Expr
		Static      bool
		Conditional bool
	}
	// InvokeExpr is Target.Member(Args).
	InvokeExpr struct {
		MemberExpr
		TypeArgs []*TypeName
		Args     []Expr
	}
	// IndexExpr is Target[Index].
	IndexExpr struct {
		Span
		Target, Index Expr
		Conditional   bool
	}
	// ArrayLiteral is a, b, c.
	ArrayLiteral struct {
		Span
		Elements []Expr
	}
	// ArrayExpr is @( ).
	ArrayExpr struct {
		Span
		Body *Block
	}
	// SubExpr is $( ).
	SubExpr struct {
		Span
		Body *Block
	}
	// ParenExpr is ( ).
	ParenExpr struct {
		Span
		Pipeline Statement
	}
	// HashtableExpr is @{ }.
	HashtableExpr struct {
		Span
		Pairs []HashPair
	}
	// HashPair is Key = Value.
	HashPair struct {
		Key   Expr
		Value Statement
	}
	// ScriptBlockExpr is { }.
	ScriptBlockExpr struct {
		Span
		Body *ScriptBlock
	}
	// UsingExpr is $using:x.
	UsingExpr struct {
		Span
		Expr Expr
	}
	// ErrorExpr stands where an expression could not be read.
	ErrorExpr struct {
		Span
		Nested []Node
	}
)
