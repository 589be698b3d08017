package powershell_test

import "testing"

// TestStringBuilder sees that what was appended is there whatever is done next,
// and that streams of a function reach its variables.
func TestStringBuilder(t *testing.T) {
	for _, x := range [][2]string{
		{`$b = [Text.StringBuilder]::new('a'); [void]$b.Append('b').AppendLine('c'); $b.Length`, "4\n"},
		{`$b = [Text.StringBuilder]::new('a'); [void]$b.Append('b').Insert(0, 'x'); $b.ToString()`, "xab\n"},
		{`$b = [Text.StringBuilder]::new(); [void]$b.Append('abc').Replace('b', 'z').Append('!'); "$b"`, "azc!\n"},
		{`$b = [Text.StringBuilder]::new(); [void]$b.Append('abc').Remove(0, 1).AppendFormat('{0}', 7); "$b"`, "bc7\n"},
		{`$b = [Text.StringBuilder]::new('a'); [void]$b.Append('b').Clear().Append('q'); "$b"`, "q\n"},
		{`$b = [Text.StringBuilder]::new('a'); [void]$b.Append('bc'); $b.Length = 2; "$b"`, "ab\n"},
		{`function w { [CmdletBinding()] param() Write-Warning 'low' }; w -WarningVariable v -WarningAction SilentlyContinue; "$v"`, "low\n"},
	} {
		if got := play(x[0], "NormalView"); got != x[1] {
			t.Errorf("%s\n got %q\nwant %q", x[0], got, x[1])
		}
	}
}
