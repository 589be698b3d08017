// Package manual is what python3 says of itself, without the program.
package manual

import "skylab/sim/machine/tool"

var options = []tool.Option{
	{Short: "c", Arg: "CMD", Help: "run this text"},
	{Short: "m", Arg: "MOD", Help: "run a module: json.tool"},
	{Short: "V", Long: "version", Help: "print the version"},
	{Short: "h", Long: "help", Help: "print this help"},
	{Short: "u", Help: "taken, without effect"}, {Short: "B", Help: "taken, without effect"}, {Short: "E", Help: "taken, without effect"}, {Short: "I", Help: "taken, without effect"},
	{Short: "q", Help: "taken, without effect"}, {Short: "s", Help: "taken, without effect"}, {Short: "S", Help: "taken, without effect"},
	{Short: "i", Real: true}, {Short: "O", Real: true}, {Short: "W", Arg: "ARG", Real: true}, {Short: "X", Arg: "OPT", Real: true}, {Short: "v", Real: true}, {Short: "x", Real: true}, {Short: "d", Real: true}, {Short: "b", Real: true}, {Short: "P", Real: true},
}

// Program returns python3 without what runs it.
func Program() tool.Program {
	return tool.Program{Name: "python3", Usage: "[OPTION]... [-c CMD | -m MOD | FILE | -] [ARG]...", Summary: "Run Python one-liners and small scripts", Options: options,
		Manual: "python3 runs a text of Python 3.11: expressions, f-strings, comprehensions, functions, loops and exceptions.\n\nOf the library there are base64, binascii, datetime, hashlib, json, os, re, sys, time and urllib.parse, as far as one-liners use them. Classes, decorators and generators of one's own are not simulated."}
}
