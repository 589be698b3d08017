package python

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// statics are what a class gives without a value of it.
var statics map[string]any

var datetimeClass = &class{name: "datetime.datetime"}

func moment(t time.Time, aware bool) *object {
	text := t.Format("2006-01-02 15:04:05")
	if t.Nanosecond() > 0 {
		text += t.Format(".000000")
	}
	iso := strings.Replace(text, " ", "T", 1)
	if aware {
		text, iso = text+"+00:00", iso+"+00:00"
	}
	o := &object{class: datetimeClass, text: text, attrs: map[string]any{
		"year": mk(t.Year()), "month": mk(int(t.Month())), "day": mk(t.Day()), "hour": mk(t.Hour()), "minute": mk(t.Minute()), "second": mk(t.Second()), "microsecond": mk(t.Nanosecond() / 1000),
		"isoformat": fn("isoformat", func(*interp, *args) (any, error) { return iso, nil }),
		"timestamp": fn("timestamp", func(*interp, *args) (any, error) { return float64(t.UnixMicro()) / 1e6, nil }),
		"strftime": fn("strftime", func(_ *interp, a *args) (any, error) {
			f, err := a.text(0, "format", "")
			return strftime(t, f), err
		}),
	}}
	parts := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
	if t.Second() > 0 || t.Nanosecond() > 0 {
		parts += fmt.Sprintf(", %d", t.Second())
	}
	if t.Nanosecond() > 0 {
		parts += fmt.Sprintf(", %d", t.Nanosecond()/1000)
	}
	if aware {
		parts += ", tzinfo=datetime.timezone.utc"
	}
	o.attrs["__repr__"] = parts + ")"
	return o
}

func init() {
	at := func(aware func(a *args) bool) func(in *interp, a *args) (any, error) {
		return func(in *interp, a *args) (any, error) {
			t, given, err := a.seconds(0, "timestamp", in)
			if err != nil {
				return nil, err
			}
			_ = given
			return moment(t, aware(a)), nil
		}
	}
	now := func(zone int, utc bool) *builtin {
		return fn("now", func(in *interp, a *args) (any, error) {
			v, _ := a.at(zone, "tz")
			return moment(in.p.Clock.Now(), v != nil && !utc), nil
		})
	}
	statics = map[string]any{
		"datetime.datetime.now": now(0, false), "datetime.datetime.utcnow": now(0, true),
		"datetime.datetime.fromtimestamp":    fn("fromtimestamp", at(func(a *args) bool { v, _ := a.at(1, "tz"); return v != nil })),
		"datetime.datetime.utcfromtimestamp": fn("utcfromtimestamp", at(func(*args) bool { return false })),
		"datetime.datetime.fromisoformat": fn("fromisoformat", func(_ *interp, a *args) (any, error) {
			s, err := a.text(0, "", "")
			if err != nil {
				return nil, err
			}
			for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
				if t, err := time.Parse(layout, s); err == nil {
					return moment(t.UTC(), strings.Contains(layout, "Z")), nil
				}
			}
			return nil, raisef(valueError, "Invalid isoformat string: %s", repr(s))
		}),
		"datetime.timezone.utc": &object{class: &class{name: "datetime.timezone"}, text: "UTC", attrs: map[string]any{"__repr__": "datetime.timezone.utc"}},
	}
}

func datetimeModule(*interp) map[string]any {
	delta := fn("timedelta", func(*interp, *args) (any, error) { return nil, &absent{"datetime.timedelta"} })
	return map[string]any{"datetime": datetimeClass, "timezone": &class{name: "datetime.timezone"}, "timedelta": delta}
}

// pattern compiles a regular expression; Python's and Go's differ in what this
// says is not simulated.
func pattern(a *args, flags int) (*regexp.Regexp, error) {
	v, _ := a.at(0, "pattern")
	if o, ok := v.(*object); ok {
		if re, ok := o.attrs["re"].(*regexp.Regexp); ok {
			return re, nil
		}
	}
	s, err := a.text(0, "pattern", "")
	if err != nil {
		return nil, err
	}
	n, err := a.number(flags, "flags", 0)
	if err != nil {
		return nil, err
	}
	lead := ""
	for bit, letter := range map[int]string{2: "i", 8: "m", 16: "s"} {
		if n&bit != 0 {
			lead += "(?" + letter + ")"
		}
	}
	if len(s) > 10_000 {
		return nil, &exception{class: memoryError}
	}
	re, bad := regexp.Compile(lead + s)
	if bad != nil {
		if strings.Contains(s, "(?=") || strings.Contains(s, "(?!") || strings.Contains(s, "(?<") || strings.Contains(s, `\1`) {
			return nil, &absent{"re with look-around or back-references"}
		}
		return nil, raisef(reError, "%s", strings.TrimPrefix(bad.Error(), "error parsing regexp: "))
	}
	return re, nil
}

func match(re *regexp.Regexp, s string, at []int) any {
	if at == nil {
		return nil
	}
	get := func(i int) any {
		if at[2*i] < 0 {
			return nil
		}
		return s[at[2*i]:at[2*i+1]]
	}
	groups := tuple{}
	for i := 1; i < len(at)/2; i++ {
		groups = append(groups, get(i))
	}
	return &object{class: &class{name: "re.Match"}, attrs: map[string]any{
		"group": fn("group", func(_ *interp, a *args) (any, error) {
			if name, ok := a.named["name"]; ok || len(a.pos) > 0 {
				if !ok {
					name = a.pos[0]
				}
				if x, ok := name.(string); ok {
					if i := re.SubexpIndex(x); i >= 0 {
						return get(i), nil
					}
				} else if n, ok := asInt(name); ok && n.IsInt64() && n.Int64() >= 0 && n.Int64() < int64(len(at)/2) {
					return get(int(n.Int64())), nil
				}
				return nil, raisef(indexError, "no such group")
			}
			return get(0), nil
		}),
		"groups": fn("groups", func(*interp, *args) (any, error) { return groups, nil }), "start": fn("start", func(*interp, *args) (any, error) { return mk(at[0]), nil }), "end": fn("end", func(*interp, *args) (any, error) { return mk(at[1]), nil }),
		"__repr__": fmt.Sprintf("<re.Match object; span=(%d, %d), match=%s>", at[0], at[1], repr(s[at[0]:at[1]])),
	}}
}

func reModule(*interp) map[string]any {
	find := func(full, start bool) func(in *interp, a *args) (any, error) {
		return func(_ *interp, a *args) (any, error) {
			re, err := pattern(a, 2)
			if err != nil {
				return nil, err
			}
			s, err := a.text(1, "string", "")
			if err != nil {
				return nil, raisef(typeError, "expected string or bytes-like object, got '%s'", typeName(a.pos[1]))
			}
			if full || start {
				anchored := "^(?:" + re.String() + ")"
				if full {
					anchored += "$"
				}
				re = regexp.MustCompile(anchored)
			}
			return match(re, s, re.FindStringSubmatchIndex(s)), nil
		}
	}
	attrs := map[string]any{"I": mk(2), "IGNORECASE": mk(2), "M": mk(8), "MULTILINE": mk(8), "S": mk(16), "DOTALL": mk(16), "error": reError,
		"search": fn("search", find(false, false)), "match": fn("match", find(false, true)), "fullmatch": fn("fullmatch", find(true, true)),
		"findall": fn("findall", func(_ *interp, a *args) (any, error) {
			re, err := pattern(a, 2)
			if err != nil {
				return nil, err
			}
			s, err := a.text(1, "string", "")
			out := &list{}
			for _, m := range re.FindAllStringSubmatch(s, -1) {
				switch len(m) {
				case 1, 2:
					out.items = append(out.items, m[len(m)-1])
				default:
					t := tuple{}
					for _, g := range m[1:] {
						t = append(t, g)
					}
					out.items = append(out.items, t)
				}
			}
			return out, err
		}),
		"split": fn("split", func(_ *interp, a *args) (any, error) {
			re, err := pattern(a, 3)
			if err != nil {
				return nil, err
			}
			s, err := a.text(1, "string", "")
			out := &list{}
			for _, x := range re.Split(s, -1) {
				out.items = append(out.items, x)
			}
			return out, err
		}),
		"sub": fn("sub", func(in *interp, a *args) (any, error) {
			re, err := pattern(a, 4)
			if err != nil {
				return nil, err
			}
			with, err := a.text(1, "repl", "")
			if err != nil {
				return nil, &absent{"re.sub with a function"}
			}
			s, err := a.text(2, "string", "")
			if err != nil {
				return nil, err
			}
			with = regexp.MustCompile(`\\(\d)`).ReplaceAllString(strings.ReplaceAll(with, "$", "$$"), "$${$1}")
			if len(with)*(len(s)+1) > maxSize {
				return nil, &exception{class: memoryError}
			}
			return re.ReplaceAllString(s, with), nil
		}),
	}
	attrs["compile"] = fn("compile", func(_ *interp, a *args) (any, error) {
		re, err := pattern(a, 1)
		if err != nil {
			return nil, err
		}
		o := &object{class: &class{name: "re.Pattern"}, attrs: map[string]any{"re": re, "pattern": re.String()}}
		for _, name := range []string{"search", "match", "fullmatch", "findall", "split", "sub"} {
			f := attrs[name].(*builtin)
			o.attrs[name] = fn(name, func(in *interp, a *args) (any, error) {
				return f.fn(in, &args{append([]any{o}, a.pos...), a.named, a.order})
			})
		}
		return o, nil
	})
	return attrs
}
