package member

import (
	"strings"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/object"
)

func enum(typ string, v int64) object.Enum { return object.Enum{Type: object.MustType(typ), Value: v} }

// property returns a property of a value that is no Object; name is in lower
// case.
func (e *Env) property(b any, name string) (v any, ok bool, err error) {
	switch x := b.(type) {
	case string:
		if name == "length" {
			return int32(object.Len(x)), true, nil
		}
	case *object.Array:
		switch name {
		case "length", "count":
			return int32(len(x.Items)), true, nil
		case "longlength":
			return int64(len(x.Items)), true, nil
		case "rank":
			return int32(max(1, len(x.Dims))), true, nil
		case "isfixedsize":
			return true, true, nil
		case "isreadonly", "issynchronized":
			return false, true, nil
		case "syncroot":
			return x, true, nil
		}
	case *object.List:
		switch name {
		case "count":
			return int32(len(x.Items)), true, nil
		case "capacity":
			return int32(cap(x.Items)), true, nil
		case "isfixedsize", "isreadonly":
			return false, true, nil
		}
	case *object.Dict:
		return dictProperty(x, name)
	case object.Entry:
		switch name {
		case "key", "name":
			return x.Key, true, nil
		case "value":
			return x.Value, true, nil
		}
	case datetime.DateTime:
		return e.dateProperty(x.Ticks, name, x)
	case datetime.Offset:
		switch name {
		case "offset":
			return datetime.Span(int64(x.Minutes) * datetime.TicksPerMinute), true, nil
		case "datetime":
			return datetime.DateTime{Ticks: x.Ticks}, true, nil
		case "utcdatetime":
			return datetime.DateTime{Ticks: x.UTCTicks(), Kind: datetime.UTC}, true, nil
		case "localdatetime":
			return datetime.DateTime{Ticks: x.UTCTicks(), Kind: datetime.Local}, true, nil
		case "utcticks":
			return x.UTCTicks(), true, nil
		case "kind":
			return nil, false, nil
		}
		return e.dateProperty(x.Ticks, name, datetime.DateTime{Ticks: x.Ticks})
	case datetime.Span:
		return spanProperty(x, name)
	case *object.Version:
		switch name {
		case "major":
			return int32(x.Major), true, nil
		case "minor":
			return int32(x.Minor), true, nil
		case "build":
			return int32(x.Build), true, nil
		case "revision":
			return int32(x.Revision), true, nil
		case "majorrevision", "minorrevision":
			return int16(x.Revision), true, nil
		}
	case *object.URI:
		return uriProperty(x, name)
	case *object.Type:
		return typeProperty(x, name)
	case object.Enum:
		if name == "value__" {
			return int32(x.Value), true, nil
		}
	case object.Switch:
		if name == "ispresent" {
			return bool(x), true, nil
		}
	case *object.Ref:
		if name == "value" {
			return x.Get(), true, nil
		}
	case *object.ScriptBlock:
		switch name {
		case "ast":
			return nil, true, nil
		case "file":
			return x.Body.Source.File, true, nil
		case "isfilter":
			return x.Body.Filter, true, nil
		case "startposition":
			return nil, true, nil
		}
	case *object.IPAddress:
		switch name {
		case "ipaddresstostring":
			return x.Text, true, nil
		case "addressfamily":
			if strings.Contains(x.Text, ":") {
				return "InterNetworkV6", true, nil
			}
			return "InterNetwork", true, nil
		}
	case *object.Match, *object.Group, *object.GroupList, *object.Regex:
		return regexProperty(b, name)
	}
	return nil, false, nil
}

// extended are the members that PowerShell adds to types.
func (e *Env) extended(target any, name string) (v any, ok bool, err error) {
	switch b := object.Base(target).(type) {
	case datetime.DateTime:
		if strings.EqualFold(name, "DateTime") {
			s, _ := b.Format("F", e.Culture)
			if hint := hintOf(target); hint == "Date" {
				s, _ = b.Format("D", e.Culture)
			} else if hint == "Time" {
				s, _ = b.Format("T", e.Culture)
			}
			return s, true, nil
		}
	}
	return nil, false, nil
}

func hintOf(v any) string {
	if o, ok := v.(*object.Object); ok {
		if h, ok := o.Value("DisplayHint"); ok {
			if en, ok := h.(object.Enum); ok {
				return en.String()
			}
		}
	}
	return ""
}

func dictProperty(d *object.Dict, name string) (any, bool, error) {
	switch name {
	case "count":
		return int32(d.Len()), true, nil
	case "keys", "values":
		return &keyList{Dict: d, Values: name == "values"}, true, nil
	case "isreadonly", "isfixedsize", "issynchronized":
		return false, true, nil
	case "syncroot":
		return d, true, nil
	case "comparer":
		return nil, true, nil
	}
	return nil, false, nil
}

func (e *Env) dateProperty(ticks int64, name string, t datetime.DateTime) (any, bool, error) {
	y, m, d, yday := datetime.Civil(ticks)
	h, mi, s, frac := datetime.Clock(ticks)
	switch name {
	case "year":
		return int32(y), true, nil
	case "month":
		return int32(m), true, nil
	case "day":
		return int32(d), true, nil
	case "dayofyear":
		return int32(yday), true, nil
	case "dayofweek":
		return enum("System.DayOfWeek", int64(datetime.Weekday(ticks))), true, nil
	case "hour":
		return int32(h), true, nil
	case "minute":
		return int32(mi), true, nil
	case "second":
		return int32(s), true, nil
	case "millisecond":
		return int32(frac / datetime.TicksPerMillisecond), true, nil
	case "microsecond":
		return int32(frac / 10 % 1000), true, nil
	case "nanosecond":
		return int32(frac % 10 * 100), true, nil
	case "ticks":
		return ticks, true, nil
	case "date":
		return datetime.DateTime{Ticks: ticks - ticks%datetime.TicksPerDay, Kind: t.Kind}, true, nil
	case "timeofday":
		return datetime.Span(ticks % datetime.TicksPerDay), true, nil
	case "kind":
		return enum("System.DateTimeKind", int64(t.Kind)), true, nil
	}
	return nil, false, nil
}

func spanProperty(s datetime.Span, name string) (any, bool, error) {
	d, h, m, sec, frac := s.Parts()
	switch name {
	case "days":
		return int32(d), true, nil
	case "hours":
		return int32(h), true, nil
	case "minutes":
		return int32(m), true, nil
	case "seconds":
		return int32(sec), true, nil
	case "milliseconds":
		return int32(frac / datetime.TicksPerMillisecond), true, nil
	case "microseconds":
		return int32(frac / 10 % 1000), true, nil
	case "nanoseconds":
		return int32(frac % 10 * 100), true, nil
	case "ticks":
		return int64(s), true, nil
	case "totaldays":
		return float64(s) / datetime.TicksPerDay, true, nil
	case "totalhours":
		return float64(s) / datetime.TicksPerHour, true, nil
	case "totalminutes":
		return float64(s) / datetime.TicksPerMinute, true, nil
	case "totalseconds":
		return float64(s) / datetime.TicksPerSecond, true, nil
	case "totalmilliseconds":
		return float64(s) / datetime.TicksPerMillisecond, true, nil
	case "totalmicroseconds":
		return float64(s) / 10, true, nil
	case "totalnanoseconds":
		return float64(s) * 100, true, nil
	}
	return nil, false, nil
}

func typeProperty(t *object.Type, name string) (any, bool, error) {
	switch name {
	case "name":
		return t.Short(), true, nil
	case "fullname":
		return t.FullName(), true, nil
	case "namespace":
		return t.Namespace(), true, nil
	case "basetype":
		if t.Base == nil {
			return nil, true, nil
		}
		return t.Base, true, nil
	case "isenum":
		return t.IsEnum, true, nil
	case "isarray":
		return t.Elem != nil, true, nil
	case "isvaluetype":
		return t.IsValue(), true, nil
	case "isclass":
		return !t.IsValue() && !t.IsInterface(), true, nil
	case "isprimitive":
		return t.IsNumeric() && t != object.DecimalType && t != object.BigIntType || t == object.BoolType || t == object.CharType, true, nil
	case "isgenerictype":
		return len(t.Args) > 0, true, nil
	case "isinterface":
		return t.IsInterface(), true, nil
	case "ispublic", "isserializable":
		return true, true, nil
	case "generictypearguments":
		a := &object.Array{Elem: object.TypeType}
		for _, x := range t.Args {
			a.Items = append(a.Items, x)
		}
		return a, true, nil
	case "assemblyqualifiedname":
		return t.FullName() + ", System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e", true, nil
	case "underlyingsystemtype":
		return t, true, nil
	}
	return nil, false, nil
}

// staticProperty returns a static property or field; name is in lower case.
func (e *Env) staticProperty(t *object.Type, name string) (v any, ok bool, err error) {
	if v, ok := numberLimit(t, name); ok {
		return v, true, nil
	}
	switch t.Name {
	case "System.String":
		if name == "empty" {
			return "", true, nil
		}
	case "System.Guid":
		if name == "empty" {
			return object.Guid{}, true, nil
		}
	case "System.Boolean":
		switch name {
		case "truestring":
			return "True", true, nil
		case "falsestring":
			return "False", true, nil
		}
	case "System.DateTime":
		now := e.Now()
		switch name {
		case "now":
			return datetime.DateTime{Ticks: now, Kind: datetime.Local}, true, nil
		case "utcnow":
			return datetime.DateTime{Ticks: now, Kind: datetime.UTC}, true, nil
		case "today":
			return datetime.DateTime{Ticks: now - now%datetime.TicksPerDay, Kind: datetime.Local}, true, nil
		case "minvalue":
			return datetime.DateTime{}, true, nil
		case "maxvalue":
			return datetime.DateTime{Ticks: datetime.MaxTicks}, true, nil
		case "unixepoch":
			return datetime.DateTime{Ticks: datetime.UnixEpoch, Kind: datetime.UTC}, true, nil
		}
	case "System.DateTimeOffset":
		switch name {
		case "now", "utcnow":
			return datetime.Offset{Ticks: e.Now()}, true, nil
		case "minvalue":
			return datetime.Offset{}, true, nil
		case "maxvalue":
			return datetime.Offset{Ticks: datetime.MaxTicks}, true, nil
		case "unixepoch":
			return datetime.Offset{Ticks: datetime.UnixEpoch}, true, nil
		}
	case "System.TimeSpan":
		switch name {
		case "zero":
			return datetime.Span(0), true, nil
		case "minvalue":
			return datetime.Span(-1 << 63), true, nil
		case "maxvalue":
			return datetime.Span(1<<63 - 1), true, nil
		case "tickspersecond":
			return int64(datetime.TicksPerSecond), true, nil
		case "ticksperminute":
			return int64(datetime.TicksPerMinute), true, nil
		case "ticksperhour":
			return int64(datetime.TicksPerHour), true, nil
		case "ticksperday":
			return int64(datetime.TicksPerDay), true, nil
		case "tickspermillisecond":
			return int64(datetime.TicksPerMillisecond), true, nil
		}
	case "System.Text.Encoding":
		if enc, ok := encodings[name]; ok {
			return &Encoding{enc}, true, nil
		}
	case "System.Environment":
		return e.environment(name)
	case "System.IO.Path":
		switch name {
		case "directoryseparatorchar":
			return object.Char('/'), true, nil
		case "altdirectoryseparatorchar":
			return object.Char('/'), true, nil
		case "pathseparator":
			return object.Char(':'), true, nil
		}
	case "System.Net.IPAddress":
		switch name {
		case "loopback":
			return &object.IPAddress{Text: "127.0.0.1"}, true, nil
		case "any":
			return &object.IPAddress{Text: "0.0.0.0"}, true, nil
		}
	case "System.Net.ServicePointManager":
		if name == "securityprotocol" {
			return enum("System.Net.SecurityProtocolType", 0), true, nil
		}
	case "System.Globalization.CultureInfo":
		switch name {
		case "currentculture", "currentuiculture":
			return e.cultureInfo("en-US"), true, nil
		case "invariantculture":
			return e.cultureInfo(""), true, nil
		}
	case "System.Management.Automation.Language.NullString":
		if name == "value" {
			return nil, true, nil
		}
	}
	return nil, false, nil
}

func (e *Env) environment(name string) (any, bool, error) {
	get := func(names ...string) any {
		for _, n := range names {
			if e.Getenv != nil {
				if v, ok := e.Getenv(n); ok {
					return v
				}
			}
		}
		return ""
	}
	switch name {
	case "newline":
		return "\n", true, nil
	case "machinename":
		return get("COMPUTERNAME", "HOSTNAME"), true, nil
	case "username":
		return get("USERNAME", "USER"), true, nil
	case "userdomainname":
		return get("USERDOMAIN", "HOSTNAME"), true, nil
	case "processorcount":
		return int32(2), true, nil
	case "is64bitoperatingsystem", "is64bitprocess":
		return true, true, nil
	case "tickcount":
		return int32(e.Now() / datetime.TicksPerMillisecond & 0x7fffffff), true, nil
	case "exitcode":
		return int32(0), true, nil
	}
	return nil, false, nil
}

func (e *Env) cultureInfo(name string) any {
	o := &object.Object{Type: object.MustType("System.Globalization.CultureInfo")}
	display := "English (United States)"
	if name == "" {
		display = "Invariant Language (Invariant Country)"
	}
	o.SetProperty("LCID", int32(map[string]int{"en-US": 1033, "": 127}[name]))
	o.SetProperty("Name", name)
	o.SetProperty("DisplayName", display)
	o.SetProperty("EnglishName", display)
	o.SetProperty("TwoLetterISOLanguageName", map[string]string{"en-US": "en", "": "iv"}[name])
	o.SetText(name)
	return o
}
