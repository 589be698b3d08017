package python

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"regexp"
	"time"
)

func hashModule(*interp) map[string]any {
	hash := func(name string, sum func(b []byte) []byte) *builtin {
		return fn(name, func(_ *interp, a *args) (any, error) {
			v, ok := a.at(0, "string")
			b, isBytes := v.(bytesValue)
			if ok && !isBytes {
				return nil, raisef(typeError, "Strings must be encoded before hashing")
			}
			x := sum([]byte(b))
			return &object{class: &class{name: "_hashlib.HASH"}, attrs: map[string]any{"name": name,
				"hexdigest": fn("hexdigest", func(*interp, *args) (any, error) { return hex.EncodeToString(x), nil }), "digest": fn("digest", func(*interp, *args) (any, error) { return bytesValue(x), nil })}}, nil
		})
	}
	return map[string]any{"sha256": hash("sha256", func(b []byte) []byte { x := sha256.Sum256(b); return x[:] }), "sha1": hash("sha1", func(b []byte) []byte { x := sha1.Sum(b); return x[:] }), "md5": hash("md5", func(b []byte) []byte { x := md5.Sum(b); return x[:] })}
}

func (a *args) seconds(i int, name string, in *interp) (time.Time, bool, error) {
	v, ok := a.at(i, name)
	if !ok || v == nil {
		return in.p.Clock.Now(), false, nil
	}
	n, ok := number(v)
	f := toFloat(n)
	if !ok || f > 1e11 || f < -1e11 {
		return time.Time{}, true, raisef(typeError, "an integer is required (got type %s)", typeName(v))
	}
	return time.UnixMicro(int64(f * 1e6)).UTC(), true, nil
}

func strftime(t time.Time, f string) string {
	return regexp.MustCompile("%[a-zA-Z%]").ReplaceAllStringFunc(f, func(s string) string {
		layout, ok := map[byte]string{'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'B': "January", 'b': "Jan", 'A': "Monday", 'a': "Mon", 'I': "03", 'p': "PM", 'j': "002", 'F': "2006-01-02", 'T': "15:04:05", 'c': "Mon Jan _2 15:04:05 2006", 'f': "000000", 'Z': "UTC", 'z': "-0700"}[s[1]]
		switch {
		case s[1] == '%':
			return "%"
		case s[1] == 's':
			return big.NewInt(t.Unix()).String()
		case s[1] == 'f':
			return t.Format(".000000")[1:]
		case !ok:
			return s
		}
		return t.Format(layout)
	})
}

func timeModule(*interp) map[string]any {
	return map[string]any{
		"time": fn("time", func(in *interp, _ *args) (any, error) { return float64(in.p.Clock.Now().UnixMicro()) / 1e6, nil }),
		"sleep": fn("sleep", func(in *interp, a *args) (any, error) {
			v, _ := a.at(0, "")
			n, ok := number(v)
			if f := toFloat(n); ok && f >= 0 && f < 1e9 {
				return nil, in.p.Clock.Sleep(in.ctx, time.Duration(f*float64(time.Second)))
			}
			return nil, raisef(valueError, "sleep length must be non-negative")
		}),
		"ctime": fn("ctime", func(in *interp, a *args) (any, error) {
			t, _, err := a.seconds(0, "", in)
			return t.Format("Mon Jan _2 15:04:05 2006"), err
		}),
		"gmtime": fn("gmtime", func(in *interp, a *args) (any, error) {
			t, _, err := a.seconds(0, "", in)
			return tuple{mk(t.Year()), mk(int(t.Month())), mk(t.Day()), mk(t.Hour()), mk(t.Minute()), mk(t.Second()), mk((int(t.Weekday()) + 6) % 7), mk(t.YearDay()), mk(0)}, err
		}),
		"strftime": fn("strftime", func(in *interp, a *args) (any, error) {
			f, err := a.text(0, "", "")
			if err != nil {
				return nil, err
			}
			t := in.p.Clock.Now()
			if v, ok := a.at(1, ""); ok {
				x, ok := v.(tuple)
				if !ok || len(x) != 9 {
					return nil, raisef(typeError, "Tuple or struct_time argument required")
				}
				var n [6]int
				for i := range n {
					k, ok := asInt(x[i])
					if !ok {
						return nil, raisef(typeError, "an integer is required")
					}
					n[i] = int(k.Int64())
				}
				t = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
			}
			return strftime(t, f), nil
		}),
	}
}
