package member

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/operator"
)

// static calls a static method; name is in lower case.
func (e *Env) static(t *object.Type, name string, a []any) (any, bool, error) {
	switch t.Name {
	case "System.String":
		return e.staticString(name, a)
	case "System.Char":
		return staticChar(name, a)
	case "System.Math":
		return staticMath(name, a)
	case "System.Convert":
		return e.staticConvert(name, a)
	case "System.DateTime", "System.DateTimeOffset", "System.TimeSpan":
		return e.staticTime(t, name, a)
	case "System.Text.RegularExpressions.Regex":
		return e.staticRegex(name, a)
	case "System.Array":
		return e.staticArray(name, a)
	case "System.Enum":
		return e.staticEnum(name, a)
	case "System.IO.Path":
		return staticPath(name, a)
	case "System.Text.Encoding":
		switch name {
		case "getencoding":
			if enc, ok := encodingNamed(e.String(a[0])); ok {
				return enc, true, nil
			}
			return nil, true, object.Throw("System.ArgumentException", "'%s' is not a supported encoding name. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method. (Parameter 'name')", e.String(a[0]))
		}
	case "System.Guid":
		switch name {
		case "newguid":
			var g object.Guid
			for i := 0; i < 16; i += 8 {
				n := e.random()
				for j := range 8 {
					g[i+j] = byte(n >> (8 * j))
				}
			}
			g[6] = g[6]&0x0f | 0x40
			g[8] = g[8]&0x3f | 0x80
			return g, true, nil
		}
	case "System.Uri":
		switch name {
		case "escapedatastring":
			return escapeData(textOf(a[0]), ""), true, nil
		case "escapeuristring":
			return escapeData(textOf(a[0]), ":/?#[]@!$&'()*+,;="), true, nil
		case "unescapedatastring":
			return unescapeData(textOf(a[0])), true, nil
		case "iswellformeduristring":
			u, err := url.Parse(textOf(a[0]))
			return err == nil && u.Scheme != "" && !strings.ContainsAny(textOf(a[0]), " <>"), true, nil
		case "trycreate":
			u := &object.URI{Original: textOf(a[0])}
			if _, abs := parts(u); abs || intOf(a[1]) != 1 {
				if r, ok := a[2].(*object.Ref); ok {
					return true, true, r.Set(u)
				}
			}
			return false, true, nil
		}
	case "System.Net.WebUtility":
		return staticWebUtility(name, a)
	case "System.Environment":
		switch name {
		case "getenvironmentvariable":
			if e.Getenv != nil {
				if v, ok := e.Getenv(textOf(a[0])); ok {
					return v, true, nil
				}
			}
			return nil, true, nil
		}
	case "System.Management.Automation.ScriptBlock":
		if name == "create" && e.Parse != nil {
			sb, err := e.Parse(textOf(a[0]))
			return sb, true, err
		}
	case "System.Activator":
		if name == "createinstance" {
			if ty, ok := a[0].(*object.Type); ok {
				v, err := e.Construct(ty, a[1:])
				return v, true, err
			}
		}
	case "System.GC":
		return Void{}, true, nil
	case "System.Management.Automation.WildcardPattern":
		switch name {
		case "containswildcardcharacters":
			return object.HasWildcard(textOf(a[0])), true, nil
		case "escape":
			r := strings.NewReplacer("*", "`*", "?", "`?", "[", "`[", "]", "`]")
			return r.Replace(textOf(a[0])), true, nil
		case "unescape":
			return object.UnescapeWildcard(textOf(a[0])), true, nil
		}
	case "System.Globalization.CultureInfo":
		if name == "getcultureinfo" || name == "createspecificculture" {
			return e.cultureInfo(textOf(a[0])), true, nil
		}
	}
	switch name {
	case "parse", "tryparse":
		return e.parse(t, name == "tryparse", a)
	case "equals", "referenceequals":
		if len(a) == 2 {
			return e.Ops.Equal(a[0], a[1], false), true, nil
		}
	case "compare":
		if len(a) == 2 {
			c, err := e.Ops.Compare(a[0], a[1], false)
			return int32(c), true, err
		}
	case "isnan":
		f, _ := object.Float(a[0])
		return math.IsNaN(f), true, nil
	case "isinfinity":
		f, _ := object.Float(a[0])
		return math.IsInf(f, 0), true, nil
	case "pow":
		if b, ok := a[0].(*big.Int); ok {
			return new(big.Int).Exp(b, big.NewInt(int64(intOf(a[1]))), nil), true, nil
		}
	}
	if t.Name == "System.Decimal" {
		return e.staticDecimal(name, a)
	}
	return nil, false, nil
}

func (e *Env) random() uint64 {
	if e.Random != nil {
		return e.Random()
	}
	return rand.Uint64()
}

func (e *Env) staticString(name string, a []any) (any, bool, error) {
	switch name {
	case "isnullorempty":
		return textOf(a[0]) == "", true, nil
	case "isnullorwhitespace":
		return strings.TrimSpace(textOf(a[0])) == "", true, nil
	case "join":
		var parts []string
		for _, x := range a[1:] {
			if items, many := object.Items(x); many {
				for _, y := range items {
					parts = append(parts, e.Display(y))
				}
				continue
			}
			parts = append(parts, e.Display(x))
		}
		return strings.Join(parts, textOf(a[0])), true, nil
	case "concat":
		var b strings.Builder
		for _, x := range a {
			if items, many := object.Items(x); many {
				for _, y := range items {
					b.WriteString(e.Display(y))
				}
				continue
			}
			b.WriteString(e.Display(x))
		}
		return b.String(), true, nil
	case "format":
		f, args := textOf(a[0]), a[1:]
		if len(a) == 2 {
			if arr, ok := a[1].(*object.Array); ok {
				args = arr.Items
			}
		}
		s, msg := e.Composite(f, args, e.Culture)
		if msg != "" {
			return nil, true, object.Throw("System.FormatException", "%s", msg)
		}
		return s, true, nil
	case "compare":
		return int32(operator.CompareText(textOf(a[0]), textOf(a[1]), ignoring(a[2:]))), true, nil
	case "compareordinal":
		return int32(strings.Compare(textOf(a[0]), textOf(a[1]))), true, nil
	case "equals":
		return fold(textOf(a[0]), ignoring(a[2:])) == fold(textOf(a[1]), ignoring(a[2:])), true, nil
	case "copy", "intern":
		return a[0], true, nil
	}
	return nil, false, nil
}

func staticChar(name string, a []any) (any, bool, error) {
	c, ok := object.Base(a[0]).(object.Char)
	if !ok {
		u := object.Units(textOf(a[0]))
		i := 0
		if len(a) > 1 {
			i = intOf(a[1])
		}
		if i >= len(u) {
			return nil, true, outOfRange("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
		}
		c = object.Char(u[i])
	}
	r := rune(c)
	switch name {
	case "toupper", "toupperinvariant":
		return object.Char(unicode.ToUpper(r)), true, nil
	case "tolower", "tolowerinvariant":
		return object.Char(unicode.ToLower(r)), true, nil
	case "isdigit":
		return unicode.IsDigit(r), true, nil
	case "isnumber":
		return unicode.IsNumber(r), true, nil
	case "isletter":
		return unicode.IsLetter(r), true, nil
	case "isletterordigit":
		return unicode.IsLetter(r) || unicode.IsDigit(r), true, nil
	case "isupper":
		return unicode.IsUpper(r), true, nil
	case "islower":
		return unicode.IsLower(r), true, nil
	case "iswhitespace":
		return unicode.IsSpace(r), true, nil
	case "ispunctuation":
		return unicode.IsPunct(r), true, nil
	case "issymbol":
		return unicode.IsSymbol(r), true, nil
	case "iscontrol":
		return unicode.IsControl(r), true, nil
	case "getnumericvalue":
		if r >= '0' && r <= '9' {
			return float64(r - '0'), true, nil
		}
		return float64(-1), true, nil
	case "convertfromutf32":
		return string(rune(intOf(a[0]))), true, nil
	}
	return nil, false, nil
}

func (e *Env) staticArray(name string, a []any) (any, bool, error) {
	arr, _ := object.Base(a[0]).(*object.Array)
	switch name {
	case "indexof":
		if arr != nil {
			return int32(e.find(arr.Items, a[1])), true, nil
		}
	case "reverse":
		if arr != nil {
			for i, j := 0, len(arr.Items)-1; i < j; i, j = i+1, j-1 {
				arr.Items[i], arr.Items[j] = arr.Items[j], arr.Items[i]
			}
		}
		return Void{}, true, nil
	case "sort":
		if arr != nil {
			return Void{}, true, e.sort(arr.Items)
		}
	case "createinstance":
		if t, ok := a[0].(*object.Type); ok {
			return newArray(t, intOf(a[1])), true, nil
		}
	case "copy":
		if dst, ok := object.Base(a[1]).(*object.Array); ok && arr != nil {
			copy(dst.Items, arr.Items[:min(intOf(a[2]), len(arr.Items))])
		}
		return Void{}, true, nil
	case "clear":
		if arr != nil {
			for i := range arr.Items {
				arr.Items[i] = nil
			}
		}
		return Void{}, true, nil
	}
	return nil, false, nil
}

func (e *Env) staticEnum(name string, a []any) (any, bool, error) {
	t, ok := object.Base(a[0]).(*object.Type)
	if !ok || !t.IsEnum {
		return nil, false, nil
	}
	switch name {
	case "getnames":
		var names []string
		for _, v := range t.Values {
			names = append(names, v.Name)
		}
		return object.Strings(names), true, nil
	case "getvalues":
		arr := &object.Array{Elem: t}
		for _, v := range t.Values {
			arr.Items = append(arr.Items, object.Enum{Type: t, Value: v.Value})
		}
		return arr, true, nil
	case "getname":
		n, _, _ := object.Integer(object.Base(a[1]))
		for _, v := range t.Values {
			if v.Value == n {
				return v.Name, true, nil
			}
		}
		return nil, true, nil
	case "isdefined":
		for _, v := range t.Values {
			if n, _, isInt := object.Integer(object.Base(a[1])); isInt && v.Value == n || v.Name == textOf(a[1]) {
				return true, true, nil
			}
		}
		return false, true, nil
	case "parse":
		ignore := len(a) > 2 && object.Truth(a[2])
		total := int64(0)
		for _, p := range strings.Split(textOf(a[1]), ",") {
			p = strings.TrimSpace(p)
			found := false
			for _, v := range t.Values {
				if v.Name == p || ignore && strings.EqualFold(v.Name, p) {
					total |= v.Value
					found = true
				}
			}
			if n, err := strconv.ParseInt(p, 10, 64); err == nil {
				total, found = n, true
			}
			if !found {
				return nil, true, object.Throw("System.ArgumentException", "Requested value '%s' was not found.", p)
			}
		}
		return object.Enum{Type: t, Value: total}, true, nil
	case "toobject":
		n, _, _ := object.Integer(object.Base(a[1]))
		return object.Enum{Type: t, Value: n}, true, nil
	}
	return nil, false, nil
}

func staticPath(name string, a []any) (any, bool, error) {
	p := textOf(a[0])
	slash := strings.LastIndexAny(p, "/\\")
	file := p[slash+1:]
	dot := strings.LastIndexByte(file, '.')
	switch name {
	case "getextension":
		if dot < 0 || dot == len(file)-1 {
			return "", true, nil
		}
		return file[dot:], true, nil
	case "getfilename":
		return file, true, nil
	case "getfilenamewithoutextension":
		if dot < 0 {
			return file, true, nil
		}
		return file[:dot], true, nil
	case "getdirectoryname":
		if slash < 0 {
			return "", true, nil
		}
		if slash == 0 {
			return "/", true, nil
		}
		return p[:slash], true, nil
	case "combine":
		var list []string
		for _, x := range a {
			if items, many := object.Items(x); many {
				for _, y := range items {
					list = append(list, textOf(y))
				}
				continue
			}
			list = append(list, textOf(x))
		}
		out := ""
		for _, x := range list {
			switch {
			case x == "":
			case out == "" || strings.HasPrefix(x, "/"):
				out = x
			case strings.HasSuffix(out, "/") || strings.HasSuffix(out, "\\"):
				out += x
			default:
				out += "/" + x
			}
		}
		return out, true, nil
	case "changeextension":
		base := p
		if dot >= 0 {
			base = p[:slash+1+dot]
		}
		ext := textOf(a[1])
		if ext != "" && !strings.HasPrefix(ext, ".") {
			ext = "." + ext
		}
		return base + ext, true, nil
	case "hasextension":
		return dot >= 0 && dot < len(file)-1, true, nil
	case "ispathrooted":
		return strings.HasPrefix(p, "/") || strings.HasPrefix(p, "\\"), true, nil
	case "gettemppath":
		return "/tmp/", true, nil
	case "join":
		return staticPath("combine", a)
	}
	return nil, false, nil
}

var htmlNames = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\"", "&quot;", "'", "&#39;")

func staticWebUtility(name string, a []any) (any, bool, error) {
	s := textOf(a[0])
	switch name {
	case "urlencode":
		if a[0] == nil {
			return nil, true, nil
		}
		return strings.ReplaceAll(strings.ReplaceAll(escapeData(s, " !*()"), " ", "+"), "~", "%7E"), true, nil
	case "urldecode":
		return unescapeData(strings.ReplaceAll(s, "+", " ")), true, nil
	case "htmlencode":
		var b strings.Builder
		for _, r := range htmlNames.Replace(s) {
			if r >= 160 && r < 256 {
				fmt.Fprintf(&b, "&#%d;", r)
				continue
			}
			b.WriteRune(r)
		}
		return b.String(), true, nil
	case "htmldecode":
		return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", "\"", "&#39;", "'", "&amp;", "&", "&nbsp;", "\u00a0").Replace(s), true, nil
	}
	return nil, false, nil
}
