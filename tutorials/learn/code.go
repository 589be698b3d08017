package learn

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"

	"skylab/tutorials/lesson"
)

// code puts a piece of a source file into the article: all of it, a range of
// its lines, or what stands between marks with an id.
func (r *reader) code(at line, lead string, a map[string]string) {
	if r.files == nil {
		r.add(at, strings.TrimRight(lead, " "))
		return
	}
	if a["source"] == "" {
		r.fault(at, `code must name its file: source="…"`)
		return
	}
	name, ok := r.locate(at, a["source"])
	if !ok {
		return
	}
	text, ok := r.load(at, name)
	if !ok {
		return
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if id := a["id"]; id != "" {
		if lines = marked(lines, id); lines == nil {
			r.fault(at, "%s has no part named %q", a["source"], id)
			return
		}
	}
	if spec := a["range"]; spec != "" {
		var kept []string
		ranges, ok := parseRanges(spec, len(lines))
		if !ok {
			r.fault(at, "%s has no lines %s", a["source"], spec)
			return
		}
		for _, n := range ranges {
			kept = append(kept, lines[n-1])
		}
		lines = kept
	}
	lines = dedented(lines)
	fence := "```"
	for strings.Contains(strings.Join(lines, "\n"), fence) {
		fence += "`"
	}
	info := strings.ToLower(a["language"])
	if a["interactive"] != "" && !strings.HasSuffix(info, interactive) {
		info += interactive
	}
	if h := a["highlight"]; h != "" {
		info += ` highlight="` + strings.ReplaceAll(h, "`", "") + `"`
	}
	r.add(at, lead+fence+strings.ReplaceAll(info, "`", ""))
	for _, l := range lines {
		r.add(at, lead+l)
	}
	r.add(at, lead+fence)
}

// marked returns the lines between the marks of an id: "<id>" and "</id>" in
// comments, or "#region id" and "#endregion".
func marked(lines []string, id string) []string {
	begin := regexp.MustCompile(`(?i)(<` + regexp.QuoteMeta(id) + `>|#region\s+` + regexp.QuoteMeta(id) + `)\s*(\*/|-->)?\s*$`)
	end := regexp.MustCompile(`(?i)(</` + regexp.QuoteMeta(id) + `>|#endregion)`)
	for i, l := range lines {
		if !begin.MatchString(l) {
			continue
		}
		for j := i + 1; j < len(lines); j++ {
			if end.MatchString(lines[j]) {
				return append([]string{}, lines[i+1:j]...)
			}
		}
	}
	return nil
}

// parseRanges reads "2-4,6,8-" as line numbers of a text with n lines.
func parseRanges(spec string, n int) ([]int, bool) {
	var out []int
	for _, part := range strings.Split(spec, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.Atoi(from)
		b := a
		if isRange && to == "" {
			b = n
		} else if isRange && err == nil {
			b, err = strconv.Atoi(to)
		}
		if err != nil || a < 1 || b > n || b < a {
			return nil, false
		}
		for ; a <= b && len(out) < maxLines; a++ {
			out = append(out, a)
		}
	}
	return out, true
}

// dedented takes the blanks away that all lines begin with.
func dedented(lines []string) []string {
	common := -1
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		if n := len(l) - len(strings.TrimLeft(l, " ")); common < 0 || n < common {
			common = n
		}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimRight(l[min(max(common, 0), len(l)):], " \t")
	}
	return out
}

// interactive ends the name of a fence's language that Learn offers to run.
const interactive = "-interactive"

// aliases are languages of fences that chroma knows by another name, or has no
// colours for.
var aliases = map[string]string{
	"azurecli": "bash", "console": "bash", "azurepowershell": "powershell", "pwsh": "powershell", "cmd": "batch", "output": "", "azure-cli": "bash",
	"dotnetcli": "bash", "kusto": "", "cli": "bash", "tsql": "sql", "arm": "json", "jsonc": "json", "mermaid": "", "golang": "go",
}

var fenceLang = regexp.MustCompile(`^[A-Za-z0-9#+._-]*`)

// snippet highlights code and marks its placeholders. info is what stands after
// the fence: a language, perhaps with "-interactive", and attributes.
func snippet(info, code string) *lesson.Snippet {
	lang := strings.ToLower(fenceLang.FindString(strings.TrimSpace(info)))
	s := &lesson.Snippet{}
	s.Lang, s.Interactive = strings.CutSuffix(lang, interactive)
	if h := attributes(info)["highlight"]; h != "" {
		s.Highlight, _ = parseRanges(h, strings.Count(code, "\n")+1)
	}
	known := s.Lang
	if a, ok := aliases[known]; ok {
		known = a
	}
	lexer := lexers.Get(known)
	if lexer == nil || known == "" {
		s.Parts = split(code, nil)
		return s
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		s.Parts = split(code, nil)
		return s
	}
	classes := make([]string, 0, len(code))
	for _, t := range tokens.Tokens() {
		for range t.Value {
			classes = append(classes, chroma.StandardTypes[t.Type])
		}
	}
	s.Parts = split(code, classes)
	return s
}

// placeholder is how articles write what a reader must fill in.
var placeholder = regexp.MustCompile(`<[A-Z][A-Z0-9 _-]*[A-Z0-9]>`)

// split cuts code where its class changes and at placeholders, which may lie
// across several tokens.
func split(code string, classes []string) []lesson.Part {
	var out []lesson.Part
	runes := []rune(code)
	class := func(i int) string {
		if i < len(classes) {
			return classes[i]
		}
		return ""
	}
	plain := func(from, to int) {
		for i := from; i < to; {
			j := i
			for j < to && class(j) == class(i) {
				j++
			}
			out = append(out, lesson.Part{Text: string(runes[i:j]), Class: class(i)})
			i = j
		}
	}
	at := 0
	for _, m := range placeholder.FindAllStringIndex(code, -1) {
		from, to := len([]rune(code[:m[0]])), len([]rune(code[:m[1]]))
		plain(at, from)
		out = append(out, lesson.Part{Text: string(runes[from:to]), Field: strings.Trim(string(runes[from:to]), "<>")})
		at = to
	}
	plain(at, len(runes))
	return out
}
