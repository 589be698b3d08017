package arm

import (
	"fmt"
	"net/http"
	"strings"
)

// maxURL is the longest request line's URL, in bytes, that the front takes.
const maxURL = 16384

// refuseFrame refuses what the web server before Resource Manager refuses, in
// its own HTML: a POST or PUT that does not tell its length, a URL that is too
// long or cannot be one.
func refuseFrame(w http.ResponseWriter, r *http.Request) bool {
	status, title, text := 0, "", ""
	switch {
	case len(r.URL.RequestURI()) > maxURL:
		status, title, text = http.StatusRequestURITooLong, "Request URL Too Long", "The request URL is too long."
	case strings.ContainsFunc(r.URL.Path, func(c rune) bool { return c < ' ' || c == 0x7f || c == 0xfffd }):
		status, title, text = http.StatusBadRequest, "Bad Request", "The request URL is invalid."
	case (r.Method == http.MethodPost || r.Method == http.MethodPut) && r.ContentLength == 0 && r.Header.Get("Content-Length") == "" && r.Header.Get("Transfer-Encoding") == "" && len(r.TransferEncoding) == 0:
		status, title, text = http.StatusLengthRequired, "Length Required", "The request must be chunked or have a content length."
	default:
		return false
	}
	h := w.Header()
	clear(h)
	h.Set("Content-Type", "text/html; charset=us-ascii")
	h.Set("Server", "Microsoft-HTTPAPI/2.0")
	h.Set("Connection", "close")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\r\n<HTML><HEAD><TITLE>%s</TITLE>\r\n<META HTTP-EQUIV=\"Content-Type\" Content=\"text/html; charset=us-ascii\"></HEAD>\r\n<BODY><h2>%s</h2>\r\n<hr><p>HTTP Error %d. %s</p>\r\n</BODY></HTML>\r\n", title, frameHeading[status], status, text)
	return true
}

// frameHeading is the heading of each of those pages.
var frameHeading = map[int]string{http.StatusRequestURITooLong: "Request URL Too Long", http.StatusBadRequest: "Bad Request - Invalid URL", http.StatusLengthRequired: "Length Required"}
