package template

import (
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// lambda is a function that another one calls: lambda('x', …, expression).
type lambda struct {
	in    *scope
	names []string
	body  Expr
}

// call evaluates the lambda; arguments for which it has no names are left out.
func (l *lambda) call(args ...any) (any, error) {
	in := *l.in
	in.locals = cloneLocals(in.locals)
	for i, name := range l.names {
		if i < len(args) {
			if err := bound(args[i]); err != nil {
				return nil, err
			}
			in.locals["l:"+strings.ToLower(name)] = args[i]
		}
	}
	return in.eval(l.body)
}

// lambda reads an argument as a lambda with between least and most names.
func (c *call) lambda(i, least, most int) (*lambda, error) {
	e, ok := c.exprs[i].(*Call)
	if !ok || !strings.EqualFold(e.Name, "lambda") || len(e.Args) < 2 {
		return nil, c.invalid("expects a lambda function.")
	}
	l := &lambda{in: c.scope, body: e.Args[len(e.Args)-1]}
	for _, a := range e.Args[:len(e.Args)-1] {
		v, err := c.eval(a)
		if err != nil {
			return nil, err
		}
		name, ok := v.(string)
		if !ok {
			return nil, c.invalid("expects the names of lambda variables to be strings.")
		}
		l.names = append(l.names, name)
	}
	if len(l.names) < least || len(l.names) > most {
		return nil, c.invalid("expects a lambda function with %d to %d variables while %d were provided.", least, most, len(l.names))
	}
	return l, nil
}

// each evaluates the array in front and calls visit with its elements and the
// lambda behind it.
func each(visit func(c *call, l *lambda, list []any) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		if _, err := c.arg(0); err != nil {
			return nil, err
		}
		list, err := c.array(0)
		if err != nil {
			return nil, err
		}
		l, err := c.lambda(1, 1, 2)
		if err != nil {
			return nil, err
		}
		return visit(c, l, list)
	}
}

func lambdaFunctions() []Function {
	return []Function{
		{Name: "lambda", Min: 2, Max: -1, Usage: "(name, ..., expression)", Doc: "a function for map, filter and their like", lazy: true, eval: func(c *call) (any, error) { return nil, notExpected("lambda") }},
		{Name: "lambdaVariables", Min: 1, Max: 1, Usage: "(name)", Doc: "a variable of the lambda around it", eval: text1nil(func(c *call, s string) (any, error) {
			v, ok := c.locals["l:"+strings.ToLower(s)]
			if !ok {
				return nil, c.invalid("knows no lambda variable '%s'.", s)
			}
			return v, nil
		})},
		{Name: "map", Min: 2, Max: 2, Usage: "(array, lambda)", Doc: "what a lambda makes of each element", lazy: true, eval: each(func(_ *call, l *lambda, list []any) (any, error) {
			out := make([]any, len(list))
			for i, v := range list {
				var err error
				if out[i], err = l.call(v, int64(i)); err != nil {
					return nil, err
				}
			}
			return out, nil
		})},
		{Name: "filter", Min: 2, Max: 2, Usage: "(array, lambda)", Doc: "the elements for which a lambda is true", lazy: true, eval: each(func(c *call, l *lambda, list []any) (any, error) {
			out := []any{}
			for i, v := range list {
				keep, err := l.call(v, int64(i))
				if err != nil {
					return nil, err
				}
				b, ok := keep.(bool)
				if !ok {
					return nil, c.invalid("expects its lambda function to return a boolean. The value is of type '%s'.", kindOf(keep))
				}
				if b {
					out = append(out, v)
				}
			}
			return out, nil
		})},
		{Name: "reduce", Min: 3, Max: 3, Usage: "(array, initialValue, lambda)", Doc: "one value of all elements", lazy: true, eval: func(c *call) (any, error) {
			for i := range 2 {
				if _, err := c.arg(i); err != nil {
					return nil, err
				}
			}
			list, err := c.array(0)
			if err != nil {
				return nil, err
			}
			l, err := c.lambda(2, 2, 3)
			v := c.args[1]
			for i, e := range list {
				if err != nil {
					break
				}
				v, err = l.call(v, e, int64(i))
			}
			return v, err
		}},
		{Name: "sort", Min: 2, Max: 2, Usage: "(array, lambda)", Doc: "the elements in order; the lambda tells whether one comes before another", lazy: true, eval: func(c *call) (any, error) {
			if _, err := c.arg(0); err != nil {
				return nil, err
			}
			list, err := c.array(0)
			if err != nil {
				return nil, err
			}
			l, err := c.lambda(1, 2, 2)
			if err != nil {
				return nil, err
			}
			before := func(a, b any) bool {
				v, e := l.call(a, b)
				if e != nil {
					err = e
				}
				yes, _ := v.(bool)
				return yes
			}
			out := slices.Clone(list)
			slices.SortStableFunc(out, func(a, b any) int {
				switch {
				case err != nil:
					return 0
				case before(a, b):
					if before(b, a) {
						return 0
					}
					return -1
				case before(b, a):
					return 1
				}
				return 0
			})
			return out, err
		}},
		{Name: "toObject", Min: 2, Max: 3, Usage: "(array, keyLambda, [valueLambda])", Doc: "an object of an array", lazy: true, eval: func(c *call) (any, error) {
			var values *lambda
			if len(c.exprs) == 3 {
				var err error
				if values, err = c.lambda(2, 1, 1); err != nil {
					return nil, err
				}
			}
			return grouped(c, func(o *ojson.Object, key string, v any) (err error) {
				if values != nil {
					v, err = values.call(v)
				}
				o.Set(key, v)
				return err
			})
		}},
		{Name: "groupBy", Min: 2, Max: 2, Usage: "(array, keyLambda)", Doc: "an object with the elements by a key", lazy: true, eval: func(c *call) (any, error) {
			return grouped(c, func(o *ojson.Object, key string, v any) error {
				was, _ := o.Get(key)
				list, _ := was.([]any)
				o.Set(key, append(slices.Clone(list), v))
				return nil
			})
		}},
		{Name: "mapValues", Min: 2, Max: 2, Usage: "(object, lambda)", Doc: "an object with what a lambda makes of each value", lazy: true, eval: func(c *call) (any, error) {
			if _, err := c.arg(0); err != nil {
				return nil, err
			}
			o, err := c.object(0)
			if err != nil {
				return nil, err
			}
			l, err := c.lambda(1, 1, 1)
			if err != nil {
				return nil, err
			}
			out := &ojson.Object{}
			for _, m := range o.Members() {
				v, err := l.call(m.Value)
				if err != nil {
					return nil, err
				}
				out.Set(m.Key, v)
			}
			return out, nil
		}},
	}
}

// grouped makes an object of an array, whose keys the lambda behind it gives.
func grouped(c *call, put func(o *ojson.Object, key string, v any) error) (any, error) {
	return each(func(c *call, l *lambda, list []any) (any, error) {
		out := &ojson.Object{}
		for _, v := range list {
			key, err := l.call(v)
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, c.invalid("expects its lambda function to return a string. The value is of type '%s'.", kindOf(key))
			}
			if err := put(out, name, v); err != nil {
				return nil, err
			}
		}
		return out, nil
	})(c)
}
