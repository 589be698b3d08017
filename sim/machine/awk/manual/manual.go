// Package manual is what awk says of itself, without the program.
package manual

import "skylab/sim/machine/tool"

// Program returns awk without what runs it.
func Program() tool.Program {
	return tool.Program{Name: "awk", Usage: "[-F FS] [-v NAME=VALUE]... 'PROGRAM' [FILE]...", Summary: "Run an AWK program over lines", Options: []tool.Option{
		{Short: "F", Arg: "FS", Help: "what separates fields"}, {Short: "v", Arg: "NAME=VALUE", Help: "set a variable"}, {Short: "f", Arg: "FILE", Help: "read the program from FILE"},
	}}
}
