package graph

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// mostSteps is how many requests a batch takes.
const mostSteps = 20

// recorder keeps the answer to a request of a batch.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// batch answers POST /$batch: several requests in the name of one caller. One
// whose predecessor failed is not carried out.
func (c *call) batch() (answer, error) {
	if err := c.method(http.MethodPost); err != nil {
		return answer{}, err
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	steps, _ := body.At("requests").([]any)
	switch {
	case len(steps) == 0:
		return answer{}, badRequest("Invalid batch payload format.")
	case len(steps) > mostSteps:
		return answer{}, badRequest("Number of batch request steps exceeds the maximum value of %d.", mostSteps)
	}
	done := map[string]int{} // statuses by id
	responses := []any{}
	for _, v := range steps {
		step, _ := v.(*ojson.Object)
		id := step.Str("id")
		if _, twice := done[id]; id == "" || twice || step.Str("method") == "" || !strings.HasPrefix(step.Str("url"), "/") {
			return answer{}, badRequest("Invalid batch payload format.")
		}
		before := list(step.At("dependsOn"))
		if slices.ContainsFunc(before, func(s string) bool { return done[s] == 0 }) {
			return answer{}, badRequest("Invalid batch payload format.")
		}
		if slices.ContainsFunc(before, func(s string) bool { return done[s] >= http.StatusBadRequest }) {
			done[id] = http.StatusFailedDependency
			responses = append(responses, ojson.Obj("id", id, "status", done[id], "body", ojson.Obj("error", ojson.Obj("code", "FailedDependency", "message", "Failed Dependency"))))
			continue
		}
		response, err := c.step(step)
		if err != nil {
			return answer{}, err
		}
		status, _ := response.Get("status")
		done[id], _ = status.(int)
		responses = append(responses, response)
	}
	return answer{body: ojson.Obj("responses", responses)}, nil
}

// step carries out one request of a batch.
func (c *call) step(step *ojson.Object) (*ojson.Object, error) {
	u, err := url.Parse(strings.TrimSuffix(base, "/") + step.Str("url"))
	if err != nil || u.Host != hostName || strings.HasSuffix(strings.ToLower(u.Path), "/$batch") {
		return nil, badRequest("Invalid batch payload format.")
	}
	r := c.r.Clone(c.r.Context())
	r.Method, r.URL, r.Header = strings.ToUpper(step.Str("method")), u, http.Header{"Authorization": c.r.Header["Authorization"]}
	for _, m := range step.Obj("headers").Members() {
		if s, ok := m.Value.(string); ok && !strings.EqualFold(m.Key, "Authorization") {
			r.Header.Set(m.Key, s)
		}
	}
	r.Body = http.NoBody
	if v, ok := step.Get("body"); ok {
		data, err := ojson.Marshal(v)
		if err != nil {
			return nil, badRequest("Invalid batch payload format.")
		}
		r.Body = io.NopCloser(bytes.NewReader(data))
	}
	w := &recorder{header: http.Header{}}
	c.ServeHTTP(w, r)
	headers := ojson.New()
	for _, name := range []string{"Location", "Cache-Control", "x-ms-resource-unit", "OData-Version", "Content-Type"} {
		if s := w.header.Get(name); s != "" {
			headers.Set(name, s)
		}
	}
	var shown any
	if w.body.Len() > 0 {
		if shown, err = ojson.Decode(w.body.Bytes()); err != nil { // text/plain
			shown = json.Number(w.body.String())
		}
	}
	return ojson.Obj("id", step.Str("id"), "status", w.status, "headers", headers, "body", shown), nil
}
