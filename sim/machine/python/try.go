package python

func (in *interp) raise(n *node, s *scope) error {
	if n.a == nil {
		if in.handled == nil {
			return raisef(runtimeError, "No active exception to reraise")
		}
		in.handled.placed = true
		return in.handled
	}
	v, err := in.eval(n.a, s)
	if err != nil {
		return err
	}
	if c, ok := v.(*class); ok && c.isA(baseException) {
		if v, err = in.call(c, &args{}); err != nil {
			return err
		}
	}
	e, ok := v.(*exception)
	if !ok {
		return raisef(typeError, "exceptions must derive from BaseException")
	}
	if n.b != nil {
		from, err := in.eval(n.b, s)
		if err != nil {
			return err
		}
		e.hidden = true
		e.cause, _ = from.(*exception)
	}
	e.placed = false
	return e
}

func (in *interp) tryNode(n *node, s *scope) (err error) {
	if len(n.final) > 0 {
		defer func() {
			if last := in.block(n.final, s); last != nil {
				err = last
			}
		}()
	}
	err = in.block(n.body, s)
	e, ok := err.(*exception)
	if err == nil {
		return in.block(n.orelse, s)
	}
	if !ok {
		return err
	}
	outer := in.handled
	in.handled = e
	defer func() { in.handled = outer }()
	for _, h := range n.list {
		if h.a != nil {
			v, err := in.eval(h.a, s)
			if err != nil {
				return err
			}
			match := false
			list, many := v.(tuple)
			if !many {
				list = tuple{v}
			}
			for _, c := range list {
				x, ok := c.(*class)
				if !ok || !x.isA(baseException) {
					return raisef(typeError, "catching classes that do not inherit from BaseException is not allowed")
				}
				match = match || e.class.isA(x)
			}
			if !match {
				continue
			}
		}
		if h.name != "" {
			in.bindName(h.name, e, s)
			defer delete(s.vars, h.name)
		}
		return in.block(h.body, s)
	}
	return err
}

func (in *interp) withNode(n *node, s *scope) error {
	var files []*file
	for _, item := range n.list {
		v, err := in.eval(item.a, s)
		if err != nil {
			return err
		}
		f, ok := v.(*file)
		if !ok {
			return raisef(typeError, "'%s' object does not support the context manager protocol", typeName(v))
		}
		files = append(files, f)
		if item.b != nil {
			if err := in.assign(item.b, v, s); err != nil {
				return err
			}
		}
	}
	err := in.block(n.body, s)
	for _, f := range files {
		f.closed = true
	}
	return err
}

// assigned collects the names that a function's body makes its own.
func assigned(body []*node, into map[string]bool) {
	globals := map[string]bool{}
	var target func(t *node)
	target = func(t *node) {
		switch t.op {
		case "name":
			into[t.name] = true
		case "tuple", "list":
			for _, x := range t.list {
				target(x)
			}
		case "star":
			target(t.a)
		}
	}
	var walk func(body []*node)
	walk = func(body []*node) {
		for _, n := range body {
			switch n.op {
			case "assign":
				for _, t := range n.list {
					target(t)
				}
			case "augmented", "for":
				target(n.a)
			case "def":
				into[n.name] = true
				continue
			case "global":
				for _, x := range n.list {
					globals[x.name] = true
				}
			case "try":
				for _, h := range n.list {
					walk(h.body)
				}
			case "with":
				for _, i := range n.list {
					if i.b != nil {
						target(i.b)
					}
				}
			}
			walk(n.body)
			walk(n.orelse)
			walk(n.final)
		}
	}
	walk(body)
	for g := range globals {
		delete(into, g)
	}
}
