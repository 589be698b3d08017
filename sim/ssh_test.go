package sim

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"skylab/sim/kit/full"
	"skylab/sim/labapi"
	"skylab/sim/machine/shell"
)

const vmHost = "azureuser@myvm.westus.cloudapp.azure.com"

// newKnown is a call of ssh that takes an unknown host's key.
const newKnown = "ssh -o StrictHostKeyChecking=accept-new "

// typed runs a command in a machine's console as a person would, with answers.
func typed(t testing.TB, l *Lab, machine, text, answers string) (string, shell.Result) {
	t.Helper()
	var out bytes.Buffer
	r, err := l.Run(t.Context(), machine, text, shell.Streams{In: strings.NewReader(answers), Out: &out, Err: &out, Terminal: true, Columns: 80})
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), r
}

func setPower(t testing.TB, l *Lab, state string) {
	t.Helper()
	for key, r := range l.cloud.ARM.State().Resources {
		if strings.HasSuffix(key, "/virtualmachines/myvm") {
			r.Private.Set("power", state)
		}
	}
	st := l.cloud.ARM.State()
	l.cloud.ARM.Restore(st)
	if got := l.cloud.VMs().All()[0].Power; got != state {
		t.Fatalf("the VM is %s", got)
	}
}

func TestSSHAsAPersonSeesIt(t *testing.T) {
	l := newLab(t, "a")
	address := l.cloud.VMs().All()[0].Address
	const name = "myvm.westus.cloudapp.azure.com"
	for _, c := range []struct {
		text, answers, want string // $F is a fingerprint, … stands for anything
		status              int
	}{
		{"ssh " + vmHost, "no\n", "The authenticity of host '" + name + " (" + address + ")' can't be established.\nED25519 key fingerprint is SHA256:…Host key verification failed.\n", 255},
		{"ssh " + vmHost + " true", "what\nyes\n", "…(yes/no/[fingerprint])? Please type 'yes', 'no' or the fingerprint: Warning: Permanently added '" + name + "' (ED25519) to the list of known hosts.\n", 0},
		{"ssh " + vmHost + " 'echo out; echo err >&2; exit 7'", "", "out\nerr\n", 7},
		{"ssh -q " + vmHost + " <<'E'\nwhoami; exit 4\nE", "", "Welcome to Ubuntu …azureuser\n", 4},
		{"echo input | ssh " + vmHost + " cat", "", "input\n", 0},
		{"while read x; do ssh " + vmHost + " echo $x; done <<< $'1\n2'", "", "1\n2\n", 0},
		{"ssh -l azureuser " + name + " hostname", "", "myVM\n", 0},
		{"ssh azureuser@" + address + " hostname", "no\n", "…Host key verification failed.\n", 255},
		{"ssh " + name, "", "learner@" + name + ": Permission denied (publickey).\n", 255},
		{"ssh root@" + name, "", "Please login as the user \"azureuser\" rather than the user \"root\".\n\n", 142},
		{"ssh nosuch.example", "", "ssh: Could not resolve hostname nosuch.example: Name or service not known\n", 255},
		{"ssh 10.9.9.9", "", "ssh: connect to host 10.9.9.9 port 22: Connection timed out\n", 255},
		{"ssh localhost", "", "ssh: connect to host localhost port 22: Connection refused\n", 255},
		{"ssh 10.0.0.4", "", "ssh: connect to host 10.0.0.4 port 22: Connection timed out\n", 255},
		{"ssh -p x host", "", "Bad port 'x'\n", 255},
		{"ssh -i nosuch " + vmHost + " true", "", "Warning: Identity file nosuch not accessible: No such file or directory.\n", 0},
		{"ssh-keygen -q -f k -N ''; ssh -i k " + vmHost, "", vmHost + ": Permission denied (publickey).\n", 255},
		{"cat k.pub | ssh " + vmHost + " 'cat >> ~/.ssh/authorized_keys'; ssh -i k " + vmHost + " hostname", "", "myVM\n", 0},
		{"ssh " + vmHost + " chmod g+w .ssh; ssh " + vmHost + " true", "", vmHost + ": Permission denied (publickey).\n", 255},
		{"chmod 644 ~/.ssh/id_ed25519; ssh " + vmHost, "", "…Permissions 0644 for '/home/learner/.ssh/id_ed25519' are too open.\n…Load key \"/home/learner/.ssh/id_ed25519\": bad permissions\n" + vmHost + ": Permission denied (publickey).\n", 255},
		{"echo " + name + " $(cut -d' ' -f1,2 ~/.ssh/id_ed25519.pub) > ~/.ssh/known_hosts; ssh " + vmHost, "", "…WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!…Offending ED25519 key in /home/learner/.ssh/known_hosts:1\n…Host key verification failed.\n", 255},
		{"ssh -L 1:2:3 host", "", "skylab: -L is real but not simulated here\n", 255},
		{"scp a b", "", "skylab: scp is real but not simulated here\n", 1},
	} {
		got, r := typed(t, l, Laptop, c.text, c.answers)
		if !like(got, c.want) || r.Status != c.status {
			t.Errorf("%s\n got %q %d\nwant %q %d", c.text, got, r.Status, c.want, c.status)
		}
	}
	setPower(t, l, "deallocated")
	before := l.clock.Now()
	if got, _ := typed(t, l, Laptop, "ssh "+vmHost, ""); got != "ssh: connect to host "+name+" port 22: Connection timed out\n" || l.clock.Now().Sub(before) < 2*time.Minute {
		t.Errorf("a VM that is off: %q", got)
	}
}

// like compares a text with a pattern in which … stands for anything.
func like(text, pattern string) bool {
	parts := strings.Split(pattern, "…")
	rest, ok := strings.CutPrefix(text, parts[0])
	for _, p := range parts[1:] {
		at := strings.Index(rest, p)
		if p == parts[len(parts)-1] {
			at = strings.LastIndex(rest, p)
			ok = ok && strings.HasSuffix(rest, p)
		}
		if at < 0 {
			return false
		}
		rest = rest[at+len(p):]
	}
	return ok && rest == ""
}

func TestSSHIsRecordedWithItsReasons(t *testing.T) {
	l := newLab(t, "a")
	typed(t, l, Laptop, newKnown+"nobody@myvm.westus.cloudapp.azure.com; "+newKnown+vmHost+" 'curl -s ifconfig.example'", "")
	var texts []string
	for _, e := range l.View().Exchanges {
		if e.Protocol == "ssh" {
			if e.Host != "myvm.westus.cloudapp.azure.com" || e.Machine != Laptop {
				t.Errorf("%+v", e)
			}
			for _, n := range e.Notes {
				texts = append(texts, n.Kind+": "+n.Text)
			}
		}
	}
	const rule = "network.rule: The rule SSH of the network security group myVM-nsg allows port 22.|"
	want := rule + "ssh.auth: nobody is not let in: there is no such account on myVM|" + rule + "ssh.auth: azureuser is let in: its key stands in /home/azureuser/.ssh/authorized_keys|ssh.session: azureuser runs a command on myVM"
	if got := strings.Join(texts, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAConsoleIsAStackOfShells(t *testing.T) {
	l := newLab(t, "a")
	typed(t, l, Laptop, "here=laptop", "")
	out, _ := typed(t, l, Laptop, newKnown+vmHost, "")
	c, _ := l.Console(Laptop)
	if !strings.Contains(out, "Welcome to Ubuntu") || c.Machine() != "myVM" || c.Session().Prompt() != "azureuser@myVM:~$ " || c.Depth() != 1 {
		t.Fatalf("%q on %s", out, c.Machine())
	}
	typed(t, l, Laptop, "there=vm; cd /tmp", "")
	v := l.View()
	if m := v.Machines["myVM"].Consoles; len(m) != 1 || m[0].Home != Laptop || m[0].Vars["there"] != "vm" || len(m[0].Vars) != 1 || len(v.Machines[Laptop].Consoles) != 0 {
		t.Errorf("%+v", v.Machines)
	}
	if last := v.Commands[len(v.Commands)-1]; last.Machine != "myVM" || last.Console != Laptop {
		t.Errorf("%+v", last)
	}
	fork, err := l.Fork()
	if err != nil {
		t.Fatal(err)
	}
	for _, lab := range []*Lab{l, fork} {
		if out, _ := typed(t, lab, Laptop, "echo $there $PWD ${SSH_CLIENT%% *}", ""); out != "vm /tmp 192.168.1.20\n" {
			t.Errorf("%q", out)
		}
		if out, r := typed(t, lab, Laptop, "exit 3", ""); out != "logout\nConnection to myvm.westus.cloudapp.azure.com closed.\n" || r.Exited {
			t.Errorf("%q %+v", out, r)
		}
		if out, _ := typed(t, lab, Laptop, "echo $? $here", ""); out != "3 laptop\n" {
			t.Errorf("%q", out)
		}
	}
	for range 2 { // echo, exit
		if _, err := l.Undo(); err != nil {
			t.Fatal(err)
		}
	}
	if out, _ := typed(t, l, Laptop, "echo $there", ""); out != "vm\n" {
		t.Errorf("after undo: %q", out)
	}
	setPower(t, l, "stopped")
	out, r := typed(t, l, Laptop, "echo never", "")
	if out != "Connection to myvm.westus.cloudapp.azure.com closed by remote host.\nConnection to myvm.westus.cloudapp.azure.com closed.\n" || r.Status != 255 || r.Exited {
		t.Errorf("%q %+v", out, r)
	}
	if _, r := typed(t, l, Laptop, "exit", ""); !r.Exited || len(l.Consoles()) != 0 {
		t.Errorf("%+v, %d consoles", r, len(l.Consoles()))
	}
}

func TestAShellInAShell(t *testing.T) {
	l := newLab(t, "a")
	typed(t, l, "myVM", "export e=1; v=2; cd /tmp", "")
	typed(t, l, "myVM", "bash", "")
	if out, _ := typed(t, l, "myVM", "echo $e[$v] $PWD; nosuch", ""); out != "1[] /tmp\nbash: nosuch: command not found\n" {
		t.Errorf("%q", out)
	}
	if out, r := typed(t, l, "myVM", "exit 2", ""); out != "exit\n" || r.Exited {
		t.Errorf("%q %+v", out, r)
	}
	if out, _ := typed(t, l, "myVM", "echo $? $v", ""); out != "2 2\n" {
		t.Errorf("%q", out)
	}
	typed(t, l, "myVM", "sudo bash", "")
	if out, _ := typed(t, l, "myVM", "whoami; id -u", ""); out != "root\n0\n" {
		t.Errorf("%q", out)
	}
}

func TestSeveralConsolesOnAMachine(t *testing.T) {
	c := newClient(t)
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Seed: "a"})
	first := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: Laptop})
	second := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: Laptop})
	if first.ID == second.ID {
		t.Fatal("two consoles are one")
	}
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: first.ID, Text: "x=1"})
	r := do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: second.ID, Text: newKnown + vmHost})
	if r.Prompt != "azureuser@myVM:~$ " || r.Machine != "myVM" || len(r.Lab.Consoles) != 2 || r.Lab.Consoles[1].Prompt != r.Prompt {
		t.Errorf("%+v", r)
	}
	if w := do[labapi.Completion](c, labapi.OpComplete, labapi.Complete{Console: second.ID, Text: "cat .ssh/auth", Pos: 13}); len(w.Words) != 1 {
		t.Errorf("%+v", w)
	}
	snapshot := do[json.RawMessage](c, labapi.OpSnapshot, nil)
	again := newClient(t)
	if l := do[labapi.Lab](again, labapi.OpOpen, labapi.Open{Snapshot: snapshot}); len(l.Consoles) != 2 || l.Consoles[1].Machine != "myVM" {
		t.Errorf("%+v", l.Consoles)
	}
	for _, want := range []string{first.ID, second.ID, Laptop + "-3"} {
		if got := do[labapi.Console](again, labapi.OpConsole, labapi.NewConsole{Machine: Laptop}); got.ID != want {
			t.Errorf("%s, want %s", got.ID, want)
		}
	}
	l := do[labapi.Lab](c, labapi.OpUndo, nil)
	if len(l.Consoles) != 2 || l.Consoles[1].Machine != Laptop {
		t.Errorf("%+v", l.Consoles)
	}
}

func TestTheRestOfALineRunsWhenTheShellAboveHasEnded(t *testing.T) {
	l, err := New(t.Context(), Options{Kit: full.Kit(), Scenario: "linux-vm", Seed: "rest", At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if out, _ := typed(t, l, "myVM", "echo one; bash; echo after $?; bash; echo last", ""); out != "one\n" {
		t.Errorf("%q", out)
	}
	fork, err := l.Fork()
	if err != nil {
		t.Fatal(err)
	}
	for _, lab := range []*Lab{l, fork} {
		if out, _ := typed(t, lab, "myVM", "exit 3", ""); out != "exit\nafter 3\n" {
			t.Errorf("%q", out)
		}
		if out, _ := typed(t, lab, "myVM", "exit", ""); out != "exit\nlast\n" {
			t.Errorf("%q", out)
		}
	}
}
