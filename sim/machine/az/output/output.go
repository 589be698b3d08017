// Package output prints the result of an az command in the formats of --output
// as knack 0.10 does (facts/az-cli.md §D2). It must not know commands.
package output

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// Formats are the values of --output, in the order in which errors list them.
var Formats = []string{"json", "jsonc", "yaml", "yamlc", "table", "tsv", "none"}

// Result is what a command gives.
type Result struct {
	Value any
	// Queried says that the value is that of --query; objects not in Plain then
	// keep the order of the query.
	Queried bool
	// Plain are the objects that the command itself gave, whose members tsv and
	// table sort.
	Plain map[*ojson.Object]bool
	// Table is the command's own form of a table, a JMESPath expression or a
	// function; it does not apply to what was queried.
	Table func(v any) (any, error)
}

// ErrTable is returned where a command's own form of a table does not fit what it gave.
var ErrTable = errors.New("no table can be made")

// Print writes a result. A null result prints nothing, whatever the format.
// Colour applies to jsonc and yamlc. Its error is [ErrTable] or the writer's.
func Print(w io.Writer, format string, r Result, colour bool) error {
	if r.Value == nil {
		return nil
	}
	text := ""
	switch format {
	case "json", "jsonc":
		text = JSON(r.Value)
		if colour && format == "jsonc" {
			text = colourJSON(text)
		}
	case "yaml", "yamlc":
		text = YAML(r.Value)
		if colour && format == "yamlc" {
			text = colourYAML(text)
		}
	case "table":
		var err error
		if text, err = table(r); err != nil {
			return err
		}
	case "tsv":
		text = tsv(r)
	case "none":
		return nil
	default:
		return fmt.Errorf("no output format %q", format)
	}
	_, err := io.WriteString(w, text)
	return err
}

// JSON is a value over several lines with sorted keys.
func JSON(v any) string {
	data, err := ojson.Indent(Sorted(v), "  ", "\n")
	if err != nil {
		return ""
	}
	return string(data) + "\n"
}

// Sorted is a copy whose objects have their members by name.
func Sorted(v any) any {
	switch v := v.(type) {
	case *ojson.Object:
		keys := v.Keys()
		slices.Sort(keys)
		o := ojson.New()
		for _, k := range keys {
			m, _ := v.Get(k)
			o.Set(k, Sorted(m))
		}
		return o
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Sorted(e)
		}
		return out
	}
	return v
}

// list is a value as the rows that it makes.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// members are an object's members, sorted if it is plain.
func (r Result) members(o *ojson.Object) []ojson.Member {
	if r.Queried && !r.Plain[o] {
		return o.Members()
	}
	m := slices.Clone(o.Members())
	sorting.By(m, func(a, b ojson.Member) int { return strings.Compare(a.Key, b.Key) })
	return m
}

func tsv(r Result) string {
	var b strings.Builder
	for _, row := range list(r.Value) {
		var cells []any
		switch v := row.(type) {
		case *ojson.Object:
			for _, m := range r.members(v) {
				cells = append(cells, m.Value)
			}
		case []any:
			cells = v
		case bool:
			b.WriteString(strings.ToLower(jmespath.Str(v)))
		default:
			b.WriteString(jmespath.Str(v))
		}
		for i, c := range cells {
			if i > 0 {
				b.WriteByte('\t')
			}
			switch c := c.(type) {
			case []any:
				fmt.Fprint(&b, len(c))
			case *ojson.Object:
			default:
				b.WriteString(jmespath.Str(c))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
