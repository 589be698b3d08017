package powershell_test

import (
	"context"
	"strings"
	"testing"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/internal/oracle"
)

// again returns a session made of what another one keeps.
func again(t *testing.T, s *powershell.Session) *powershell.Session {
	t.Helper()
	data, err := s.MarshalState()
	if err != nil {
		t.Fatal(err)
	}
	n := newSession()
	n.Config().Files = s.Config().Files
	if err := n.UnmarshalState(data); err != nil {
		t.Fatal(err)
	}
	more, err := n.MarshalState()
	if err != nil {
		t.Fatal(err)
	}
	if string(more) != string(data) && !strings.Contains(string(data), `"h":"x"`) {
		t.Errorf("kept again it is otherwise:\n%s\n%s", data, more)
	}
	return n
}

func show1(s *powershell.Session, text string) string {
	var b strings.Builder
	s.Run(context.Background(), text, powershell.Run{Out: func(t string) { b.WriteString(t) }})
	return b.String()
}

func TestKeep(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{`$x = 5; $y = 'a', 1.5, [char]66, 7L, $null, 1.10d, [datetime]'2026-01-02'`, `$x + 1; $y | % { if ($null -eq $_) { 'null' } else { $_.GetType().Name + ' ' + $_ } }`, "6\nString a\nDouble 1.5\nChar B\nInt64 7\nnull\nDecimal 1.10\nDateTime 01/02/2026 00:00:00\n"},
		{`$a = @(1, 2); $b = $a; $h = @{ k = $a }`, `$a[0] = 9; $b[0]; $h.k[0]`, "9\n9\n"},
		{`$h = @{ n = 1 }; $h.self = $h`, `$h.self.self.n; [object]::ReferenceEquals($h, $h.self)`, "1\nTrue\n"},
		{`$o = [pscustomobject]@{ A = 1; B = [ordered]@{ z = 1; y = 2 } }; $o | Add-Member -MemberType ScriptProperty -Name C -Value { $this.A + 1 }`, `"$($o.C) $($o.B.Keys)"`, "2 z y\n"},
		{`function f($n = 3) { $n * 2 }; filter g { $_ + 1 }; $sb = { param($q) "<$q>" }`, `f; f 4; 1, 2 | g; & $sb x`, "6\n8\n2\n3\n<x>\n"},
		{`$n = 1; $c = { $n }.GetNewClosure(); $n = 2`, `& $c; $n`, "1\n2\n"},
		{`1/0; nosuch`, `$Error.Count; $Error[0].Exception.Message.Substring(0, 8); $Error[1].FullyQualifiedErrorId`, "2\nThe term\nRuntimeException\n"},
		{`Set-Alias ll Get-Date; $env:X = 'v'`, `(Get-Alias ll).Definition; $env:X`, "Get-Date\nv\n"},
		{`[int]$i = 3; $m = 'ab' -match '(?<q>b)'; $r = [regex]'a+'`, `$i = '12'; $i + 1; $Matches.q; $r.Replace('caat', '-')`, "13\nb\nc-t\n"},
		{`$l = [System.Collections.Generic.List[string]]::new(); $l.Add('p'); $s = [System.Text.StringBuilder]::new('q')`, `$l.Add('z'); "$l"; $s.Append('r').ToString()`, "p z\nqr\n"},
		{`Remove-Item alias:cat -ErrorAction SilentlyContinue; $ErrorActionPreference = 'Stop'`, `$ErrorActionPreference`, "Stop\n"},
		{`$v = 1; $ref = [ref]$v`, `$v = 7; $ref.Value`, "7\n"},
		{`function f { [CmdletBinding()] param() $global:x = $PSCmdlet }; f`, `try { $x.ParameterSetName } catch { $_.Exception.Message }; "$x"`, "skylab: a System.Management.Automation.PSScriptCmdlet was here; it is not kept when a lab is saved, undone or loaded again\nskylab: a System.Management.Automation.PSScriptCmdlet was here; it is not kept when a lab is saved, undone or loaded again\n"},
		{`class P { [int]$X = 2
		static [int]$N = 1
		P([int]$x) { $this.X = $x; [P]::N++ }
		[int] Twice() { return $this.X * 2 } }; enum E { A; B = 5 }; class Q : P { Q() : base(4) { } }; $p = [P]::new(3); $q = [Q]::new(); $e = [E]::B`, `$p.Twice(); $q.Twice(); [P]::N; [P]::new(1).X; $q -is [P]; "$e $([int]$e)"`, "6\n8\n3\n1\nTrue\nB 5\n"},
		{`$i = [int]::MaxValue; $d = [double]::NaN; $neg = -0.0; $big = [bigint]'123456789012345678901234567890'`, `$i; $d; $neg; $big + 1; $false -eq $?`, "2147483647\nNaN\n-0\n123456789012345678901234567891\nFalse\n"},
	} {
		s := newSession()
		show1(s, c.before)
		if got := show1(again(t, s), c.after); got != c.want {
			t.Errorf("%s\n%s\ngot  %q\nwant %q", c.before, c.after, got, c.want)
		}
	}
}

// TestOracleSessionsKeep keeps the session after every recorded script and goes
// on from what was kept: what it holds must show the same.
func TestOracleSessionsKeep(t *testing.T) {
	const look = `$ErrorView = 'NormalView'; Get-Variable -Scope Global | Where-Object { $_.Name -notin 'Error', 'HOME', 'PID', 'PSVersionTable', 'MyInvocation', '?', 'StackTrace' } | ForEach-Object { "--- $($_.Name)"; try { $_.Value | Out-String } catch { "$_" } }; $Error | ForEach-Object { $_ | Out-String }`
	for _, file := range []string{"language.jsonl", "cmdlets.jsonl", "sessions.jsonl", "mistakes.jsonl"} {
		for _, x := range oracle.Load[script](t, file) {
			func() {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s: panic: %v", x.ID, r)
					}
				}()
				s := newSession()
				show1(s, x.Script)
				n := again(t, s)
				want, got := show1(s, look), show1(n, look)
				if got != want && !strings.Contains(got, "it is not kept when") {
					t.Errorf("%s: %s\n--- got\n%s--- want\n%s", x.ID, x.Script, got, want)
				}
			}()
		}
	}
}
