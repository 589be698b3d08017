package bash

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// job is a command in the background. It works while others wait, and at the
// latest when the text that began it has ended.
type job struct {
	number int // as %1
	pid    int
	text   string
	done   bool
	status int
	killed string // the signal's text: "Terminated"
	told   bool   // the person knows that it ended
	cancel context.CancelFunc
}

// background starts a command that nobody waits for.
func (f *frame) background(ctx context.Context, s *syntax.Stmt) {
	inner := *s
	inner.Background = false
	to := s.End()
	if s.Semicolon.IsValid() {
		to = s.Semicolon
	}
	j := &job{number: 1, text: strings.TrimSpace(f.textOfRaw(s.Pos(), to))}
	for _, other := range f.jobs {
		j.number = max(j.number, other.number+1)
	}
	f.lastPID++
	j.pid = f.lastPID
	ctx, j.cancel = context.WithCancel(ctx)
	sub := f.subshell()
	sub.lenient = 0
	if !f.options["monitor"] {
		sub.replace(0, &file{r: emptyReader(), refs: 1})
	}
	f.jobs = append(f.jobs, j)
	f.bg, f.status = j.pid, 0
	if f.interactive && f.depth == 0 {
		fmt.Fprintf(f.err(), "[%d] %d\n", j.number, j.pid)
	}
	f.turns.start(func() {
		held := f.held
		sub.run(ctx, func() { sub.stmt(ctx, &inner) })
		f.held = held
		j.done = true
		if j.status = sub.status; j.killed != "" {
			j.status = 143
			if j.killed == "Killed" {
				j.status = 137
			}
		}
		j.cancel()
		f.turns.wake()
	})
}

// textOfRaw is a part of the source as it stands.
func (f *frame) textOfRaw(from, to syntax.Pos) string {
	a, b := int(from.Offset()), int(to.Offset())
	if a > b || b > len(f.source) {
		return ""
	}
	return f.source[a:b]
}

// settle waits for the jobs of a text that has ended, and tells of those that
// have.
func (f *frame) settle(ctx context.Context) {
	err := f.turns.wait(ctx, func() bool { return !slices.ContainsFunc(f.jobs, func(j *job) bool { return !j.done }) })
	if err != nil {
		for _, j := range f.jobs {
			j.cancel()
		}
		_ = f.turns.wait(context.WithoutCancel(ctx), func() bool { return !slices.ContainsFunc(f.jobs, func(j *job) bool { return !j.done }) })
	}
	if f.interactive {
		f.report(f.jobs)
	}
	f.jobs = nil
}

func (f *frame) report(list []*job) {
	for _, j := range list {
		if j.done && !j.told {
			fmt.Fprintln(f.err(), f.describe(j, list, false))
			j.told = true
		}
	}
}

// describe is a job's line.
func (f *frame) describe(j *job, all []*job, long bool) string {
	mark := " "
	switch n := len(all); {
	case n > 0 && all[n-1] == j:
		mark = "+"
	case n > 1 && all[n-2] == j:
		mark = "-"
	}
	state, text := "Running", j.text+" &"
	if j.done {
		text = j.text
		switch {
		case j.killed != "":
			state = j.killed
		case j.status == 0:
			state = "Done"
		default:
			state = fmt.Sprintf("Exit %d", j.status)
		}
	}
	pid := ""
	if long {
		pid = fmt.Sprintf("%5d ", j.pid)
	}
	return fmt.Sprintf("[%d]%s  %s%-24s%s", j.number, mark, pid, state, text)
}

// find returns the job of %1, %+, %text or a process id.
func (f *frame) job(spec string) (*job, bool) {
	name, isJob := strings.CutPrefix(spec, "%")
	if !isJob {
		n, err := strconv.Atoi(spec)
		i := slices.IndexFunc(f.jobs, func(j *job) bool { return j.pid == n })
		if err != nil || i < 0 {
			return nil, false
		}
		return f.jobs[i], true
	}
	switch last := len(f.jobs); {
	case last == 0:
		return nil, false
	case name == "" || name == "+" || name == "%":
		return f.jobs[last-1], true
	case name == "-":
		return f.jobs[max(last-2, 0)], true
	}
	n, err := strconv.Atoi(name)
	for _, j := range f.jobs {
		if err == nil && j.number == n || err != nil && strings.HasPrefix(j.text, name) {
			return j, true
		}
	}
	return nil, false
}

func jobsBuiltin(f *frame, _ context.Context, args []string) int {
	long, pids := false, false
	specs := []string{}
	for _, a := range args[1:] {
		switch {
		case strings.HasPrefix(a, "-"):
			long = long || strings.Contains(a, "l")
			pids = pids || strings.Contains(a, "p")
			if s := strings.Trim(a[1:], "lnprs"); s != "" {
				f.complain("jobs: -%s: invalid option\njobs: usage: jobs [-lnprs] [jobspec ...] or jobs -x command [args]", s[:1])
				return 2
			}
		default:
			specs = append(specs, a)
		}
	}
	list := f.jobs
	if len(specs) > 0 {
		list = nil
		for _, s := range specs {
			j, ok := f.job(s)
			if !ok {
				f.complain("jobs: %s: no such job", s)
				return 1
			}
			list = append(list, j)
		}
	}
	for _, j := range list {
		if pids {
			fmt.Fprintln(f.out(), j.pid)
			continue
		}
		fmt.Fprintln(f.out(), f.describe(j, f.jobs, long))
		j.told = j.told || j.done
	}
	f.forget()
	return 0
}

// forget drops jobs that ended and were told of.
func (f *frame) forget() {
	f.jobs = slices.DeleteFunc(f.jobs, func(j *job) bool { return j.done && j.told })
}

func waitBuiltin(f *frame, ctx context.Context, args []string) int {
	args = args[1:]
	next := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if strings.Contains(args[0], "n") {
			next = true
		}
		args = args[1:]
	}
	ended := func(j *job) int { j.told = true; f.forget(); return j.status }
	if next {
		var got *job
		if len(f.jobs) == 0 {
			return 127
		}
		_ = f.turns.wait(ctx, func() bool {
			i := slices.IndexFunc(f.jobs, func(j *job) bool { return j.done })
			if i >= 0 {
				got = f.jobs[i]
			}
			return i >= 0
		})
		if got == nil {
			return 130
		}
		return ended(got)
	}
	if len(args) == 0 {
		if f.turns.wait(ctx, func() bool { return !slices.ContainsFunc(f.jobs, func(j *job) bool { return !j.done }) }) != nil {
			return 130
		}
		if f.interactive {
			f.report(f.jobs)
		}
		f.jobs = nil
		return 0
	}
	status := 0
	for _, a := range args {
		j, ok := f.job(a)
		switch _, err := strconv.Atoi(strings.TrimPrefix(a, "%")); {
		case ok:
		case strings.HasPrefix(a, "%"):
			f.complain("wait: %s: no such job", a)
			status = 127
			continue
		case err != nil:
			f.complain("wait: `%s': not a pid or valid job spec", a)
			status = 1
			continue
		default:
			f.complain("wait: pid %s is not a child of this shell", a)
			status = 127
			continue
		}
		if f.turns.wait(ctx, func() bool { return j.done }) != nil {
			return 130
		}
		status = ended(j)
	}
	return status
}

// fgBuiltin is fg and bg.
func fgBuiltin(f *frame, ctx context.Context, args []string) int {
	if !f.options["monitor"] {
		f.complain("%s: no job control", args[0])
		return 1
	}
	spec := "%+"
	if len(args) > 1 {
		if spec = args[1]; !strings.HasPrefix(spec, "%") {
			spec = "%" + spec
		}
	}
	j, ok := f.job(spec)
	if !ok {
		name := "current"
		if len(args) > 1 {
			name = args[1]
		}
		f.complain("%s: %s: no such job", args[0], name)
		return 1
	}
	if args[0] == "bg" {
		f.complain("bg: job %d already in background", j.number)
		return 0
	}
	fmt.Fprintln(f.out(), j.text)
	if f.turns.wait(ctx, func() bool { return j.done }) != nil {
		return 130
	}
	j.told = true
	f.forget()
	return j.status
}

// signals are Linux's by number.
var signals = []string{"EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"}

// signal finds a signal by name or number.
func signal(name string) (int, bool) {
	if n, err := strconv.Atoi(name); err == nil {
		return n, n >= 0 && n < len(signals)
	}
	name = strings.TrimPrefix(strings.ToUpper(name), "SIG")
	n := slices.Index(signals, name)
	return n, n >= 0
}

func killBuiltin(f *frame, _ context.Context, args []string) int {
	args = args[1:]
	n := 15
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "--" {
		a := args[0][1:]
		if a == "l" || a == "L" {
			return listSignals(f, args[1:])
		}
		if (a == "s" || a == "n") && len(args) > 1 {
			a, args = args[1], args[1:]
		}
		var ok bool
		if n, ok = signal(a); !ok {
			f.complain("kill: %s: invalid signal specification", a)
			return 1
		}
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(f.err(), "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]")
		return 2
	}
	status := 0
	for _, a := range args {
		j, ok := f.job(a)
		_, err := strconv.Atoi(a)
		switch {
		case a == strconv.Itoa(f.pid):
			if text, ok := f.traps[signals[n]]; ok && n != 9 {
				if text != "" {
					f.trap(f.ctx, text)
				}
			} else if n != 0 && !(f.interactive && n == 15) {
				f.jump, f.status = exiting, 128+n
				return 128 + n
			}
		case !ok && strings.HasPrefix(a, "%"):
			f.complain("kill: %s: no such job", a)
			status = 1
		case !ok && err != nil:
			f.complain("kill: %s: arguments must be process or job IDs", a)
			status = 1
		case !ok || j.done:
			f.complain("kill: (%s) - No such process", a)
			status = 1
		case n == 0:
		default:
			j.killed = map[int]string{9: "Killed", 1: "Hangup", 2: "Interrupt"}[n]
			if j.killed == "" {
				j.killed = "Terminated"
			}
			j.cancel()
		}
	}
	return status
}

func listSignals(f *frame, args []string) int {
	if len(args) == 0 {
		for i, name := range signals[1:] {
			fmt.Fprintf(f.out(), "%2d) SIG%s", i+1, name)
			if i%5 == 4 || i == len(signals)-2 {
				fmt.Fprintln(f.out())
			} else {
				fmt.Fprint(f.out(), "\t")
			}
		}
		return 0
	}
	for _, a := range args {
		n, ok := signal(a)
		if m, err := strconv.Atoi(a); err == nil && m > 128 {
			n, ok = m-128, m-128 < len(signals)
		}
		switch _, err := strconv.Atoi(a); {
		case !ok:
			f.complain("kill: %s: invalid signal specification", a)
			return 1
		case err == nil:
			fmt.Fprintln(f.out(), signals[n])
		default:
			fmt.Fprintln(f.out(), n)
		}
	}
	return 0
}
