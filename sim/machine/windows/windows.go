// Package windows is what a Windows machine has beside PowerShell: cmd with a
// handful of its commands, and a few programs. It must not know PowerShell, nor
// the cloud.
package windows

import (
	"context"
	"fmt"
	"strings"

	"skylab/sim/machine"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// Shell is cmd as a kind of shell.
func Shell() machine.Shell {
	return machine.Shell{
		Name:    "cmd",
		Start:   func(o machine.ShellOptions) (shell.Session, error) { return newCmd(o), nil },
		Program: tool.Program{Summary: "Run commands as in the days of old", Usage: "[/c TEXT | /k TEXT]"},
		Main:    cmdProgram,
	}
}

// Programs returns the programs of a Windows machine.
func Programs() []tool.Program {
	return []tool.Program{
		{Name: "ipconfig", Summary: "Show the machine's addresses", Usage: "[/all]", Run: ipconfig},
		{Name: "hostname", Summary: "Print the machine's name", Run: func(_ context.Context, p *tool.Process) int { fmt.Fprintln(p.Stdout, p.Host.Hostname); return 0 }},
		{Name: "whoami", Summary: "Print the user's name", Run: func(_ context.Context, p *tool.Process) int {
			fmt.Fprintf(p.Stdout, "%s\\%s\n", strings.ToLower(p.Host.Hostname), strings.ToLower(p.Host.User.Name))
			return 0
		}},
		{Name: "where", Summary: "Find a program", Usage: "NAME...", Run: where},
	}
}

func where(_ context.Context, p *tool.Process) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Stderr, "ERROR: The syntax of the command is incorrect.\nType \"WHERE /?\" for usage.")
		return 2
	}
	status := 0
	for _, a := range p.Args[1:] {
		name := strings.TrimSuffix(strings.ToLower(a), ".exe")
		found := false
		for _, x := range p.Host.Programs() {
			if x.Name == name && x.Run != nil {
				fmt.Fprintf(p.Stdout, "C:\\Windows\\System32\\%s.exe\n", name)
				found = true
			}
		}
		if !found {
			fmt.Fprintln(p.Stderr, "INFO: Could not find files for the given pattern(s).")
			status = 1
		}
	}
	return status
}

func ipconfig(_ context.Context, p *tool.Process) int {
	all := false
	for _, a := range p.Args[1:] {
		switch strings.ToLower(a) {
		case "/all":
			all = true
		case "/flushdns":
			fmt.Fprint(p.Stdout, "\nWindows IP Configuration\n\nSuccessfully flushed the DNS Resolver Cache.\n")
			return 0
		case "/?":
			tool.Help(p.Stdout, Programs()[0])
			return 0
		default:
			fmt.Fprintln(p.Stderr, tool.NotSimulated("ipconfig "+a))
			return 1
		}
	}
	address := p.Card.Caller().Address
	fmt.Fprint(p.Stdout, "\nWindows IP Configuration\n\n")
	if all {
		fmt.Fprintf(p.Stdout, "   Host Name . . . . . . . . . . . . : %s\n   Primary Dns Suffix  . . . . . . . : \n   Node Type . . . . . . . . . . . . : Hybrid\n   IP Routing Enabled. . . . . . . . : No\n   WINS Proxy Enabled. . . . . . . . : No\n", p.Host.Hostname)
	}
	fmt.Fprint(p.Stdout, "\nEthernet adapter Ethernet:\n\n   Connection-specific DNS Suffix  . : reddog.microsoft.com\n")
	if all {
		fmt.Fprint(p.Stdout, "   Description . . . . . . . . . . . : Microsoft Hyper-V Network Adapter\n   DHCP Enabled. . . . . . . . . . . : Yes\n   Autoconfiguration Enabled . . . . : Yes\n")
	}
	gateway := address[:strings.LastIndexByte(address, '.')+1] + "1"
	fmt.Fprintf(p.Stdout, "   IPv4 Address. . . . . . . . . . . : %s\n   Subnet Mask . . . . . . . . . . . : 255.255.255.0\n   Default Gateway . . . . . . . . . : %s\n", address, gateway)
	if all {
		fmt.Fprint(p.Stdout, "   DNS Servers . . . . . . . . . . . : 168.63.129.16\n")
	}
	return 0
}
