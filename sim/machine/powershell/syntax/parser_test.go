package syntax

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// sexpr writes a tree on one line, for tests.
func sexpr(n Node) string {
	switch n := n.(type) {
	case *ScriptBlock:
		return sexpr(n.End)
	case *Block:
		var out []string
		for _, s := range n.Statements {
			out = append(out, sexpr(s))
		}
		return strings.Join(out, "; ")
	case *Pipeline:
		var out []string
		for _, e := range n.Elements {
			out = append(out, sexpr(e))
		}
		return strings.Join(out, " | ")
	case *Chain:
		return "(" + sexpr(n.Left) + " " + n.Op.String() + " " + sexpr(n.Right) + ")"
	case *CommandExpr:
		return sexpr(n.Expr)
	case *CommandCall:
		out := []string{"call"}
		for _, e := range n.Elements {
			out = append(out, sexpr(e))
		}
		for _, r := range n.Redirections {
			out = append(out, fmt.Sprintf("%d>%d", r.From, r.To))
		}
		return "<" + strings.Join(out, " ") + ">"
	case *CommandParam:
		if n.Arg != nil {
			return "-" + n.Name + ":" + sexpr(n.Arg)
		}
		return "-" + n.Name
	case *Assignment:
		return sexpr(n.Target) + " " + n.Op.String() + " " + sexpr(n.Value)
	case *BinaryExpr:
		return "(" + sexpr(n.Left) + " " + n.Op.String() + " " + sexpr(n.Right) + ")"
	case *UnaryExpr:
		return "(" + n.Op.String() + " " + sexpr(n.Operand) + ")"
	case *TernaryExpr:
		return "(" + sexpr(n.Cond) + " ? " + sexpr(n.Then) + " : " + sexpr(n.Else) + ")"
	case *ConvertExpr:
		return "[" + n.Type.Type.String() + "]" + sexpr(n.Operand)
	case *TypeExpr:
		return "[" + n.Type.String() + "]"
	case *ConstantExpr:
		return fmt.Sprintf("%T:%v", n.Value, n.Value)
	case *StringExpr:
		if n.Bare {
			return n.Value
		}
		return fmt.Sprintf("%q", n.Value)
	case *ExpandExpr:
		out := ""
		for _, p := range n.Parts {
			if p.Expr == nil {
				out += p.Text
			} else {
				out += "{" + sexpr(p.Expr) + "}"
			}
		}
		return "`" + out + "`"
	case *VariableExpr:
		if n.Splatted {
			return "@" + n.Name
		}
		return "$" + n.Name
	case *MemberExpr:
		return sexpr(n.Target) + "." + sexpr(n.Member)
	case *InvokeExpr:
		var out []string
		for _, a := range n.Args {
			out = append(out, sexpr(a))
		}
		return sexpr(&n.MemberExpr) + "(" + strings.Join(out, ", ") + ")"
	case *IndexExpr:
		return sexpr(n.Target) + "[" + sexpr(n.Index) + "]"
	case *ArrayLiteral:
		var out []string
		for _, e := range n.Elements {
			out = append(out, sexpr(e))
		}
		return "{" + strings.Join(out, ", ") + "}"
	case *ParenExpr:
		return "(" + sexpr(n.Pipeline) + ")"
	case *SubExpr:
		return "$(" + sexpr(n.Body) + ")"
	case *ArrayExpr:
		return "@(" + sexpr(n.Body) + ")"
	case *ScriptBlockExpr:
		return "{" + sexpr(n.Body) + "}"
	case *HashtableExpr:
		out := "@{"
		for _, p := range n.Pairs {
			out += sexpr(p.Key) + "=" + sexpr(p.Value) + ";"
		}
		return out + "}"
	}
	return fmt.Sprintf("%T", n)
}

func TestTrees(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"2 + 3 * 4", "(int32:2 + (int32:3 * int32:4))"},
		{"Write-Output 2+2 (2+2)", "<call Write-Output 2+2 ((int32:2 + int32:2))>"},
		{"-3 + 5", "(int32:-3 + int32:5)"},
		{"1kb, 0xFFFFFFFF, 1.5d, 10L, 5000000000, 1e3", "{int32:1024, int32:-1, decimal.Decimal:1.5, int64:10, int64:5000000000, float64:1000}"},
		{"99999999999999999999", "decimal.Decimal:99999999999999999999"},
		{`"a $x.y $($x.y) ${z}!"`, "`a {$x}.y {$($x.y)} {$z}!`"},
		{`"say ""$(f ""in"")"""`, "`say \"{$(<call f \"in\">)}\"`"},
		{"$a.b::c[1].d(2, 3)", "$a.b.c[int32:1].d(int32:2, int32:3)"},
		{"[int]'5' -is [int]", "([int]\"5\" -is [int])"},
		{"f -Name:5 -Path C:\\x --flag --% a | b", "<call f -Name:int32:5 -Path C:\\x --flag --% a > | <call b>"},
		{"a && b || c", "((<call a> && <call b>) || <call c>)"},
		{"$x ? 1 : 2", "($x ? int32:1 : int32:2)"},
		{"@{a=1; 'b c'=2}", "@{a=int32:1;\"b c\"=int32:2;}"},
		{"1,2 -join ','", "({int32:1, int32:2} -join \",\")"},
		{"$i++", "(++ $i)"},
		{"cmd 2>&1 *> out.txt", "<call cmd 2>1 0>0>"},
		{"& { param($x) $x } 5", "<call {$x} int32:5>"},
		{"a\n| b", "<call a> | <call b>"},
		{"@\"\nx $y\n\"@", "`x {$y}`"},
		{"-not $a -and $b", "((-not $a) -and $b)"},
		{"$x = foreach ($i in 1..3) { $i }", "$x = *syntax.ForEachStatement"},
		{"0x7FFFFFFFFFFFFFFF; 1n; 5u; 3us", "int64:9223372036854775807; *big.Int:1; uint32:5; uint16:3"},
		{"curl “http://x/$y”", "<call curl `http://x/{$y}`>"},
		{"x a$b'c'", "<call x `a{$b}c`>"},
	} {
		tree, errs := Parse(NewSource("", c.in), Options{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", c.in, errs)
		}
		if got := sexpr(tree); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestV5 has what Windows PowerShell 5.1 reads otherwise; facts/powershell.md §B4.
func TestV5(t *testing.T) {
	for in, want := range map[string]string{
		"a && b":    "InvalidEndOfLine",
		"$x ? 1: 2": "UnexpectedToken",
		"$x ?? 1":   "UnexpectedToken",
		"'ok'":      "",
	} {
		_, errs := Parse(NewSource("", in), Options{V5: true})
		got := ""
		if len(errs) > 0 {
			got = errs[0].ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestIncomplete(t *testing.T) {
	for in, want := range map[string]bool{
		"if ($x) {": true, "1 +": true, "a |": true, "@'\nx": true, "\"x": true, "try { }": true, "f(": true,
		"1 + ]": false, "a": false, "@{a:1}": false,
	} {
		_, errs := Parse(NewSource("", in), Options{})
		got := len(errs) > 0 && errs[0].Incomplete
		if got != want {
			t.Errorf("%s: incomplete %v (%v)", in, got, errs)
		}
	}
}

func TestMessage(t *testing.T) {
	src := NewSource("", "x\n@{Metadata:\"true\"}")
	for _, c := range []struct {
		sp   Span
		want string
	}{
		{Span{12, 12}, "At line:2 char:11\n+ @{Metadata:\"true\"}\n+           ~"},
		{Span{0, 1}, "At line:1 char:1\n+ x\n+ ~"},
		{Span{0, 5}, "At line:1 char:1\n+ x\n+ ~"},
	} {
		if got := src.Message(c.sp, "…"); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
	long := NewSource("a.ps1", "$response = Invoke-WebRequest -Uri 'http://169.254.169.254/metadata/identity/oauth2/token'")
	want := "At a.ps1:1 char:13\n+ $response = Invoke-WebRequest -Uri 'http://169.254.169.254/metadata/i ...\n+             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
	if got := long.Message(Span{12, len(long.Text)}, "..."); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDeep(t *testing.T) {
	_, errs := Parse(NewSource("", strings.Repeat("(", 100000)), Options{})
	if len(errs) == 0 || errs[len(errs)-1].ID != "ScriptTooComplicated" {
		t.Errorf("deep nesting: %v", errs)
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]any{"5": int32(5), "-7": int32(-7), "0x10": int32(16), "1.5": 1.5, "5x": nil, "": nil, "1n": big.NewInt(1)} {
		got, _ := ParseNumber(in)
		if fmt.Sprintf("%T%v", got, got) != fmt.Sprintf("%T%v", want, want) {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "a | b", "\"$(\"\"x\"\")\"", "@{a=1;b=$(1)}", "class A : B { [int]$x = 1; A() : base(1) {} }", "@\"\n$x\n \"@",
		"if (1) {2} elseif (3) {4} else {5}", "switch -regex ($x) { default {} }", "$x?.y ?? 1 ? 2 : 3", "[a.b[c,d],e]::f[int](1)",
		"function f { param([Parameter(Mandatory)]$x) process { $_ } }", "a 2>&1 >x --% y", "\u201cx\u201d\u2013", "`u{1F600}", "0x", "1..", "${a:b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src := NewSource("", s)
		tree, errs := Parse(src, Options{})
		Walk(tree, func(n Node, _ []Node) bool {
			if sp := n.Pos(); sp.Start < 0 || sp.Start > len(s)+3 {
				t.Fatalf("%T at %v of %d", n, sp, len(s))
			}
			return true
		})
		for _, e := range errs {
			if e.Message == e.ID {
				t.Errorf("no text for %s", e.ID)
			}
			src.Message(e.Span, "…")
		}
		Parse(src, Options{V5: true})
	})
}
