package bash

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/vfs"
)

// testClause is [[ … ]].
func (f *frame) testClause(ctx context.Context, c *syntax.TestClause) {
	defer f.during(ctx)()
	yes, err := f.test(c.X)
	if err != nil {
		if f.jump == goOn {
			f.status = 2
			if message := err.Error(); message != "" {
				f.complain("%s", message)
			} else if f.status == 0 {
				f.status = 2
			}
		}
	} else {
		f.status = int(truth(!yes))
	}
	if f.jump == goOn {
		f.pipes = []int{f.status}
	}
}

func (f *frame) word(x syntax.TestExpr) (string, error) {
	w, ok := x.(*syntax.Word)
	if !ok {
		return "", fmt.Errorf("conditional binary operator expected")
	}
	s, ok := f.literal(f.ctx, w)
	if !ok {
		return "", assignError("")
	}
	return s, nil
}

func (f *frame) test(x syntax.TestExpr) (bool, error) {
	switch x := x.(type) {
	case *syntax.Word:
		s, err := f.word(x)
		return s != "", err
	case *syntax.ParenTest:
		return f.test(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			yes, err := f.test(x.X)
			return !yes, err
		}
		s, err := f.word(x.X)
		if err != nil {
			return false, err
		}
		return f.unaryTest(x.Op.String(), s)
	case *syntax.BinaryTest:
		return f.binaryTest(x)
	}
	return false, assignError("conditional expression expected")
}

func (f *frame) binaryTest(x *syntax.BinaryTest) (bool, error) {
	switch x.Op {
	case syntax.AndTest, syntax.OrTest:
		yes, err := f.test(x.X)
		if err != nil || yes == (x.Op == syntax.OrTest) {
			return yes, err
		}
		return f.test(x.Y)
	}
	a, err := f.word(x.X)
	if err != nil {
		return false, err
	}
	right, ok := x.Y.(*syntax.Word)
	if !ok {
		return false, assignError("conditional binary operator expected")
	}
	switch x.Op {
	case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
		pat, err := expand.Pattern(f.config(), right)
		if err != nil {
			f.expansionFailed(err)
			return false, err
		}
		return f.matches(pat, a) == (x.Op != syntax.TsNoMatch), nil
	case syntax.TsReMatch:
		return f.regexMatch(a, right)
	case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
		b, err := f.word(right)
		if err != nil {
			return false, err
		}
		m, err := f.evaluate(f.ctx, a)
		if err != nil {
			return false, fmt.Errorf("[[: %w", err)
		}
		n, err := f.evaluate(f.ctx, b)
		if err != nil {
			return false, fmt.Errorf("[[: %w", err)
		}
		return compareNumbers(x.Op.String(), m, n), nil
	}
	b, err := f.word(right)
	if err != nil {
		return false, err
	}
	return f.compare(x.Op.String(), a, b)
}

// regexMatch is =~, whose parts go to BASH_REMATCH.
func (f *frame) regexMatch(a string, right *syntax.Word) (bool, error) {
	var b strings.Builder
	for _, p := range right.Parts { // what is quoted stands for itself
		s, ok := f.literal(f.ctx, &syntax.Word{Parts: []syntax.WordPart{p}})
		if !ok {
			return false, assignError("")
		}
		switch p := p.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			s = regexp.QuoteMeta(s)
		case *syntax.Lit:
			s = p.Value
		}
		b.WriteString(s)
	}
	text := b.String()
	if f.shopts["nocasematch"] {
		text = "(?i)" + text
	}
	rx, err := f.compiled("re:"+text, func() (*regexp.Regexp, error) {
		rx, err := regexp.Compile("(?s)" + strings.NewReplacer(`\<`, `\b`, `\>`, `\b`).Replace(text))
		if err == nil {
			rx.Longest()
		}
		return rx, err
	})
	if err != nil {
		return false, assignError("")
	}
	m := rx.FindStringSubmatch(a)
	f.vars["BASH_REMATCH"] = variable{Variable: expand.Variable{Set: true, Kind: expand.Indexed, List: append([]string{}, m...)}}
	return m != nil, nil
}

// regexp returns a pattern as an expression.
func (f *frame) regexp(pat string, mode pattern.Mode) (*regexp.Regexp, error) {
	return f.compiled(fmt.Sprint(mode, ":", pat), func() (*regexp.Regexp, error) {
		text, err := pattern.Regexp(pat, mode)
		if err != nil {
			return nil, err
		}
		return regexp.Compile(text)
	})
}

// maxCompiled is how many expressions a session keeps ready.
const maxCompiled = 256

func (s *Session) compiled(key string, make func() (*regexp.Regexp, error)) (*regexp.Regexp, error) {
	if rx := s.regexps[key]; rx != nil {
		return rx, nil
	}
	rx, err := make()
	if err != nil {
		return nil, err
	}
	if len(s.regexps) >= maxCompiled {
		clear(s.regexps)
	}
	s.regexps[key] = rx
	return rx, nil
}

func (f *frame) unaryTest(op, s string) (bool, error) {
	switch op {
	case "-n":
		return s != "", nil
	case "-z":
		return s == "", nil
	case "-v":
		if base, index, ok := strings.Cut(s, "["); ok {
			v := f.get(base)
			index = strings.TrimSuffix(index, "]")
			if v.Kind == expand.Associative {
				_, ok := v.Map[index]
				return ok, nil
			}
			n, err := f.evaluate(f.ctx, index)
			if err != nil || v.Kind != expand.Indexed {
				return false, err
			}
			if v.Indexes == nil {
				return n >= 0 && int(n) < len(v.List), nil
			}
			for _, at := range v.Indexes {
				if at == int(n) {
					return true, nil
				}
			}
			return false, nil
		}
		return f.get(s).IsSet(), nil
	case "-R":
		return f.vars[s].Kind == expand.NameRef, nil
	case "-o":
		return f.options[s], nil
	case "-t":
		n, err := strconv.Atoi(s)
		return err == nil && f.fd(n).tty, nil
	}
	i, err := f.files().Lstat(f.abs(s))
	if op == "-h" || op == "-L" {
		return err == nil && i.Mode()&fs.ModeSymlink != 0, nil
	}
	if s == "" {
		return false, nil
	}
	if i, err = f.files().Stat(f.abs(s)); err != nil {
		return false, nil
	}
	mode := i.Mode()
	may := func(m fs.FileMode) bool { return f.files().Access(f.abs(s), m) == nil }
	switch op {
	case "-e", "-a":
		return true, nil
	case "-f":
		return mode.IsRegular(), nil
	case "-d":
		return mode.IsDir(), nil
	case "-s":
		return i.Size() > 0, nil
	case "-r":
		return may(vfs.Read), nil
	case "-w":
		return may(vfs.Write), nil
	case "-x":
		return may(vfs.Exec), nil
	case "-p":
		return mode&fs.ModeNamedPipe != 0, nil
	case "-S":
		return mode&fs.ModeSocket != 0, nil
	case "-b":
		return false, nil
	case "-c":
		return mode&fs.ModeCharDevice != 0, nil
	case "-k":
		return mode&fs.ModeSticky != 0, nil
	case "-u":
		return mode&fs.ModeSetuid != 0, nil
	case "-g":
		return mode&fs.ModeSetgid != 0, nil
	case "-O", "-G":
		return i.Owner == f.user.Name, nil
	case "-N":
		return false, nil
	}
	return false, assignError(op + ": unary operator expected")
}

func (f *frame) compare(op, a, b string) (bool, error) {
	switch op {
	case "=", "==":
		return a == b, nil
	case "!=":
		return a != b, nil
	case "<":
		return a < b, nil
	case ">":
		return a > b, nil
	case "-nt", "-ot", "-ef":
		x, errX := f.files().Stat(f.abs(a))
		y, errY := f.files().Stat(f.abs(b))
		switch op {
		case "-ef":
			return errX == nil && errY == nil && f.real(a) == f.real(b), nil
		case "-nt":
			return errX == nil && (errY != nil || x.ModTime().After(y.ModTime())), nil
		}
		return errY == nil && (errX != nil || x.ModTime().Before(y.ModTime())), nil
	}
	return false, assignError(op + ": binary operator expected")
}

func compareNumbers(op string, m, n int64) bool {
	switch op {
	case "-eq":
		return m == n
	case "-ne":
		return m != n
	case "-lt":
		return m < n
	case "-le":
		return m <= n
	case "-gt":
		return m > n
	}
	return m >= n
}

var unaryOperators, binaryOperators = " -a -b -c -d -e -f -g -h -k -n -o -p -r -s -t -u -v -w -x -z -G -L -N -O -R -S ", " = == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef "

// testBuiltin is test and [.
func testBuiltin(f *frame, _ context.Context, args []string) int {
	name, args := args[0], args[1:]
	if name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			f.complain("[: missing `]'")
			return 2
		}
		args = args[:len(args)-1]
	}
	t := &tester{f: f, args: args}
	yes, err := t.all()
	if err != nil {
		f.complain("%s: %v", name, err)
		return 2
	}
	return int(truth(!yes))
}

// tester reads the words of test.
type tester struct {
	f    *frame
	args []string
}

// all follows POSIX, which decides by the number of words.
func (t *tester) all() (bool, error) {
	a := t.args
	switch len(a) {
	case 0:
		return false, nil
	case 1:
		return a[0] != "", nil
	case 2:
		if a[0] == "!" {
			return a[1] == "", nil
		}
		if strings.Contains(unaryOperators, " "+a[0]+" ") {
			return t.f.unaryTest(a[0], a[1])
		}
		return false, assignError(a[0] + ": unary operator expected")
	case 3:
		switch {
		case strings.Contains(binaryOperators, " "+a[1]+" "):
			return t.binary(a[0], a[1], a[2])
		case a[1] == "-a":
			return a[0] != "" && a[2] != "", nil
		case a[1] == "-o":
			return a[0] != "" || a[2] != "", nil
		case a[0] == "!":
			yes, err := (&tester{t.f, a[1:]}).all()
			return !yes, err
		case a[0] == "(" && a[2] == ")":
			return a[1] != "", nil
		}
		return false, assignError(a[1] + ": binary operator expected")
	}
	if len(a) == 4 && a[0] == "!" {
		yes, err := (&tester{t.f, a[1:]}).all()
		return !yes, err
	}
	yes, err := t.or()
	if err == nil && len(t.args) > 0 {
		err = assignError("too many arguments")
	}
	return yes, err
}

func (t *tester) or() (bool, error) {
	yes, err := t.and()
	for err == nil && len(t.args) > 0 && t.args[0] == "-o" {
		t.args = t.args[1:]
		var right bool
		right, err = t.and()
		yes = yes || right
	}
	return yes, err
}

func (t *tester) and() (bool, error) {
	yes, err := t.term()
	for err == nil && len(t.args) > 0 && t.args[0] == "-a" {
		t.args = t.args[1:]
		var right bool
		right, err = t.term()
		yes = yes && right
	}
	return yes, err
}

func (t *tester) term() (bool, error) {
	a := t.args
	switch {
	case len(a) == 0:
		return false, assignError("argument expected")
	case a[0] == "!":
		t.args = a[1:]
		yes, err := t.term()
		return !yes, err
	case a[0] == "(":
		t.args = a[1:]
		yes, err := t.or()
		if err == nil && (len(t.args) == 0 || t.args[0] != ")") {
			return false, assignError("`)' expected")
		}
		if err == nil {
			t.args = t.args[1:]
		}
		return yes, err
	case len(a) >= 3 && strings.Contains(binaryOperators, " "+a[1]+" "):
		t.args = a[3:]
		return t.binary(a[0], a[1], a[2])
	case len(a) >= 2 && strings.Contains(unaryOperators, " "+a[0]+" "):
		t.args = a[2:]
		return t.f.unaryTest(a[0], a[1])
	}
	t.args = a[1:]
	return a[0] != "", nil
}

func (t *tester) binary(a, op, b string) (bool, error) {
	if len(op) == 3 && op[0] == '-' && !strings.Contains(" -nt -ot -ef ", op) {
		m, err := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
		if err != nil {
			return false, assignError(a + ": integer expression expected")
		}
		n, err := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
		if err != nil {
			return false, assignError(b + ": integer expression expected")
		}
		return compareNumbers(op, m, n), nil
	}
	return t.f.compare(op, a, b)
}
