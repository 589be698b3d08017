package template

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf16"

	"skylab/sim/ojson"
)

// units counts a string as .NET does, in UTF-16.
func units(s string) []uint16 { return utf16.Encode([]rune(s)) }

func fromUnits(u []uint16) string { return string(utf16.Decode(u)) }

func stringFunctions() []Function {
	index := func(find func(s, sub string) int) func(*call) (any, error) {
		return text2(func(a, b string) any {
			// .NET's search ignores case here.
			i := find(strings.ToLower(a), strings.ToLower(b))
			if i > 0 {
				i = len(units(strings.ToLower(a)[:i]))
			}
			return int64(i)
		})
	}
	return []Function{
		{Name: "concat", Min: 1, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "strings or arrays behind one another", eval: concat},
		{Name: "toLower", Min: 1, Max: 1, Usage: "(string)", Doc: "in small letters", eval: pure(strings.ToLower)},
		{Name: "toUpper", Min: 1, Max: 1, Usage: "(string)", Doc: "in capitals", eval: pure(strings.ToUpper)},
		{Name: "trim", Min: 1, Max: 1, Usage: "(string)", Doc: "without white space around it", eval: pure(strings.TrimSpace)},
		{Name: "startsWith", Min: 2, Max: 2, Usage: "(string, start)", Doc: "whether a string begins with another, in any case", eval: text2(func(a, b string) any { return strings.HasPrefix(strings.ToLower(a), strings.ToLower(b)) })},
		{Name: "endsWith", Min: 2, Max: 2, Usage: "(string, end)", Doc: "whether a string ends with another, in any case", eval: text2(func(a, b string) any { return strings.HasSuffix(strings.ToLower(a), strings.ToLower(b)) })},
		{Name: "replace", Min: 3, Max: 3, Usage: "(string, old, new)", Doc: "with all of one string replaced", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			if s[1] == "" {
				return s[0], nil
			}
			return strings.ReplaceAll(s[0], s[1], s[2]), nil
		}},
		{Name: "split", Min: 2, Max: 2, Usage: "(string, delimiter)", Doc: "the parts of a string", eval: split},
		{Name: "join", Min: 2, Max: 2, Usage: "(array, delimiter)", Doc: "the elements as one string", eval: func(c *call) (any, error) {
			list, err := c.array(0)
			if err != nil {
				return nil, err
			}
			by, err := c.str(1)
			if err != nil {
				return nil, err
			}
			out := make([]string, len(list))
			for i, v := range list {
				out[i] = printed(v)
			}
			return strings.Join(out, by), nil
		}},
		{Name: "substring", Min: 2, Max: 3, Usage: "(string, startIndex, [length])", Doc: "a part of a string", eval: substring},
		{Name: "padLeft", Min: 2, Max: 3, Usage: "(value, totalLength, [character])", Doc: "made longer at its left", eval: padLeft},
		{Name: "string", Min: 1, Max: 1, Usage: "(value)", Doc: "a value as a string", eval: func(c *call) (any, error) { return printed(c.args[0]), nil }},
		{Name: "format", Min: 1, Max: -1, Usage: "(formatString, arg1, ...)", Doc: "a text with values in it", eval: format},
		{Name: "uniqueString", Min: 1, Max: -1, Usage: "(baseString, ...)", Doc: "13 characters that depend on the arguments alone", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			return uniqueString(s), nil
		}},
		{Name: "guid", Min: 1, Max: -1, Usage: "(baseString, ...)", Doc: "a GUID that depends on the arguments alone", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			return guid(s), nil
		}},
		{Name: "indexOf", Min: 2, Max: 2, Usage: "(string or array, item)", Doc: "where something begins, or -1", eval: func(c *call) (any, error) {
			if list, ok := c.args[0].([]any); ok {
				for i, v := range list {
					if equal(v, c.args[1]) {
						return int64(i), nil
					}
				}
				return int64(-1), nil
			}
			return index(strings.Index)(c)
		}},
		{Name: "lastIndexOf", Min: 2, Max: 2, Usage: "(string or array, item)", Doc: "where something begins for the last time, or -1", eval: func(c *call) (any, error) {
			if list, ok := c.args[0].([]any); ok {
				for i := len(list) - 1; i >= 0; i-- {
					if equal(list[i], c.args[1]) {
						return int64(i), nil
					}
				}
				return int64(-1), nil
			}
			return index(strings.LastIndex)(c)
		}},
	}
}

func concat(c *call) (any, error) {
	if _, ok := c.args[0].([]any); ok {
		out := []any{}
		for i := range c.args {
			list, err := c.array(i)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
		return out, nil
	}
	var b strings.Builder
	for i, v := range c.args {
		switch v.(type) {
		case []any, *ojson.Object, nil:
			return nil, c.expects(i, "a string")
		}
		b.WriteString(printed(v))
	}
	return b.String(), nil
}

// split cuts a string at one delimiter or at any of an array of them.
func split(c *call) (any, error) {
	s, err := c.str(0)
	if err != nil {
		return nil, err
	}
	by := []string{}
	switch d := c.args[1].(type) {
	case string:
		by = append(by, d)
	case []any:
		for _, v := range d {
			by = append(by, printed(v))
		}
	default:
		return nil, c.expects(1, "a string or an array of strings")
	}
	out := []any{}
	for {
		at, size := -1, 0
		for _, d := range by {
			if i := strings.Index(s, d); d != "" && i >= 0 && (at < 0 || i < at) {
				at, size = i, len(d)
			}
		}
		if at < 0 {
			return append(out, s), nil
		}
		out = append(out, s[:at])
		s = s[at+size:]
	}
}

func substring(c *call) (any, error) {
	s, err := c.str(0)
	if err != nil {
		return nil, err
	}
	u := units(s)
	start, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	const where = "parameters are not valid. The index and length parameters must refer to a location within the string."
	if start < 0 || start > int64(len(u)) {
		return nil, c.invalid(where+" The index parameter: '%d', the length parameter: '%s', the length of the string parameter: '%d'.", start, lengthText(c.args), len(u))
	}
	length := int64(len(u)) - start
	if len(c.args) == 3 {
		if length, err = c.integer(2); err != nil {
			return nil, err
		}
	}
	if length < 0 || start+length > int64(len(u)) {
		return nil, c.invalid(where+" The index parameter: '%d', the length parameter: '%d', the length of the string parameter: '%d'.", start, length, len(u))
	}
	return fromUnits(u[start : start+length]), nil
}

func lengthText(args []any) string {
	if len(args) == 3 {
		return printed(args[2])
	}
	return ""
}

// maxPad is how long padLeft makes a string at most, in characters.
const maxPad = 131072

func padLeft(c *call) (any, error) {
	switch c.args[0].(type) {
	case string, int64:
	default:
		return nil, c.expects(0, "a string or an integer")
	}
	total, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	fill := " "
	if len(c.args) == 3 {
		if fill, err = c.str(2); err != nil {
			return nil, err
		}
	}
	if len(units(fill)) != 1 || total < 0 || total > maxPad {
		return nil, c.invalid("parameters are not valid: the total length must lie between 0 and %d and the padding must be one character.", maxPad)
	}
	s := printed(c.args[0])
	return strings.Repeat(fill, max(0, int(total)-len(units(s)))) + s, nil
}

func encodingFunctions() []Function {
	decode := func(c *call) (string, error) {
		s, err := c.str(0)
		if err != nil {
			return "", err
		}
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", c.invalid("was invoked with a parameter that is not valid. The value cannot be decoded from base64 representation.")
		}
		return string(b), nil
	}
	return []Function{
		{Name: "base64", Min: 1, Max: 1, Usage: "(inputString)", Doc: "a string in base64", eval: func(c *call) (any, error) {
			s, ok := c.args[0].(string)
			if !ok {
				return nil, failf("The template language function 'base64' expects its parameter to be of type 'String'. The provided value is of type '%s'."+usage, kindOf(c.args[0]))
			}
			return base64.StdEncoding.EncodeToString([]byte(s)), nil
		}},
		{Name: "base64ToString", Min: 1, Max: 1, Usage: "(base64Value)", Doc: "the string of base64", eval: func(c *call) (any, error) { return anyOf(decode(c)) }},
		{Name: "base64ToJson", Min: 1, Max: 1, Usage: "(base64Value)", Doc: "the JSON of base64", eval: func(c *call) (any, error) {
			s, err := decode(c)
			if err != nil {
				return nil, err
			}
			return parseJSON(c, s)
		}},
		{Name: "json", Min: 1, Max: 1, Usage: "(string)", Doc: "the value of JSON", eval: func(c *call) (any, error) {
			s, err := c.str(0)
			if err != nil {
				return nil, err
			}
			return parseJSON(c, s)
		}},
		{Name: "dataUri", Min: 1, Max: 1, Usage: "(string)", Doc: "a string as a data URI", eval: pure(func(s string) string {
			return "data:text/plain;charset=utf8;base64," + base64.StdEncoding.EncodeToString([]byte(s))
		})},
		{Name: "dataUriToString", Min: 1, Max: 1, Usage: "(dataUri)", Doc: "the string of a data URI", eval: func(c *call) (any, error) {
			s, err := c.str(0)
			if err != nil {
				return nil, err
			}
			head, data, ok := strings.Cut(s, ",")
			if !ok || !strings.HasPrefix(head, "data:") {
				return nil, failf("The template language function 'dataUriToString' expects its parameter to be formatted as a valid data URI. The provided value is '%s'. Please see https://aka.ms/arm-function-datauri for usage details.", s)
			}
			text, err := url.PathUnescape(data)
			if strings.HasSuffix(strings.ToLower(head), ";base64") {
				var b []byte
				b, err = base64.StdEncoding.DecodeString(data)
				text = string(b)
			}
			if err != nil {
				return nil, failf("The template language function 'dataUriToString' was invoked with invalid data. The provided value '%s' was not formatted correctly. Please see https://aka.ms/arm-functions#dataUriToString for usage details.", s)
			}
			return text, nil
		}},
		{Name: "uri", Min: 2, Max: 2, Usage: "(baseUri, relativeUri)", Doc: "an address made absolute", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			base, err := url.Parse(s[0])
			if err != nil || base.Scheme == "" {
				return nil, c.invalid("expects its first parameter to be an absolute URI. The provided value is '%s'.", s[0])
			}
			ref, err := url.Parse(s[1])
			if err != nil {
				return nil, c.invalid("expects its second parameter to be a URI. The provided value is '%s'.", s[1])
			}
			return base.ResolveReference(ref).String(), nil
		}},
		{Name: "uriComponent", Min: 1, Max: 1, Usage: "(string)", Doc: "a string as it may stand in an address", eval: pure(escape)},
		{Name: "uriComponentToString", Min: 1, Max: 1, Usage: "(uriEncodedString)", Doc: "the string that an address holds", eval: text1(func(s string) (any, error) {
			if t, err := url.PathUnescape(s); err == nil {
				return t, nil
			}
			return s, nil
		})},
	}
}

func anyOf(s string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// escape is RFC 3986 with the unreserved characters alone left as they are.
func escape(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}

func parseJSON(c *call, s string) (any, error) {
	n, err := Read([]byte(s))
	if err != nil {
		return nil, c.invalid("parameter is not valid. The provided value '%s' cannot be converted to the target type: %s", s, err)
	}
	return n.Plain(), nil
}
