package sim

import (
	"bytes"
	"encoding/base64"
	"net"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"skylab/sim/exchange"
	"skylab/sim/ojson"
	"skylab/sim/view"
)

// maxLogged is how much of a command's output the log keeps, in bytes.
const maxLogged = 4 << 10

// maxFile is the size of the largest file that conditions see, in bytes.
const maxFile = 64 << 10

// View is the lab as lessons' conditions see it.
func (l *Lab) View() view.View {
	v := view.View{Now: l.clock.Now().Unix(), Scenario: l.scenario.Name, Exchanges: []view.Exchange{}, Machines: map[string]view.Machine{}, Commands: append([]view.Command{}, l.log.list...)}
	// An exchange never changes once recorded, so each is decoded once.
	known, record := l.decoded, l.ring.Record().Exchanges
	l.decoded = make(map[*exchange.Recorded]view.Exchange, len(record))
	for _, e := range record {
		x, ok := known[e]
		if !ok {
			x = viewExchange(e.Exchange)
		}
		l.decoded[e] = x
		v.Exchanges = append(v.Exchanges, x)
	}
	l.cloud.FillView(&v)
	for _, name := range l.MachineNames() {
		m := view.Machine{OS: l.machines[name].OS, Power: map[bool]string{true: "running", false: "deleted"}[l.up(name)], Files: l.homeFiles(name), Consoles: []view.Console{}}
		for _, c := range l.consoles {
			if s := c.Session(); c.Machine() == name {
				m.Consoles = append(m.Consoles, view.Console{ID: c.ID(), Home: c.Home(), Shell: c.Shell(), User: s.User(), Dir: s.Dir(), Vars: s.Vars()})
			}
		}
		v.Machines[name] = m
	}
	for _, vm := range l.cloud.VMs().All() {
		m, ok := v.Machines[vm.Compute.Name]
		if !ok {
			m = view.Machine{OS: vm.Compute.OSType, Files: map[string]string{}, Consoles: []view.Console{}}
		}
		m.ResourceID, m.Power = strings.ToLower(vm.ID), vm.Power
		v.Machines[vm.Compute.Name] = m
	}
	return v
}

// homeFiles are the text files in the home directories of a machine's users, by
// path: those of up to maxFile bytes.
func (l *Lab) homeFiles(name string) map[string]string {
	out := map[string]string{}
	m := l.machines[name]
	for _, u := range m.Users {
		files := m.Files(u)
		var walk func(dir string)
		walk = func(dir string) {
			infos, err := files.ReadDir(dir)
			if err != nil {
				return // it has no home, or may not look into its folder
			}
			for _, i := range infos {
				p := path.Join(dir, i.Name())
				if i.IsDir() {
					walk(p)
					continue
				}
				if !i.Mode().IsRegular() || i.Size() > maxFile {
					continue
				}
				if data, err := files.ReadFile(p); err == nil && utf8.Valid(data) && !bytes.ContainsRune(data, 0) {
					out[p] = string(data)
				}
			}
		}
		walk(u.Home)
	}
	return out
}

func viewExchange(e exchange.Exchange) view.Exchange {
	x := view.Exchange{ID: e.ID, Parent: e.Parent, At: e.Start.Unix(), Machine: e.Caller.Machine, Service: e.Service, Protocol: e.Protocol, Method: e.Request.Method,
		URL: e.Request.URL, Query: map[string]string{}, Headers: fieldMap(e.Request.Fields), Body: decoded(e.Request.Body), Failure: e.Failure, Notes: []view.Note{}}
	if u, err := url.Parse(e.Request.URL); err == nil {
		x.Host, x.Path = strings.ToLower(u.Hostname()), u.Path
		for k, values := range u.Query() {
			x.Query[k] = values[0]
		}
	}
	if host, _, err := net.SplitHostPort(e.Request.URL); err == nil && e.Request.Method == "CONNECT" {
		x.Host, x.Path, x.Query = strings.ToLower(host), "", map[string]string{}
	}
	if scheme, token, ok := strings.Cut(x.Headers["authorization"], " "); ok && strings.EqualFold(scheme, "Bearer") {
		x.Bearer = strings.TrimSpace(token)
		x.Token = decodeToken(x.Bearer)
	}
	if r := e.Response; r != nil {
		x.Status, x.Response, x.ResponseHeaders = r.Status, decoded(r.Body), fieldMap(r.Fields)
		if o, ok := x.Response.(*ojson.Object); ok {
			x.Issued = decodeToken(o.Str("access_token"))
		}
	}
	for _, n := range e.Notes {
		x.Notes = append(x.Notes, view.Note{Kind: n.Kind, Text: n.Text, Data: n.Data})
	}
	return x
}

func fieldMap(f exchange.Fields) map[string]string {
	m := map[string]string{}
	for _, h := range f {
		if name := strings.ToLower(h.Name); m[name] == "" {
			m[name] = h.Value
		}
	}
	return m
}

// decoded is a body as JSON if it is that, otherwise as text.
func decoded(b exchange.Body) any {
	if len(b) == 0 {
		return nil
	}
	if v, err := ojson.Decode(b); err == nil {
		return v
	}
	if !utf8.Valid(b) {
		return base64.StdEncoding.EncodeToString(b)
	}
	return string(b)
}

func decodeToken(raw string) *view.Token {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil
	}
	var out [2]*ojson.Object
	for i := range out {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil
		}
		v, err := ojson.Decode(b)
		if err != nil {
			return nil
		}
		o, ok := v.(*ojson.Object)
		if !ok {
			return nil
		}
		out[i] = o
	}
	return &view.Token{Header: out[0], Claims: out[1]}
}
