// Package cmdlet is PowerShell's own commands. Their declarations are data, in
// parameters.txt; their bodies are Go, one file per family. A command that is
// declared and has no body says that it is real but not simulated.
package cmdlet

import (
	_ "embed"
	"slices"
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// parameters.txt: "!" begins a command: name, module, default set, sets, S for
// -WhatIf. A parameter's line has name, type, its place in the sets, aliases and
// validation. The place is "*" and flags for all sets alike, or SET=flags;… The
// flags: m mandatory, p and a number a position, v takes the object piped in, n
// the property of its name, r what remains, 0 allows null, e an empty string, l
// an empty list.
//
//go:embed parameters.txt
var parameterText string

// aliases.txt: alias, tab, command.
//
//go:embed aliases.txt
var aliasText string

type body struct {
	begin, process, end func(*powershell.Invocation) error
}

var modules = map[string]string{"C": "Microsoft.PowerShell.Core", "U": "Microsoft.PowerShell.Utility", "M": "Microsoft.PowerShell.Management", "S": "Microsoft.PowerShell.Security", "H": "Microsoft.PowerShell.Host"}

// All returns the commands of an edition, as they are declared.
func All(edition powershell.Edition) []*powershell.Cmdlet {
	bodies := bodies()
	aliases := map[string][]string{}
	for _, l := range strings.Split(strings.TrimSpace(aliasText), "\n") {
		a, c, _ := strings.Cut(l, "\t")
		aliases[c] = append(aliases[c], a)
	}
	if edition == powershell.Desktop {
		for c, list := range windowsAliases {
			aliases[c] = append(aliases[c], strings.Fields(list)...)
		}
	}
	var list []*powershell.Cmdlet
	for _, block := range strings.Split(parameterText, "\n!") {
		head, rest, _ := strings.Cut(strings.TrimPrefix(block, "!"), "\n")
		f := strings.Split(head, "\t")
		verb, noun, _ := strings.Cut(f[0], "-")
		c := &powershell.Cmdlet{Name: f[0], Module: modules[f[1]], DefaultSet: f[2], Aliases: aliases[f[0]], ShouldProcess: len(f) > 4, Class: "Microsoft.PowerShell.Commands." + verb + noun + "Command"}
		if f[3] != "" {
			c.Sets = strings.Split(f[3], ",")
		}
		c.Load = func(c *powershell.Cmdlet) {
			c.Params = parameters(rest)
			if own, ok := desktopParameters[c.Name]; ok && edition == powershell.Desktop {
				c.Params = only(c.Params, strings.Fields(own))
			}
		}
		if b, ok := bodies[f[0]]; ok {
			c.Begin, c.Process, c.End = b.begin, b.process, b.end
		} else {
			c.Begin = missing
		}
		list = append(list, c)
	}
	return list
}

// windowsAliases are those that stand in the way of programs elsewhere, and the two
// that only 5.1 has: curl and wget.
var windowsAliases = map[string]string{
	"Add-Content": "ac", "Clear-Host": "clear", "Compare-Object": "compare diff", "Copy-Item": "cp cpp", "Get-ChildItem": "ls", "Get-Content": "cat", "Get-Process": "ps", "Move-Item": "mv",
	"Remove-Item": "rm rmdir", "Set-Content": "sc", "Sort-Object": "sort", "Start-Process": "start saps", "Start-Sleep": "sleep", "Stop-Process": "kill", "Tee-Object": "tee", "Write-Output": "write",
	"New-PSDrive": "mount", "Get-Service": "gsv", "Start-Service": "sasv", "Stop-Service": "spsv", "Invoke-WebRequest": "curl wget",
}

// desktopParameters are the parameters that commands have in 5.1, where those of 7
// are others. One that was renamed stands with its alias of today.
var desktopParameters = map[string]string{
	"Invoke-WebRequest": webParameters,
	"Invoke-RestMethod": webParameters,
}

const webParameters = "UseBasicParsing Uri WebSession SessionVariable Credential UseDefaultCredentials CertificateThumbprint Certificate UserAgent DisableKeepAlive TimeoutSec Headers MaximumRedirection Method Proxy ProxyCredential ProxyUseDefaultCredentials Body ContentType TransferEncoding InFile OutFile PassThru"

// only keeps the parameters with the names, which they then bear.
func only(list []*powershell.Param, names []string) (kept []*powershell.Param) {
	for _, p := range list {
		for _, n := range names {
			if strings.EqualFold(p.Name, n) {
				kept = append(kept, p)
			} else if slices.Contains(p.Aliases, n) {
				p.Name, p.Aliases = n, nil
				kept = append(kept, p)
			}
		}
	}
	return kept
}

func missing(i *powershell.Invocation) error {
	name := i.Cmdlet.Name
	return i.ErrorRecord(object.Fail("", "skylab: %s is real but not simulated here", name), "NotSimulated", "NotImplemented", name)
}

func parameters(text string) (list []*powershell.Param) {
	for _, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if l == "" {
			continue
		}
		f := append(strings.Split(l, "\t"), "", "", "", "")
		p := &powershell.Param{Name: f[0], In: map[string]powershell.ParamIn{}}
		if n, ok := syntax.ParseTypeName(f[1]); ok {
			p.Type = object.Lookup(n, nil)
		}
		if p.Type == object.ObjectType || p.Type == object.PSObjectType {
			p.Type = nil
		}
		for _, part := range strings.Split(f[2], ";") {
			set, flags, ok := strings.Cut(part, "=")
			if !ok {
				set, flags = "", strings.TrimPrefix(part, "*")
			}
			p.In[set] = place(p, flags)
		}
		if f[3] != "" {
			p.Aliases = strings.Split(f[3], ",")
		}
		for _, v := range strings.Split(f[4], ";") {
			name, args, _ := strings.Cut(v, "=")
			switch name {
			case "":
			case "Set":
				val := powershell.Validator{Name: "validateset"}
				for _, a := range strings.Split(args, ",") {
					val.Args = append(val.Args, a)
				}
				p.Validate = append(p.Validate, val)
			default:
				p.Validate = append(p.Validate, powershell.Validator{Name: "validate" + strings.ToLower(name)})
			}
		}
		list = append(list, p)
	}
	return list
}

func place(p *powershell.Param, flags string) powershell.ParamIn {
	in := powershell.ParamIn{Position: -1}
	for i := 0; i < len(flags); i++ {
		switch flags[i] {
		case 'm':
			in.Mandatory = true
		case 'v':
			in.Pipeline = true
		case 'n':
			in.ByName = true
		case 'r':
			in.Remaining = true
		case '0':
			p.AllowNull = true
		case 'e':
			p.AllowEmpty = true
		case 'l':
			p.AllowEmptyList = true
		case 'p':
			in.Position = 0
			for i+1 < len(flags) && flags[i+1] >= '0' && flags[i+1] <= '9' {
				i++
				in.Position = in.Position*10 + int(flags[i]-'0')
			}
		}
	}
	return in
}

// bodies are the commands that do something.
func bodies() map[string]body {
	all := map[string]body{}
	for _, family := range []map[string]body{coreBodies, writeBodies, objectBodies, variableBodies, jsonBodies, dateBodies, formatBodies, fileBodies, webBodies} {
		for n, b := range family {
			all[n] = b
		}
	}
	return all
}
