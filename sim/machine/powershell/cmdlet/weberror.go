package cmdlet

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/network"
)

const webErrorID = "WebCmdletWebResponseException"

// statusError is the error for an answer that says that the request failed.
func (w *webCall) statusError(a *webAnswer) error {
	if w.old {
		return w.webException("The remote server returned an error: "+w.statusLine(a)+".", a)
	}
	e := &object.Error{Type: object.MustType("Microsoft.PowerShell.Commands.HttpResponseException"), Message: "Response status code does not indicate success: " + w.statusLine(a) + ".", Details: w.errorText(a)}
	base := w.base(a)
	code, _ := base.Value("StatusCode")
	e.Fields = []object.Entry{{Key: "Response", Value: base}, {Key: "StatusCode", Value: code}}
	return w.ErrorRecord(e, webErrorID, "InvalidOperation", w.target)
}

// webException is .NET Framework's error of a request.
func (w *webCall) webException(message string, a *webAnswer) error {
	e := &object.Error{Type: object.MustType("System.Net.WebException"), Message: message}
	status := "ConnectFailure"
	if a != nil {
		status = "ProtocolError"
		e.Details = w.errorText(a)
		e.Fields = []object.Entry{{Key: "Response", Value: w.base(a)}}
	} else {
		e.Fields = []object.Entry{{Key: "Response", Value: nil}}
	}
	if v, ok := object.EnumOf(object.MustType("System.Net.WebExceptionStatus"), status); ok {
		e.Fields = append(e.Fields, object.Entry{Key: "Status", Value: v})
	}
	return w.ErrorRecord(e, webErrorID, "InvalidOperation", w.target)
}

// transportError is the error for a request that got no answer.
func (w *webCall) transportError(err error) error {
	var n *network.Error
	if !errors.As(err, &n) {
		n = &network.Error{Kind: network.Reset, Host: w.url.Hostname(), Port: w.url.Port()}
	}
	port := w.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[w.url.Scheme]
	}
	if w.old {
		text := map[network.Kind]string{
			network.NoSuchHost:  "The remote name could not be resolved: '" + w.url.Hostname() + "'",
			network.Refused:     "Unable to connect to the remote server",
			network.TimedOut:    "Unable to connect to the remote server",
			network.Reset:       "The underlying connection was closed: An unexpected error occurred on a receive.",
			network.WrongScheme: "The underlying connection was closed: An unexpected error occurred on a send.",
		}[n.Kind]
		if w.Has("TimeoutSec") && n.Kind == network.TimedOut {
			text = "The operation has timed out."
		}
		return w.webException(text, nil)
	}
	if seconds := w.Int("ConnectionTimeoutSeconds", 0); n.Kind == network.TimedOut && seconds > 0 {
		e := &object.Error{Type: object.MustType("System.Threading.Tasks.TaskCanceledException"), Message: fmt.Sprintf("The request was canceled due to the configured HttpClient.Timeout of %d seconds elapsing.", seconds)}
		return w.ErrorRecord(e, "ConnectionTimeoutReached", "OperationTimeout", w.target)
	}
	inner := map[network.Kind]string{
		network.NoSuchHost: "Name or service not known", network.Refused: "Connection refused", network.TimedOut: "Connection timed out",
		network.Reset: "The response ended prematurely.", network.WrongScheme: "The SSL connection could not be established, see inner exception.",
	}[n.Kind]
	if w.Session().Config().Windows {
		switch n.Kind {
		case network.NoSuchHost:
			inner = "No such host is known."
		case network.Refused:
			inner = "No connection could be made because the target machine actively refused it."
		case network.TimedOut:
			inner = "A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond."
		}
	}
	message := inner
	if n.Kind != network.Reset && n.Kind != network.WrongScheme {
		message = fmt.Sprintf("%s (%s:%s)", inner, w.url.Hostname(), port)
	}
	e := &object.Error{Type: object.MustType("System.Net.Http.HttpRequestException"), Message: message, Details: inner, Inner: &object.Error{Type: object.MustType("System.Net.Sockets.SocketException"), Message: inner}}
	return w.ErrorRecord(e, webErrorID, "InvalidOperation", w.target)
}

var tags = regexp.MustCompile(`<[^>]*>`)

// errorText is what an error shows of the answer's body.
func (w *webCall) errorText(a *webAnswer) string {
	text := w.decoded(a)
	if w.old || strings.TrimSpace(text) == "" {
		if w.old && !a.isJSON() && !a.isXML() {
			return strings.TrimSpace(tags.ReplaceAllString(text, ""))
		}
		return text
	}
	line := w.newline()
	switch {
	case a.isXML():
		if out, err := indentXML(text); err == nil {
			return line + strings.ReplaceAll(out, "\n", line)
		}
	case a.isJSON():
		var out bytes.Buffer
		if json.Indent(&out, []byte(text), "", "  ") == nil {
			return line + strings.ReplaceAll(escapeNet(out.String()), "\n", line)
		}
	}
	return tags.ReplaceAllString(text, "")
}

// escapeNet escapes in JSON what System.Text.Json does not let stand.
func escapeNet(s string) string {
	var b strings.Builder
	for n := 0; n < len(s); n++ {
		if c := s[n]; c == '\\' && n+1 < len(s) {
			if s[n+1] == '"' {
				b.WriteString(`\u0022`)
			} else {
				b.WriteString(s[n : n+2])
			}
			n++
			continue
		}
		b.WriteByte(s[n])
	}
	var out strings.Builder
	for _, r := range b.String() {
		switch {
		case strings.ContainsRune("<>&'+`", r), r > 126 && r < 0x10000:
			fmt.Fprintf(&out, `\u%04X`, r)
		case r >= 0x10000:
			for _, u := range object.Units(string(r)) {
				fmt.Fprintf(&out, `\u%04X`, u)
			}
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// indentXML writes a document anew, each element on a line of its own.
func indentXML(text string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	var out bytes.Buffer
	e := xml.NewEncoder(&out)
	e.Indent("", "  ")
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		switch x := t.(type) {
		case xml.ProcInst:
			continue
		case xml.CharData:
			if len(bytes.TrimSpace(x)) == 0 {
				continue
			}
		}
		if err := e.EncodeToken(t); err != nil {
			return "", err
		}
	}
	err := e.Flush()
	return out.String(), err
}
