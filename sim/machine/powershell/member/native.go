package member

import (
	"strings"
	"unicode/utf8"

	"skylab/sim/machine/powershell/object"
)

// StringBuilder is System.Text.StringBuilder.
type StringBuilder struct {
	Text string
	// tail is what was appended since Text was last read, so that appending
	// costs what is appended.
	tail []byte
}

// settle joins what was appended to Text.
func (s *StringBuilder) settle() {
	if len(s.tail) > 0 {
		s.Text, s.tail = s.Text+string(s.tail), nil
	}
}

// NetType implements object.Typed.
func (*StringBuilder) NetType() *object.Type { return object.MustType("System.Text.StringBuilder") }

// ToString implements object.Stringer.
func (s *StringBuilder) ToString(*object.Context) string {
	s.settle()
	return s.Text
}

// GetMember implements Dynamic.
func (s *StringBuilder) GetMember(name string) (any, bool) {
	s.settle()
	switch strings.ToLower(name) {
	case "length":
		return int32(object.Len(s.Text)), true
	case "capacity":
		return int32(max(16, object.Len(s.Text))), true
	case "maxcapacity":
		return int32(1<<31 - 1), true
	}
	return nil, false
}

// SetMember sets Length.
func (s *StringBuilder) SetMember(e *Env, name string, v any) (bool, error) {
	if !strings.EqualFold(name, "Length") {
		return false, nil
	}
	s.settle()
	n := intOf(v)
	u := object.Units(s.Text)
	for len(u) < n {
		u = append(u, 0)
	}
	s.Text = object.FromUnits(u[:n])
	return true, nil
}

// CallMember implements Dynamic.
func (s *StringBuilder) CallMember(name string, a []any) (any, bool, error) {
	ctx := object.NewContext(nil)
	text := func(v any) string {
		if v == nil {
			return ""
		}
		return ctx.String(v)
	}
	verb := strings.ToLower(name)
	var u []uint16
	switch verb {
	case "insert", "remove", "replace", "tostring":
		s.settle()
		u = object.Units(s.Text)
	}
	switch verb {
	case "append":
		t := text(a[0])
		if len(a) == 2 {
			t = strings.Repeat(t, max(0, intOf(a[1])))
		}
		if arr, ok := object.Base(a[0]).(*object.Array); ok && arr.Elem == object.CharType {
			t = chars(arr)
		}
		s.tail = append(s.tail, t...)
	case "appendline":
		if len(a) > 0 {
			s.tail = append(s.tail, text(a[0])...)
		}
		s.tail = append(s.tail, '\n')
	case "appendformat":
		out, msg := ctx.Composite(text(a[0]), a[1:], nil)
		if msg != "" {
			return nil, true, object.Throw("System.FormatException", "%s", msg)
		}
		s.tail = append(s.tail, out...)
	case "appendjoin":
		var parts []string
		for _, x := range a[1:] {
			if items, many := object.Items(x); many {
				for _, y := range items {
					parts = append(parts, text(y))
				}
				continue
			}
			parts = append(parts, text(x))
		}
		s.tail = append(s.tail, strings.Join(parts, text(a[0]))...)
	case "insert":
		i := intOf(a[0])
		if i < 0 || i > len(u) {
			return nil, true, outOfRange("index", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
		}
		s.Text = object.FromUnits(u[:i]) + text(a[1]) + object.FromUnits(u[i:])
	case "remove":
		i, n := intOf(a[0]), intOf(a[1])
		if i < 0 || n < 0 || i+n > len(u) {
			return nil, true, outOfRange("length", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
		}
		s.Text = object.FromUnits(u[:i]) + object.FromUnits(u[i+n:])
	case "replace":
		s.Text = strings.ReplaceAll(s.Text, text(a[0]), text(a[1]))
	case "clear":
		s.Text, s.tail = "", nil
	case "tostring":
		if len(a) == 2 {
			i, n := intOf(a[0]), intOf(a[1])
			if i < 0 || n < 0 || i+n > len(u) {
				return nil, true, outOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
			}
			return object.FromUnits(u[i : i+n]), true, nil
		}
		return s.Text, true, nil
	default:
		return nil, false, nil
	}
	return s, true, nil
}

// encodings by the name of their static property.
var encodings = map[string]string{"utf8": "utf-8", "ascii": "us-ascii", "unicode": "utf-16", "bigendianunicode": "utf-16BE", "utf32": "utf-32", "latin1": "iso-8859-1", "default": "utf-8", "utf7": "utf-7"}

// Encoding is System.Text.Encoding, by its web name.
type Encoding struct{ Name string }

var encodingTypes = map[string]string{"utf-8": "System.Text.UTF8Encoding+UTF8EncodingSealed", "us-ascii": "System.Text.ASCIIEncoding+ASCIIEncodingSealed", "utf-16": "System.Text.UnicodeEncoding", "utf-16BE": "System.Text.UnicodeEncoding", "utf-32": "System.Text.UTF32Encoding", "iso-8859-1": "System.Text.Latin1Encoding+Latin1EncodingSealed", "utf-7": "System.Text.UTF7Encoding"}

// NetType implements object.Typed.
func (c *Encoding) NetType() *object.Type { return object.MustType(encodingTypes[c.Name]) }

func encodingNamed(s string) (*Encoding, bool) {
	switch strings.ToLower(s) {
	case "utf-8", "utf8", "65001", "utf8nobom", "utf8bom":
		return &Encoding{"utf-8"}, true
	case "us-ascii", "ascii", "20127":
		return &Encoding{"us-ascii"}, true
	case "utf-16", "unicode", "utf-16le", "1200", "ucs-2":
		return &Encoding{"utf-16"}, true
	case "utf-16be", "bigendianunicode", "1201":
		return &Encoding{"utf-16BE"}, true
	case "utf-32", "utf32", "12000":
		return &Encoding{"utf-32"}, true
	case "iso-8859-1", "latin1", "28591", "windows-1252", "1252", "ansi":
		return &Encoding{"iso-8859-1"}, true
	}
	return nil, false
}

// Encode makes bytes of a string.
func (c *Encoding) Encode(s string) []byte {
	var out []byte
	switch c.Name {
	case "utf-16", "utf-16BE":
		for _, u := range object.Units(s) {
			if c.Name == "utf-16" {
				out = append(out, byte(u), byte(u>>8))
			} else {
				out = append(out, byte(u>>8), byte(u))
			}
		}
	case "utf-32":
		for _, r := range s {
			out = append(out, byte(r), byte(r>>8), byte(r>>16), byte(r>>24))
		}
	case "us-ascii", "iso-8859-1":
		top := rune(0x7f)
		if c.Name == "iso-8859-1" {
			top = 0xff
		}
		for _, r := range s {
			if r > top {
				r = '?'
			}
			out = append(out, byte(r))
		}
	default:
		out = []byte(s)
	}
	return out
}

// Decode makes a string of bytes.
func (c *Encoding) Decode(b []byte) string {
	var s strings.Builder
	switch c.Name {
	case "utf-16", "utf-16BE":
		u := make([]uint16, len(b)/2)
		for i := range u {
			if c.Name == "utf-16" {
				u[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
			} else {
				u[i] = uint16(b[2*i+1]) | uint16(b[2*i])<<8
			}
		}
		return object.FromUnits(u)
	case "utf-32":
		for i := 0; i+3 < len(b); i += 4 {
			s.WriteRune(rune(b[i]) | rune(b[i+1])<<8 | rune(b[i+2])<<16 | rune(b[i+3])<<24)
		}
	case "us-ascii":
		for _, x := range b {
			if x > 0x7f {
				s.WriteByte('?')
			} else {
				s.WriteByte(x)
			}
		}
	case "iso-8859-1":
		for _, x := range b {
			s.WriteRune(rune(x))
		}
	default:
		if utf8.Valid(b) {
			return string(b)
		}
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return s.String()
}

// GetMember implements Dynamic.
func (c *Encoding) GetMember(name string) (any, bool) {
	names := map[string][2]string{"utf-8": {"Unicode (UTF-8)", "65001"}, "us-ascii": {"US-ASCII", "20127"}, "utf-16": {"Unicode", "1200"}, "utf-16BE": {"Unicode (Big-Endian)", "1201"}, "utf-32": {"Unicode (UTF-32)", "12000"}, "iso-8859-1": {"Western European (ISO)", "28591"}}
	switch strings.ToLower(name) {
	case "webname", "bodyname", "headername":
		return c.Name, true
	case "encodingname":
		return names[c.Name][0], true
	case "codepage":
		n, _ := object.ParseNumber(names[c.Name][1], object.Int32Type)
		return n, true
	case "issinglebyte":
		return c.Name == "us-ascii" || c.Name == "iso-8859-1", true
	}
	return nil, false
}

// CallMember implements Dynamic.
func (c *Encoding) CallMember(name string, a []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "getbytes":
		if a[0] == nil {
			return nil, true, argumentNull("s")
		}
		if arr, ok := object.Base(a[0]).(*object.Array); ok {
			return byteArray(c.Encode(chars(arr))), true, nil
		}
		return byteArray(c.Encode(object.NewContext(nil).String(a[0]))), true, nil
	case "getstring", "getchars":
		if a[0] == nil {
			return nil, true, argumentNull("bytes")
		}
		b := bytesOf(a[0])
		if len(a) == 3 {
			i, n := intOf(a[1]), intOf(a[2])
			if i < 0 || n < 0 || i+n > len(b) {
				return nil, true, outOfRange("bytes", "Index and count must refer to a location within the buffer.")
			}
			b = b[i : i+n]
		}
		s := c.Decode(b)
		if strings.EqualFold(name, "getchars") {
			arr := &object.Array{Elem: object.CharType}
			for _, u := range object.Units(s) {
				arr.Items = append(arr.Items, object.Char(u))
			}
			return arr, true, nil
		}
		return s, true, nil
	case "getbytecount":
		return int32(len(c.Encode(textOf(a[0])))), true, nil
	case "getpreamble":
		pre := map[string][]byte{"utf-8": {0xef, 0xbb, 0xbf}, "utf-16": {0xff, 0xfe}, "utf-16BE": {0xfe, 0xff}, "utf-32": {0xff, 0xfe, 0, 0}}
		return byteArray(pre[c.Name]), true, nil
	}
	return nil, false, nil
}

// comparer is a StringComparer.
type comparer struct{ ignore bool }

// NetType implements object.Typed.
func (*comparer) NetType() *object.Type { return object.MustType("System.StringComparer") }

// set is a HashSet, SortedSet, Stack or Queue.
type set struct {
	typ    *object.Type
	list   []any
	seen   *object.Dict
	ignore bool
}

func newSet(t *object.Type) *set {
	return &set{typ: t, seen: &object.Dict{Type: object.HashtableType, Exact: true}}
}

// NetType implements object.Typed.
func (s *set) NetType() *object.Type { return s.typ }

// Items implements object.Enumerable.
func (s *set) Items() []any {
	switch {
	case strings.Contains(s.typ.Name, "Stack"):
		out := make([]any, len(s.list))
		for i, x := range s.list {
			out[len(s.list)-1-i] = x
		}
		return out
	case strings.Contains(s.typ.Name, "Queue"):
		return append([]any{}, s.list...)
	}
	var out []any
	for _, e := range s.seen.Entries() {
		out = append(out, e.Key)
	}
	return out
}

// GetMember implements Dynamic.
func (s *set) GetMember(name string) (any, bool) {
	if strings.EqualFold(name, "Count") {
		return int32(len(s.Items())), true
	}
	return nil, false
}

func (s *set) elem(v any) (any, error) {
	if len(s.typ.Args) == 1 {
		return object.NewContext(nil).Convert(v, s.typ.Args[0])
	}
	return v, nil
}

// CallMember implements Dynamic.
func (s *set) CallMember(name string, a []any) (any, bool, error) {
	s.seen.Exact = !s.ignore
	empty := func(what string) error {
		return object.Throw("System.InvalidOperationException", "%s empty.", what)
	}
	lifo := strings.Contains(s.typ.Name, "Stack")
	switch n := strings.ToLower(name); n {
	case "add":
		v, err := s.elem(a[0])
		if err != nil {
			return nil, true, err
		}
		if lifo || strings.Contains(s.typ.Name, "Queue") {
			s.list = append(s.list, v)
			return Void{}, true, nil
		}
		_, had := s.seen.Get(v)
		if !had {
			s.seen.Set(v, true)
		}
		return !had, true, nil
	case "push", "enqueue":
		v, err := s.elem(a[0])
		s.list = append(s.list, v)
		return Void{}, true, err
	case "pop", "dequeue", "peek":
		if len(s.list) == 0 {
			return nil, true, empty(map[bool]string{true: "Stack", false: "Queue"}[lifo])
		}
		i := 0
		if lifo {
			i = len(s.list) - 1
		}
		v := s.list[i]
		if n != "peek" {
			s.list = append(s.list[:i:i], s.list[i+1:]...)
		}
		return v, true, nil
	case "contains":
		if lifo || strings.Contains(s.typ.Name, "Queue") {
			d := &object.Dict{Type: object.HashtableType, Exact: true}
			for _, x := range s.list {
				d.Set(x, true)
			}
			_, ok := d.Get(a[0])
			return ok, true, nil
		}
		_, ok := s.seen.Get(a[0])
		return ok, true, nil
	case "remove":
		return s.seen.Delete(a[0]), true, nil
	case "clear":
		s.list = nil
		s.seen.Clear()
		return Void{}, true, nil
	case "toarray":
		t := object.ObjectType
		if len(s.typ.Args) == 1 {
			t = s.typ.Args[0]
		}
		return &object.Array{Elem: t, Items: s.Items()}, true, nil
	case "unionwith", "exceptwith", "intersectwith":
		items, _ := object.Items(a[0])
		other := &object.Dict{Type: object.HashtableType, Exact: !s.ignore}
		for _, x := range items {
			other.Set(x, true)
			switch n {
			case "unionwith":
				s.seen.Set(x, true)
			case "exceptwith":
				s.seen.Delete(x)
			}
		}
		if n == "intersectwith" {
			for _, x := range s.Items() {
				if _, ok := other.Get(x); !ok {
					s.seen.Delete(x)
				}
			}
		}
		return Void{}, true, nil
	case "issubsetof", "issupersetof", "setequals", "overlaps":
		items, _ := object.Items(a[0])
		other := &object.Dict{Type: object.HashtableType, Exact: !s.ignore}
		for _, x := range items {
			other.Set(x, true)
		}
		in := 0
		for _, x := range s.Items() {
			if _, ok := other.Get(x); ok {
				in++
			}
		}
		switch n {
		case "issubsetof":
			return in == s.seen.Len(), true, nil
		case "issupersetof":
			return in == other.Len(), true, nil
		case "overlaps":
			return in > 0, true, nil
		}
		return in == s.seen.Len() && in == other.Len(), true, nil
	}
	return nil, false, nil
}
