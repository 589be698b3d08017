// Package exchange is the record of what went over a lab's network: each
// request with its answer, its times, who called, and the notes in which the
// server explains itself. It is data alone, light enough for the page to link;
// it must not know how exchanges come about (sim/network) nor who reads them.
package exchange

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Field is one header field as it stood on the wire: spelling kept, one value.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Fields is a list of header fields in wire order.
type Fields []Field

// Get returns the first value of a name, compared without regard to case.
func (f Fields) Get(name string) string {
	for _, h := range f {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Body is the bytes of a message. In JSON it is a string where it is valid
// UTF-8, and {"base64":"…"} otherwise.
type Body []byte

// MarshalJSON implements json.Marshaler.
func (b Body) MarshalJSON() ([]byte, error) {
	if utf8.Valid(b) {
		return json.Marshal(string(b))
	}
	return json.Marshal(map[string][]byte{"base64": b})
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Body) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*b = Body(s)
		return nil
	}
	var m struct {
		Base64 []byte `json:"base64"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	*b = m.Base64
	return nil
}

// Caller is the card that a request came from.
type Caller struct {
	Machine  string `json:"machine"`            // the machine's name in the lab: myVM, laptop, portal
	Address  string `json:"address"`            // its address, as servers see it
	Resource string `json:"resource,omitempty"` // the ARM id of the VM that owns the card
}

// Request is what the caller sent.
type Request struct {
	Method string `json:"method"`
	URL    string `json:"url"` // as the caller wrote it, with scheme and host
	Fields Fields `json:"fields,omitempty"`
	Body   Body   `json:"body,omitempty"`
}

// Response is what the server answered.
type Response struct {
	Status int    `json:"status"`
	Reason string `json:"reason"` // the reason phrase: "Bad Request"
	Fields Fields `json:"fields,omitempty"`
	Body   Body   `json:"body,omitempty"`
}

// Note is one thing a server says about how it decided. Kind is a stable name
// that lessons test ("imds.identity", "arm.access"); Text is for people; Data
// holds the same as values.
type Note struct {
	Kind string         `json:"kind"`
	Text string         `json:"text"`
	Data map[string]any `json:"data,omitempty"`
}

// Exchange is one request and what became of it. Exactly one of Response and
// Failure is set, save for a connection to a port that is not HTTP, which has
// neither when it was accepted.
type Exchange struct {
	ID       int           `json:"id"`               // counts from 1 in a lab
	Parent   int           `json:"parent,omitempty"` // the exchange on whose behalf a server made this one
	Start    time.Time     `json:"start"`            // on the lab's clock
	Duration time.Duration `json:"duration"`         // nanoseconds on the lab's clock
	Caller   Caller        `json:"caller"`
	Service  string        `json:"service"`           // the server's name for people: "Resource Manager"
	Address  string        `json:"address,omitempty"` // host:port that was reached
	Protocol string        `json:"protocol"`          // "http", "https", or that of a port: "ssh", "tds"
	Request  Request       `json:"request"`
	Response *Response     `json:"response,omitempty"`
	Failure  string        `json:"failure,omitempty"` // why nothing was answered: a sentence
	Notes    []Note        `json:"notes,omitempty"`
}
