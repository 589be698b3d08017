package jmespath

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// function is a built-in function: what it takes, argument by argument ("any",
// or types as messages name them, "array-number" with the type of elements), and
// what it does.
type function struct {
	args     []string // types separated by spaces; "" takes anything
	variadic bool     // the last may be repeated
	do       func(args []any) (any, error)
}

// pythonTypes are the Python types of each type, and typeOf the other way.
var (
	pythonTypes = map[string][]string{"boolean": {"bool"}, "array": {"list"}, "object": {"dict"}, "null": {"NoneType"}, "string": {"str"}, "number": {"float", "int"}, "expref": {"_Expression"}}
	typeOf      = map[string]string{"bool": "boolean", "list": "array", "dict": "object", "NoneType": "null", "str": "string", "float": "number", "int": "number", "_Expression": "expref"}
)

var functions map[string]function

func init() { // a variable's initial value could not refer to eval
	functions = map[string]function{
		"abs":         {args: []string{"number"}, do: func(a []any) (any, error) { return unary(a[0], (*big.Int).Abs, math.Abs), nil }},
		"avg":         {args: []string{"array-number"}, do: avg},
		"ceil":        {args: []string{"number"}, do: func(a []any) (any, error) { return rounded(a[0], math.Ceil), nil }},
		"contains":    {args: []string{"array string", ""}, do: contains},
		"ends_with":   {args: []string{"string", "string"}, do: func(a []any) (any, error) { return strings.HasSuffix(a[0].(string), a[1].(string)), nil }},
		"floor":       {args: []string{"number"}, do: func(a []any) (any, error) { return rounded(a[0], math.Floor), nil }},
		"join":        {args: []string{"string", "array-string"}, do: join},
		"keys":        {args: []string{"object"}, do: keys},
		"length":      {args: []string{"string array object"}, do: length},
		"map":         {args: []string{"expref", "array"}, do: apply},
		"max":         {args: []string{"array-number array-string"}, do: func(a []any) (any, error) { return extreme(a[0], 1), nil }},
		"max_by":      {args: []string{"array", "expref"}, do: func(a []any) (any, error) { return extremeBy("max_by", a, 1) }},
		"merge":       {args: []string{"object"}, variadic: true, do: merge},
		"min":         {args: []string{"array-number array-string"}, do: func(a []any) (any, error) { return extreme(a[0], -1), nil }},
		"min_by":      {args: []string{"array", "expref"}, do: func(a []any) (any, error) { return extremeBy("min_by", a, -1) }},
		"not_null":    {args: []string{""}, variadic: true, do: notNull},
		"reverse":     {args: []string{"array string"}, do: reverse},
		"sort":        {args: []string{"array-string array-number"}, do: func(a []any) (any, error) { return sorted(a[0].([]any)), nil }},
		"sort_by":     {args: []string{"array", "expref"}, do: sortBy},
		"starts_with": {args: []string{"string", "string"}, do: func(a []any) (any, error) { return strings.HasPrefix(a[0].(string), a[1].(string)), nil }},
		"sum":         {args: []string{"array-number"}, do: func(a []any) (any, error) { return sum(a[0].([]any)).value(), nil }},
		"to_array":    {args: []string{""}, do: toArray},
		"to_number":   {args: []string{""}, do: func(a []any) (any, error) { return parseNumber(a[0]), nil }},
		"to_string":   {args: []string{""}, do: toString},
		"type":        {args: []string{""}, do: func(a []any) (any, error) { return typeNameOf(a[0]), nil }},
		"values":      {args: []string{"object"}, do: values},
	}
}

func call(name string, args []any) (any, error) {
	f, ok := functions[name]
	if !ok {
		return nil, &Error{"Unknown function: " + name + "()"}
	}
	least := ""
	if f.variadic {
		least = "at least "
	}
	if len(args) < len(f.args) || !f.variadic && len(args) > len(f.args) {
		plural := "s"
		if len(f.args) == 1 {
			plural = ""
		}
		return nil, &Error{fmt.Sprintf("Expected %s%d argument%s for function %s(), received %d", least, len(f.args), plural, name, len(args))}
	}
	for i, types := range f.args {
		if types == "" {
			continue
		}
		if err := check(name, args[i], strings.Fields(types)); err != nil {
			return nil, err
		}
	}
	if name == "merge" { // Python's function leaves what follows unchecked until it fails
		for _, a := range args[1:] {
			if _, ok := a.(*ojson.Object); !ok {
				return nil, &TypeError{fmt.Sprintf("TypeError: '%s' object is not iterable", typeName(a))}
			}
		}
	}
	return f.do(args)
}

// check is the type check of one argument.
func check(name string, v any, types []string) error {
	var allowed []string
	var inner [][]string
	for _, t := range types {
		outer, element, ok := strings.Cut(t, "-")
		if ok {
			inner = append(inner, pythonTypes[element])
		}
		allowed = append(allowed, pythonTypes[outer]...)
	}
	if !slices.Contains(allowed, typeName(v)) {
		return wrongType(name, v, typeOf[typeName(v)], types)
	}
	list, _ := v.([]any)
	if len(inner) == 0 || len(list) == 0 {
		return nil
	}
	elements := inner[0]
	if len(inner) > 1 {
		i := slices.IndexFunc(inner, func(e []string) bool { return slices.Contains(e, typeName(list[0])) })
		if i < 0 {
			return wrongType(name, list[0], typeName(list[0]), types)
		}
		elements = inner[i]
	}
	for _, e := range list {
		if !slices.Contains(elements, typeName(e)) {
			return wrongType(name, e, typeName(e), types)
		}
	}
	return nil
}

func wrongType(name string, v any, got string, types []string) error {
	list := make([]any, len(types))
	for i, t := range types {
		list[i] = t
	}
	return &Error{fmt.Sprintf("In function %s(), invalid type for value: %s, expected one of: %s, received: \"%s\"", name, Str(v), Repr(list), got)}
}

func unary(v any, ofInt func(z, x *big.Int) *big.Int, ofFloat func(float64) float64) any {
	n := toNumber(v)
	if n.i != nil {
		return number{i: ofInt(new(big.Int), n.i)}.value()
	}
	return number{f: ofFloat(n.f)}.value()
}

func rounded(v any, f func(float64) float64) any {
	n := toNumber(v)
	if n.i == nil {
		n.i, _ = big.NewFloat(f(n.f)).Int(nil)
	}
	return n.value()
}

func sum(list []any) number {
	total := number{i: new(big.Int)}
	for _, e := range list {
		n := toNumber(e)
		if total.i != nil && n.i != nil {
			total.i = new(big.Int).Add(total.i, n.i)
		} else {
			total = number{f: total.float() + n.float()}
		}
	}
	return total
}

func avg(a []any) (any, error) {
	list := a[0].([]any)
	if len(list) == 0 {
		return nil, nil
	}
	return number{f: sum(list).float() / float64(len(list))}.value(), nil
}

func contains(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		part, ok := a[1].(string)
		if !ok {
			return nil, &TypeError{fmt.Sprintf("TypeError: 'in <string>' requires string as left operand, not %s", typeName(a[1]))}
		}
		return strings.Contains(s, part), nil
	}
	return slices.ContainsFunc(a[0].([]any), func(e any) bool { return Equal(e, a[1]) }), nil
}

func join(a []any) (any, error) {
	var parts []string
	for _, e := range a[1].([]any) {
		parts = append(parts, e.(string))
	}
	return strings.Join(parts, a[0].(string)), nil
}

func keys(a []any) (any, error) {
	out := []any{}
	for _, k := range a[0].(*ojson.Object).Keys() {
		out = append(out, k)
	}
	return out, nil
}

func values(a []any) (any, error) {
	out := []any{}
	for _, m := range a[0].(*ojson.Object).Members() {
		out = append(out, m.Value)
	}
	return out, nil
}

func length(a []any) (any, error) {
	n := 0
	switch v := a[0].(type) {
	case string:
		n = len([]rune(v))
	case []any:
		n = len(v)
	case *ojson.Object:
		n = v.Len()
	}
	return number{i: big.NewInt(int64(n))}.value(), nil
}

func apply(a []any) (any, error) {
	out := []any{}
	for _, e := range a[1].([]any) {
		r, err := eval(a[0].(expref).n, e)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// extreme is the least (sign -1) or greatest (1) of numbers or strings, the
// first of equals.
func extreme(v any, sign int) any {
	list := v.([]any)
	if len(list) == 0 {
		return nil
	}
	best := list[0]
	for _, e := range list[1:] {
		if compare(e, best)*sign > 0 {
			best = e
		}
	}
	return best
}

// sortKeys evaluates an expression for each element; each must be of the types.
func sortKeys(name string, a []any, types []string) ([]any, error) {
	var out []any
	for _, e := range a[0].([]any) {
		k, err := eval(a[1].(expref).n, e)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(types, typeOf[typeName(k)]) {
			return nil, wrongType(name, k, typeOf[typeName(k)], types)
		}
		out = append(out, k)
	}
	return out, nil
}

// mixed is Python's refusal to order a number and a string.
func mixed(keys []any, sign string) error {
	for _, k := range keys {
		if (typeName(k) == "str") != (typeName(keys[0]) == "str") {
			return &TypeError{fmt.Sprintf("TypeError: '%s' not supported between instances of '%s' and '%s'", sign, typeName(k), typeName(keys[0]))}
		}
	}
	return nil
}

func extremeBy(name string, a []any, sign int) (any, error) {
	keys, err := sortKeys(name, a, []string{"number", "string"})
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	if err := mixed(keys, map[int]string{1: ">", -1: "<"}[sign]); err != nil {
		return nil, err
	}
	best := 0
	for i := range keys {
		if compare(keys[i], keys[best])*sign > 0 {
			best = i
		}
	}
	return a[0].([]any)[best], nil
}

func sortBy(a []any) (any, error) {
	list := a[0].([]any)
	if len(list) == 0 {
		return list, nil
	}
	first, err := eval(a[1].(expref).n, list[0])
	if err != nil {
		return nil, err
	}
	want := typeOf[typeName(first)]
	if want != "number" && want != "string" {
		return nil, wrongType("sort_by", list[0], want, []string{"string", "number"})
	}
	keys, err := sortKeys("sort_by", a, []string{want})
	if err != nil {
		return nil, err
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return compare(keys[x], keys[y]) })
	out := make([]any, len(list))
	for i, from := range order {
		out[i] = list[from]
	}
	return out, nil
}

func sorted(list []any) any {
	out := append([]any{}, list...)
	slices.SortStableFunc(out, compare)
	return out
}

func merge(a []any) (any, error) {
	out := ojson.New()
	for _, o := range a {
		for _, m := range o.(*ojson.Object).Members() {
			out.Set(m.Key, m.Value)
		}
	}
	return out, nil
}

func notNull(a []any) (any, error) {
	for _, v := range a {
		if v != nil {
			return v, nil
		}
	}
	return nil, nil
}

func reverse(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		r := []rune(s)
		slices.Reverse(r)
		return string(r), nil
	}
	out := append([]any{}, a[0].([]any)...)
	slices.Reverse(out)
	return out, nil
}

func toArray(a []any) (any, error) {
	if list, ok := a[0].([]any); ok {
		return list, nil
	}
	return []any{a[0]}, nil
}

func toString(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		return s, nil
	}
	return compact(a[0]), nil
}

func parseNumber(v any) any {
	switch typeName(v) {
	case "int", "float":
		return v
	case "str":
	default:
		return nil
	}
	text := strings.TrimSpace(v.(string))
	digits := strings.ReplaceAll(text, "_", "")
	if i, ok := new(big.Int).SetString(digits, 10); ok && !strings.HasPrefix(text, "_") && !strings.HasSuffix(text, "_") {
		return number{i: i}.value()
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(text, "xXpP_") {
		return number{f: f}.value()
	}
	return nil
}

func typeNameOf(v any) any {
	if t := typeOf[typeName(v)]; t != "expref" {
		return t
	}
	return nil
}
