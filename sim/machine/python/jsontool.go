package python

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

const toolUsage = `usage: python -m json.tool [-h] [--sort-keys] [--no-ensure-ascii]
                           [--json-lines]
                           [--indent INDENT | --tab | --no-indent | --compact]
                           [infile] [outfile]
`

var toolOptions = []tool.Option{
	{Short: "h", Long: "help", Help: "print this help"}, {Long: "sort-keys", Help: "keys in order"}, {Long: "no-ensure-ascii", Help: "leave other letters than ASCII as they are"},
	{Long: "json-lines", Help: "each line is a value"}, {Long: "indent", Arg: "INDENT", Help: "indent with so many spaces (4)"}, {Long: "tab", Help: "indent with tabs"},
	{Long: "no-indent", Help: "all on one line"}, {Long: "compact", Help: "all on one line, without blanks"},
}

// jsonTool is python3 -m json.tool.
func jsonTool(p *tool.Process, args []string) int {
	wrong := func(format string, a ...any) int {
		fmt.Fprintf(p.Stderr, toolUsage+"python -m json.tool: error: "+format+"\n", a...)
		return 2
	}
	e := &encoder{indent: "    ", lines: true, item: ",", key: ": ", ascii: true}
	var names []string
	jsonLines, layout := false, ""
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "-" || !strings.HasPrefix(a, "-") {
			names = append(names, a)
			continue
		}
		word, value, attached := strings.Cut(a, "=")
		var found []string
		for _, o := range toolOptions {
			if word == "--"+o.Long || word == "-h" && o.Short == "h" {
				found = []string{o.Long}
				break
			}
			if strings.HasPrefix("--"+o.Long, word) && len(word) > 2 {
				found = append(found, o.Long)
			}
		}
		if len(found) > 1 {
			return wrong("ambiguous option: %s could match --%s", a, strings.Join(found, ", --"))
		}
		if len(found) == 0 {
			return wrong("unrecognized arguments: %s", a)
		}
		name := found[0]
		if strings.Contains("indent tab no-indent compact", name) {
			if layout != "" && layout != name {
				return wrong("argument --%s: not allowed with argument --%s", name, layout)
			}
			layout = name
		}
		switch name {
		case "help":
			io.WriteString(p.Stdout, toolUsage+"\nCheck JSON and print it so that it can be read.\n\n")
			tool.OptionTable(p.Stdout, toolOptions)
			return 0
		case "sort-keys":
			e.sort = true
		case "no-ensure-ascii":
			e.ascii = false
		case "json-lines":
			jsonLines = true
		case "tab":
			e.indent = "\t"
		case "no-indent":
			e.lines, e.item = false, ", "
		case "compact":
			e.lines, e.key = false, ":"
		case "indent":
			if !attached {
				if i++; i >= len(args) {
					return wrong("argument --indent: expected one argument")
				}
				value = args[i]
			}
			n, err := strconv.Atoi(value)
			if err != nil {
				return wrong("argument --indent: invalid int value: %s", quoteStr(value))
			}
			e.indent = strings.Repeat(" ", max(min(n, 1000), 0))
		}
	}
	var data []byte
	var err error
	abs := func(n string) string {
		if strings.HasPrefix(n, "/") {
			return n
		}
		return p.Dir + "/" + n
	}
	if len(names) > 0 && names[0] != "-" {
		if data, err = p.FS.ReadFile(abs(names[0])); err != nil {
			x := osFailure(err, names[0])
			return wrong("argument infile: can't open %s: [Errno %s] %s: %s", quoteStr(names[0]), str(x.args[0]), vfs.Errno(err), quoteStr(names[0]))
		}
	} else if data, err = io.ReadAll(p.Stdin); err != nil {
		return 1
	}
	if len(names) > 2 {
		return wrong("unrecognized arguments: %s", strings.Join(names[2:], " "))
	}
	texts := []string{string(data)}
	if jsonLines {
		texts = strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	var out strings.Builder
	status := 0
	for _, text := range texts {
		if jsonLines && text == "" {
			continue
		}
		v, f := decodeJSON(text)
		if f != nil {
			fmt.Fprintln(p.Stderr, f.text(text))
			status = 1
			break
		}
		e.encode(&out, v, 0)
		out.WriteByte('\n')
	}
	if len(names) > 1 && names[1] != "-" && (status == 0 || jsonLines) {
		if err := p.FS.WriteFile(abs(names[1]), []byte(out.String()), 0o644); err != nil {
			fmt.Fprintf(p.Stderr, "%s\n", osFailure(err, names[1]).Error())
			return 1
		}
		return status
	}
	io.WriteString(p.Stdout, out.String())
	return status
}
