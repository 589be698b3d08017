package output

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
)

// minPadding is how much wider than its header a column is at least.
const minPadding = 2

// skipped are the members that no table shows.
var skipped = map[string]bool{"id": true, "type": true, "etag": true}

func table(r Result) (string, error) {
	v, made := r.Value, false
	if r.Table != nil && !r.Queried {
		var err error
		if v, err = r.Table(v); err != nil {
			return "", ErrTable
		}
		made = true
	}
	rows := list(v)
	var columns []string
	index := map[string]int{}
	var cells [][]string
	for _, row := range rows {
		line := make([]string, len(columns))
		set := func(name string, v any) {
			i, ok := index[name]
			if !ok {
				i = len(columns)
				index[name] = i
				columns = append(columns, name)
			}
			for len(line) <= i {
				line = append(line, "")
			}
			if v != nil {
				line[i] = strings.TrimSpace(jmespath.Str(v))
			}
		}
		switch v := row.(type) {
		case *ojson.Object:
			members := v.Members()
			if !made && !r.Queried {
				members = Result{}.members(v)
			}
			for _, m := range members {
				if skipped[m.Key] || m.Value == nil || nested(m.Value) {
					continue
				}
				set(capital(m.Key), m.Value)
			}
		case []any:
			for i, e := range v {
				set("Column"+strconv.Itoa(i+1), e)
			}
		default:
			set("Result", v)
		}
		cells = append(cells, line)
	}
	if len(columns) == 0 {
		return "\n", nil
	}
	return tabulate(columns, cells), nil
}

func nested(v any) bool {
	switch v.(type) {
	case []any, *ojson.Object:
		return true
	}
	return false
}

func capital(s string) string {
	if s == "" {
		return s
	}
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// tabulate is tabulate's format "simple".
func tabulate(columns []string, rows [][]string) string {
	width := make([]int, len(columns))
	for i, c := range columns {
		width[i] = utf8.RuneCountInString(c) + minPadding
		for _, r := range rows {
			if i < len(r) {
				for _, line := range strings.Split(strings.ReplaceAll(r[i], "\r\n", "\n"), "\n") {
					width[i] = max(width[i], utf8.RuneCountInString(line))
				}
			}
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		var row strings.Builder
		for i := range columns {
			cell := ""
			if i < len(cells) {
				cell = cells[i]
			}
			if i > 0 {
				row.WriteString("  ")
			}
			row.WriteString(cell + strings.Repeat(" ", max(0, width[i]-utf8.RuneCountInString(cell))))
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	line(columns)
	dashes := make([]string, len(columns))
	for i := range dashes {
		dashes[i] = strings.Repeat("-", width[i])
	}
	line(dashes)
	for _, r := range rows {
		height := 1
		split := make([][]string, len(r))
		for i, c := range r {
			split[i] = strings.Split(strings.ReplaceAll(c, "\r\n", "\n"), "\n")
			height = max(height, len(split[i]))
		}
		for h := range height {
			part := make([]string, len(r))
			for i, s := range split {
				if h < len(s) {
					part[i] = s[h]
				}
			}
			line(part)
		}
	}
	return b.String()
}
