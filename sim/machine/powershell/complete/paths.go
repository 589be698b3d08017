package complete

import (
	"slices"
	"strings"
)

// paths finds files and directories by the beginning of their path.
func (f finder) paths(typed string) (list []Match) {
	fs := f.s.Config().Files
	if fs == nil || strings.HasPrefix(typed, "-") {
		return nil
	}
	plain := strings.Trim(typed, `'"`)
	sep := "/"
	if f.s.Config().Windows {
		sep = `\`
	}
	at := strings.LastIndexAny(plain, `/\`) + 1
	dir, prefix := plain[:at], plain[at:]
	shown := strings.ReplaceAll(strings.ReplaceAll(dir, `\`, "/"), "/", sep)
	if dir == "" {
		shown = "." + sep
	}
	entries, err := fs.ReadDir(f.s.Path(dir + "."))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		n := e.Name()
		if !begins(n, prefix) || strings.HasPrefix(n, ".") && prefix == "" {
			continue
		}
		text, kind := shown+n, "ProviderItem"
		if e.IsDir() {
			kind = "ProviderContainer"
		}
		if strings.ContainsAny(text, " '(){}[]&;,$`@#") {
			text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
		}
		list = append(list, Match{text, n, kind})
	}
	slices.SortStableFunc(list, func(a, b Match) int { return strings.Compare(strings.ToLower(a.List), strings.ToLower(b.List)) })
	return list
}
