package coreutils

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/ids"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// files stand in the working directory of every case.
var files = map[string]string{
	"a.txt":     "one 1\ntwo 2\nthree 3\n",
	"b.txt":     "b\na\nb\nB\n10\n9\n",
	"csv":       "x,y,z\n1,2,3\n,,\nplain\n",
	"no-end":    "first\nlast",
	"bytes":     "\x00\x01\xff\n",
	"dir/inner": "inside\n",
	"dir/.dot":  "hidden\n",
	"empty":     "",
	"blank":     "a\n\n\n\nb\n\n",
	"utf":       "h\u00e9llo\nw\u00f6rld\n",
	"tabs":      "a\tb\n\tc\\d\n",
	"pats":      "one\ntwo\n",
	"script":    "# a comment\ns/one/1/\n\n2d\n",
	"sizes":     "10K\n1M\n5\n2K\n1G\n",
	"versions":  "v1.10\nv1.9\nv1.2\nv1.10-rc\n",
	"floats":    "1e3\n2.5\n-1\n.5\n1e-2\nabc\n",
	"months":    "MAR\nJan\nfeb\nxyz\n",
	"sums":      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n",
	"badsums":   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  nosuch\nnonsense\n",
	"hexed":     "00000000: 6f6e 6520 310a 7477 6f20 320a 7468 7265  one 1.two 2.thre\n00000010: 6520 330a                                e 3.\n",
	"plainhex":  "6f6e65\n20 31\n",
}

// newProcess returns a process in a directory /w with the files above.
func newProcess(t *testing.T, argv []string, stdin string) (*tool.Process, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	c := clock.New(time.Date(2026, 11, 24, 10, 20, 30, 0, time.UTC))
	f := vfs.New(c.Now, 0)
	root := f.As(vfs.Who{User: "root", Root: true})
	root.MkdirAll("/w", 0o755)
	root.Chown("/w", "u", "u")
	u := f.As(vfs.Who{User: "u", Groups: []string{"u", "sudo"}})
	for name, data := range files {
		u.MkdirAll(filepath.Dir("/w/"+name), 0o755)
		if err := u.WriteFile("/w/"+name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	u.Symlink("a.txt", "/w/link")
	u.Symlink("nosuch", "/w/dangling")
	var out, errs bytes.Buffer
	users := []tool.User{{Name: "u", UID: 1000, GID: 1000, Groups: []string{"u", "sudo"}, Sudo: true}}
	p := &tool.Process{Args: argv, Environ: []string{"A=1", "HOME=/w"}, Dir: "/w", Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, FS: u, Clock: c, IDs: ids.New("test"),
		Host: tool.Host{Hostname: "myVM", OS: "Linux", User: users[0], Users: users, Programs: all}}
	p.Exec = func(ctx context.Context, p *tool.Process) int {
		prog, ok := find(all(), p.Args[0])
		if !ok {
			return -1
		}
		return prog.Run(ctx, p)
	}
	return p, &out, &errs
}

func run(t *testing.T, argv []string, stdin string) (string, string, int) {
	t.Helper()
	out, errs, status, _ := leaving(t, argv, stdin)
	return out, errs, status
}

// leaving also returns what the working directory holds afterwards.
func leaving(t *testing.T, argv []string, stdin string) (string, string, int, string) {
	t.Helper()
	p, out, errs := newProcess(t, argv, stdin)
	status := p.Exec(context.Background(), p)
	var tree []string
	var walk func(dir string)
	walk = func(dir string) {
		list, _ := p.FS.ReadDir("/w" + dir)
		for _, i := range list {
			name := dir + "/" + i.Name()
			switch {
			case i.IsDir():
				tree = append(tree, name+"/")
				walk(name)
			case i.Target != "":
				tree = append(tree, name+" -> "+i.Target)
			default:
				data, _ := p.FS.ReadFile("/w" + name)
				tree = append(tree, fmt.Sprintf("%s %o %q", name, i.Mode().Perm(), data))
			}
		}
	}
	walk("")
	slices.Sort(tree)
	return out.String(), errs.String(), status, strings.Join(tree, "\n")
}

// left is what a real directory holds, as [leaving] tells it.
func left(dir string) string {
	var tree []string
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		short := strings.TrimPrefix(name, dir)
		switch {
		case d.IsDir():
			short += "/"
		case d.Type()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(name)
			short += " -> " + target
		default:
			data, _ := os.ReadFile(name)
			i, _ := d.Info()
			short = fmt.Sprintf("%s %o %q", short, i.Mode().Perm(), data)
		}
		tree = append(tree, short)
		return nil
	})
	slices.Sort(tree)
	return strings.Join(tree, "\n")
}

// differential are command lines whose output must be that of the real tools
// of Debian, to the byte. \x1f separates arguments where blanks matter.
var differential = []string{
	"cat a.txt no-end", "cat -n a.txt", "cat -A bytes", "cat -b csv", "cat nosuch", "cat dir", "cat -s empty", "cat -z",
	"head -n 2 a.txt", "head -n -1 a.txt", "head -c 3 a.txt", "head a.txt no-end", "head -n x a.txt", "head -q -n1 a.txt no-end",
	"tail -n 1 a.txt", "tail -n +2 a.txt", "tail -c 4 a.txt", "tail -v -n1 no-end",
	"wc a.txt", "wc -l a.txt", "wc a.txt no-end", "wc -w a.txt", "wc -c no-end", "wc -L a.txt",
	"cut -d, -f2 csv", "cut -d, -f2- csv", "cut -c1-3 a.txt", "cut -s -d, -f1,3 csv", "cut -f1 --complement -d, csv", "cut a.txt", "cut -f0 csv", "cut -f3-1 csv",
	"sort b.txt", "sort -r b.txt", "sort -n b.txt", "sort -u b.txt", "sort -k2n a.txt", "sort -t, -k2 csv", "sort nosuch",
	"uniq -c b.txt", "uniq -d b.txt", "nl csv", "paste a.txt b.txt", "paste -sd, b.txt", "tac a.txt", "rev a.txt", "fold -w 3 a.txt",
	"seq 3", "seq 2 5", "seq 1 2 7", "seq 3 -1 1", "seq -w 8 11", "seq -s, 4", "seq 0.5 2", "seq x", "seq",
	"grep o a.txt", "grep -n o a.txt", "grep -c o a.txt b.txt", "grep -v o a.txt", "grep -o t a.txt", "grep -i B b.txt", "grep -E ^(one|two) a.txt", "grep zzz a.txt", "grep o nosuch",
	"grep -l inside dir/inner a.txt", "grep -r inside dir", "grep -w one a.txt", "grep -F . a.txt", "grep -A1 one a.txt", "grep -B1 three a.txt", "grep \\(t a.txt", "grep -E (t a.txt", "grep a\\|o b.txt", "grep -x two\x1fa.txt", "grep -q o a.txt", "grep",
	"ls", "ls -a dir", "ls nosuch", "ls -1 a.txt dir", "ls -d dir", "ls -F", "ls --nope", "ls -A dir",
	"find dir", "find dir -name *ner", "find . -type d", "find dir -maxdepth 0", "find nosuch", "find . -name .dot", "find dir ! -name inner",
	"mkdir dir", "mkdir", "mkdir x/y", "mkdir -p x/y", "rm nosuch", "rm -f nosuch", "rm dir", "rm", "rmdir dir", "rmdir a.txt", "cp a.txt", "cp", "cp nosuch x", "cp dir x", "cp a.txt b.txt nosuch", "cp a.txt a.txt", "mv nosuch x", "mv a.txt", "mv dir dir/x", "touch nosuch/x", "touch",
	"chmod 600 nosuch", "chmod zzz a.txt", "chmod 600", "ln -s a.txt b.txt",
	"base64 a.txt", "base64 -w0 a.txt", "base64 -d a.txt", "base64 nosuch", "md5sum a.txt no-end", "sha256sum empty", "xxd a.txt", "xxd -p a.txt",
	"basename /a/b.txt .txt", "basename /", "basename a/", "dirname /a/b", "dirname a", "dirname /", "dirname a/b/", "basename", "realpath nosuch/x", "readlink a.txt",
	"tr", "tr a", "true", "false", "cmp a.txt b.txt", "cmp a.txt a.txt", "stat -c %s:%a:%n:%F a.txt dir",
	"date -u -d @0 +%Y-%m-%dT%H:%M:%SZ", "date -u -d @86399 +%s", "date -u -d 2024-02-29 +%j", "date -d nonsense", "date -u -d @1700000000 -Iseconds", "date -u -d @1700000000 +%-d/%-m", "sleep", "sleep x", "which nosuchtool",
	"sed s/o/0/ a.txt", "sed -n 2p a.txt", "sed 2d a.txt", "sed 1,2d a.txt", "sed /two/d a.txt", "sed -n /one/,/two/p a.txt", "sed s/o/0/g;s/t/T/2 a.txt", "sed -E s/([a-z]+)\x1f([0-9])/\\2-\\1/ a.txt", "sed -n $p a.txt", "sed 2q a.txt", "sed -e 1d -e 3d a.txt", "sed 2i\\hey a.txt", "sed $a\\end a.txt", "sed 2c\\x a.txt", "sed y/abc/xyz/ b.txt", "sed s/$/!/ no-end", "sed N;s/\\n/,/ a.txt", "sed n;d a.txt", "sed :a;N;$!ba;s/\\n/,/g a.txt", "sed s/one/[&]/;s/\\(t\\)w/\\1\\1/p a.txt", "sed s/x/y", "sed s/(/x/z a.txt", "sed k a.txt", "sed p nosuch", "sed -n 0~2p a.txt", "sed 2,+1d a.txt", "sed -r s/t(.)/\\U\\1/I a.txt", "sed 1!G;h;$!d a.txt", "sed s,a/b,x,g csv", "sed {p a.txt", "sed p} a.txt", "sed s/a/\\3/ a.txt", "sed -n = a.txt", "sed dir dir", "sed p dir", "sed 5,2p a.txt", "sed q5 a.txt",
	"diff a.txt b.txt", "diff a.txt a.txt", "diff -q a.txt b.txt", "diff -s a.txt a.txt", "diff a.txt nosuch", "diff a.txt", "diff", "diff empty a.txt", "diff a.txt empty", "diff no-end a.txt", "diff dir .", "diff -r dir dir", "diff -i b.txt b.txt", "diff a.txt dir", "diff bytes a.txt",
}

// onStdin are a command line and its standard input.
var onStdin = [][2]string{
	{"tr a-z A-Z", "hello\n"}, {"tr -d \\n", "a\nb\n"}, {"tr -s a", "aaab"}, {"tr _- /+", "a_b-c"}, {"tr -cd [:alnum:]", "a b!c\n"}, {"tr -d [:space:]", " a b \n"}, {"tr [:lower:] [:upper:]", "abc"},
	{"base64 -d", "aGVsbG8="}, {"base64 -d", "aGVsbG8"}, {"base64 -d", "a-b_"}, {"base64 -d", "!!"}, {"base64", strings.Repeat("x", 100)},
	{"wc -c", "abc"}, {"wc", "a b\n"}, {"cut -d. -f2", "a.b.c\n"}, {"sort", "c\na\nb"}, {"uniq", "a\na\nb\n"}, {"head -1", "a\nb\n"}, {"tee", "x"}, {"xargs", "a b\nc\n"}, {"xargs -n1 echo x", "a b\n"}, {"xargs -I{} echo [{}]", "a b\nc\n"}, {"grep -o [0-9]*", "a12b3\n"}, {"rev", "abc\n"}, {"cat -", "x"}, {"sha256sum", "x"}, {"xxd -r -p", "616263"},
}

func split(line string) []string {
	f := strings.Fields(line)
	for i := range f {
		f[i] = strings.ReplaceAll(f[i], "\x1f", " ")
	}
	// a separator that joins words with a blank, or splits them where it must
	if len(f) > 0 && f[0] == "grep" {
		f = strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\x1f' })
	}
	return f
}

// realDir makes a directory with the files, all of one time.
func realDir(t *testing.T) string {
	dir := t.TempDir()
	at := time.Date(2026, 11, 24, 10, 20, 30, 0, time.UTC)
	for name, data := range files {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(filepath.Join(dir, name), at, at)
	}
	os.Symlink("a.txt", filepath.Join(dir, "link"))
	os.Symlink("nosuch", filepath.Join(dir, "dangling"))
	return dir
}

// without is the lines of a that b lacks.
func without(a, b string) string {
	other := strings.Split(b, "\n")
	var out []string
	for _, l := range strings.Split(a, "\n") {
		if !slices.Contains(other, l) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func TestAgainstTheRealTools(t *testing.T) {
	// Later ones differ in places: base64 9.5 takes what lacks its padding.
	if out, err := exec.Command("base64", "--version").Output(); err != nil || !strings.Contains(string(out), "(GNU coreutils) 9.1\n") {
		t.Skip("coreutils 9.1 is not on this machine")
	}
	cases := make([][2]string, 0, len(differential)+len(onStdin))
	for _, d := range slices.Concat(differential, moreDifferential) {
		cases = append(cases, [2]string{d, ""})
	}
	cases = append(append(cases, onStdin...), moreOnStdin...)
	ran, absent := 0, 0
	dir, before, pristine := "", "", ""
	for _, c := range cases {
		argv := split(c[0])
		if _, err := exec.LookPath(argv[0]); err != nil || differs[c[0]] != "" {
			continue
		}
		ran++
		if dir == "" || before != pristine { // a command line that changes nothing leaves it to the next
			dir = realDir(t)
			before = left(dir)
			pristine = before
		}
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(c[1])
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run()
		if before = left(dir); argv[0] == "touch" {
			pristine = "" // which may leave other times
		}
		gotOut, gotErr, status, tree := leaving(t, argv, c[1])
		if strings.Contains(gotErr, "is real but not simulated here\n") {
			absent++
			continue
		}
		if tree != before {
			t.Errorf("%q leaves\n%s\nwant\n%s", c[0], without(tree, before), without(before, tree))
		}
		out = *bytes.NewBufferString(strings.ReplaceAll(out.String(), dir+"/", "/w/"))
		if argv[0] == "find" || len(argv) > 1 && strings.HasPrefix(argv[1], "-r") { // the order of a real directory is its own
			gotOut, out = sorted(gotOut), *bytes.NewBufferString(sorted(out.String()))
		}
		if gotOut != out.String() || status != cmd.ProcessState.ExitCode() || gotErr != normal(errs.String(), argv[0]) {
			t.Errorf("%q:\n got %q %q %d\nwant %q %q %d", c[0], gotOut, gotErr, status, out.String(), errs.String(), cmd.ProcessState.ExitCode())
		}
	}
	t.Logf("%d command lines compared, %d of which say that they are not simulated", ran, absent)
	if ran == 0 {
		t.Skip("none of the real tools is on this machine")
	}
}

func sorted(s string) string {
	var out bytes.Buffer
	l := lines([]byte(s))
	for len(l) > 0 {
		least := 0
		for i := range l {
			if l[i] < l[least] {
				least = i
			}
		}
		out.WriteString(l[least] + "\n")
		l = append(l[:least], l[least+1:]...)
	}
	return out.String()
}

// normal takes out what depends on how the real tool was found.
func normal(s, name string) string {
	return strings.ReplaceAll(s, "/usr/bin/"+name+":", name+":")
}

func TestOurOwn(t *testing.T) {
	for _, c := range []struct {
		line, out, err string
		status         int
	}{
		{"whoami", "u\n", "", 0},
		{"sudo whoami", "root\n", "", 0},
		{"sudo -u nobody2 whoami", "", "sudo: unknown user: nobody2\n", 1},
		{"hostname", "myVM\n", "", 0},
		{"uuidgen", "468fd477-dd9e-4e48-84d6-f3730107f979\n", "", 0},
		{"uuidgen x", "", "uuidgen: unexpected argument x\nTry 'uuidgen --help' for more information.\n", 1},
		{"id", "uid=1000(u) gid=1000(u) groups=1000(u),27(sudo)\n", "", 0},
		{"id nobody2", "", "id: ‘nobody2’: no such user\n", 1},
		{"env -i B=2 printenv", "B=2\n", "", 0},
		{"printenv A", "1\n", "", 0},
		{"date +%F\x1f%T", "2026-11-24 10:20:30\n", "", 0},
		{"date -d 2\x1fhours\x1fago +%H", "08\n", "", 0},
		{"apt install jq", "", "skylab: apt install jq is real but not simulated here\n", 1},
		{"man nosuch", "", "No manual entry for nosuch\n", 16},
		{"tail -f a.txt", "", "skylab: tail -f is real but not simulated here\n", 1},
		{"ls -l a.txt", "-rw-r--r-- 1 u u 20 Nov 24 10:20 a.txt\n", "", 0},
	} {
		out, errs, status := run(t, split(c.line), "")
		if out != c.out || errs != c.err || status != c.status {
			t.Errorf("%s: %q %q %d", c.line, out, errs, status)
		}
	}
}

// all are the programs of the package.
func all() []tool.Program { return append(Programs(), Wider()...) }

func TestEveryProgramHasHelpAndManual(t *testing.T) {
	for _, p := range all() {
		if p.Summary == "" || p.Run == nil {
			t.Errorf("%s lacks a summary or a body", p.Name)
		}
		if out, _, status := run(t, []string{"man", p.Name}, ""); status != 0 || !strings.Contains(out, p.Summary) {
			t.Errorf("man %s: %d %q", p.Name, status, out)
		}
	}
}

func TestEndlessProgramsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p, _, _ := newProcess(t, []string{"yes"}, "")
	if status := p.Exec(ctx, p); status != 141 {
		t.Errorf("yes ended with %d", status)
	}
}

func FuzzPrograms(f *testing.F) {
	for _, d := range differential {
		f.Add(d, "in\n")
	}
	f.Fuzz(func(t *testing.T, line, stdin string) {
		argv := split(line)
		if len(argv) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond) // yes and seq may go on
		defer cancel()
		p, _, _ := newProcess(t, argv, stdin)
		p.Stdout = io.Discard
		p.Exec(ctx, p)
	})
}
