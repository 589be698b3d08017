package sim

import (
	"strings"
	"testing"

	"skylab/sim/labapi"
)

// TestCommandsAskThePerson answers what commands ask, as a page does.
func TestCommandsAskThePerson(t *testing.T) {
	const host = "myvm.westus.cloudapp.azure.com"
	for _, x := range []struct {
		name, text string
		answers    []string // "^D" and "^C" are those keys; a secret's begins with "*"
		want       string   // in the output
		status     int
	}{
		{"read", "read -p 'name? ' n; echo hello $n", []string{"Ada"}, "name? hello Ada\n", 0},
		{"read -s", "read -s -p pw: p; echo; echo ${#p}", []string{"*geheim"}, "pw:\n6\n", 0},
		{"read -n", "read -n 2 a; echo $a", []string{"xyz"}, "xy\n", 0},
		{"read -t", "read -t 0.01 a; echo $?", nil, "142\n", 0},
		{"read twice", "read a; read b; echo $b$a", []string{"1", "2"}, "21\n", 0},
		{"read at the end", "read a; echo $? [$a]", []string{"^D"}, "1 []\n", 0},
		{"read, interrupted", "x=1; read a; echo no", []string{"^C"}, "", 130},
		{"a loop", "while read l; do echo got $l; done", []string{"a", "b", "^D"}, "got a\ngot b\n", 0},
		{"cat", "cat", []string{"line", "^D"}, "line\n", 0},
		{"select", "select x in one two; do echo $x; break; done", []string{"2"}, "two\n", 0},
		{"rm -i", "touch f; rm -i f; ls f", []string{"n"}, "rm: remove regular empty file 'f'? f\n", 0},
		{"rm -i, agreed", "echo x > f; rm -i f; ls f", []string{"y"}, "cannot access 'f'", 2},
		{"cp -i", "echo a > f; echo b > g; cp -i f g; cat g", []string{"y"}, "cp: overwrite 'g'? a\n", 0},
		{"python", `python3 -c "print('hi ' + input('who? '))"`, []string{"Bo"}, "who? hi Bo\n", 0},
		{"curl -u", "curl -s -u me http://nosuch.invalid/", []string{"*pw"}, "Enter host password for user 'me':\n", 6},
		{"ssh", "ssh azureuser@" + host + " hostname", []string{"maybe", "yes"}, "Please type 'yes', 'no' or the fingerprint: ", 0},
		{"ssh, refused", "ssh azureuser@" + host + " hostname", []string{"no"}, "Host key verification failed.\n", 255},
		{"ssh in a loop", "for i in 1; do ssh -o StrictHostKeyChecking=no azureuser@" + host + "; done; echo after $?", []string{"hostname", "exit 3"}, "myVM\n", 0},
		{"ssh, interrupted", "ssh azureuser@" + host + " hostname", []string{"^C"}, "(yes/no/[fingerprint])? ", 130},
		{"the rest of a line", "ssh -o StrictHostKeyChecking=no azureuser@" + host + " hostname && echo more | tr a-z A-Z", nil, "myVM\nMORE\n", 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			if status, output := answering(t, Laptop, x.text, x.answers); status != x.status || !strings.Contains(output, x.want) {
				t.Errorf("status %d, output %q", status, output)
			}
		})
	}
}

// answering runs a command in a console, gives it answers and returns its status
// and what it printed. A secret is asked for where an answer begins with "*", and
// nowhere else; no log may hold "geheim".
func answering(t *testing.T, machine, text string, answers []string) (int, string) {
	c := newClient(t)
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{})
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: machine})
	id := c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: text})
	for _, answer := range answers {
		secret := c.awaitPrompt()
		if want := strings.HasPrefix(answer, "*"); secret != want {
			t.Fatalf("secret %v, want %v", secret, want)
		}
		switch answer {
		case "^D":
			do[any](c, labapi.OpInput, labapi.Input{Console: con.ID, End: true})
		case "^C":
			do[any](c, labapi.OpInterrupt, labapi.ConsoleRef{Console: con.ID})
		default:
			do[any](c, labapi.OpInput, labapi.Input{Console: con.ID, Text: strings.TrimPrefix(answer, "*")})
		}
	}
	r := decode[labapi.Result](t, c.wait(id))
	for _, b := range c.s.blocks[con.ID] {
		for _, o := range b.Output {
			if strings.Contains(o.Text, "geheim") {
				t.Errorf("the log shows what is secret: %q", o.Text)
			}
		}
	}
	return r.Status, c.output.String()
}
