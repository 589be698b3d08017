package cmdlet

import (
	"fmt"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/object"
)

var (
	webResponseType   = object.MustType("Microsoft.PowerShell.Commands.WebResponseObject")
	basicResponseType = object.MustType("Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject")
	statusType        = object.MustType("System.Net.HttpStatusCode")
	htmlResponseType  = object.MustType("Microsoft.PowerShell.Commands.HtmlWebResponseObject")
)

// isText tells whether an answer is text, by its media type.
func (a *webAnswer) isText() bool {
	kind, _, _ := mime.ParseMediaType(a.get("Content-Type"))
	kind = strings.ToLower(kind)
	if strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml") {
		return true
	}
	return slices.Contains([]string{"application/json", "application/xml", "application/javascript", "application/x-javascript", "application/xhtml+xml", "application/atom+xml", "application/rss+xml"}, kind)
}

// isJSON and isXML tell what kind of text it is.
func (a *webAnswer) isJSON() bool {
	kind, _, _ := mime.ParseMediaType(a.get("Content-Type"))
	return kind == "application/json" || strings.HasSuffix(kind, "+json") || kind == "text/json" || kind == "application/javascript" || kind == "text/javascript"
}

func (a *webAnswer) isXML() bool {
	kind, _, _ := mime.ParseMediaType(a.get("Content-Type"))
	return kind == "application/xml" || kind == "text/xml" || strings.HasSuffix(kind, "+xml")
}

// text decodes the body.
func (w *webCall) decoded(a *webAnswer) string {
	_, params, _ := mime.ParseMediaType(a.get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	switch {
	case charset == "iso-8859-1" || charset == "latin1" || charset == "" && w.old:
		out := make([]rune, 0, len(a.body))
		for _, c := range a.body {
			out = append(out, rune(c))
		}
		return string(out)
	case charset == "utf-16" || charset == "utf-16le":
		return units(a.body, false)
	}
	return strings.ToValidUTF8(string(a.body), "\ufffd")
}

// framework is the order in which .NET Framework keeps the header fields that it
// knows; the others come before them, as they came.
var framework = []string{"accept-ranges", "content-length", "cache-control", "content-type", "date", "expires", "etag", "last-modified", "location", "proxy-authenticate", "p3p", "set-cookie2", "set-cookie", "server", "via", "www-authenticate", "x-aspnet-version", "x-powered-by"}

// names are the header's names in the edition's order, each once.
func (w *webCall) names(a *webAnswer) (list []string) {
	for _, f := range a.fields {
		if !slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, f.Name) }) {
			list = append(list, f.Name)
		}
	}
	if w.old {
		place := func(n string) int { return slices.Index(framework, strings.ToLower(n)) }
		slices.SortStableFunc(list, func(x, y string) int { return place(x) - place(y) })
	}
	return list
}

func (a *webAnswer) all(name string) (values []string) {
	for _, f := range a.fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// headers is the header as a dictionary: of texts in 5.1, of lists in 7.
func (w *webCall) headers(a *webAnswer) *object.Dict {
	values := object.StringType
	if !w.old {
		values = object.Generic("System.Collections.Generic.IEnumerable`1", object.StringType)
	}
	d := &object.Dict{Type: object.Generic("System.Collections.Generic.Dictionary`2", object.StringType, values)}
	for _, n := range w.names(a) {
		if w.old {
			d.Set(n, strings.Join(a.all(n), ","))
		} else {
			d.Set(n, object.Strings(a.all(n)))
		}
	}
	return d
}

// response is what Invoke-WebRequest returns.
func (w *webCall) response(a *webAnswer) *object.Object {
	o := &object.Object{Type: webResponseType}
	text := a.isText()
	shown, content := "", any(nil)
	if text {
		o.Type = basicResponseType
		if w.old && !w.Switch("UseBasicParsing") {
			o.Type = htmlResponseType
		}
		shown = w.decoded(a)
		content = shown
	} else {
		bytes := &object.Array{Elem: object.MustType("System.Byte")}
		for _, c := range a.body {
			bytes.Items = append(bytes.Items, c)
		}
		content, shown = bytes, ascii(a.body)
	}
	o.SetText(ascii(a.body))
	line := w.newline()
	raw := fmt.Sprintf("HTTP/1.1 %d %s%s", a.status, a.reason, line)
	for _, n := range w.names(a) {
		raw += n + ": " + strings.Join(a.all(n), ", ") + line
	}
	raw += line + shown
	set := o.SetProperty
	set("StatusCode", int32(a.status))
	set("StatusDescription", a.description(w.old))
	set("Content", content)
	set("RawContent", raw)
	set("Headers", w.headers(a))
	set("RawContentLength", int64(len(a.body)))
	set("BaseResponse", w.base(a))
	hidden := func(name string, v any) {
		o.Members.Add(&object.Member{Name: name, Value: v, Kind: object.Property, Hidden: w.old})
	}
	if text {
		links, images, inputs := elements(shown)
		set("Images", object.NewArray(images...))
		set("InputFields", object.NewArray(inputs...))
		set("Links", object.NewArray(links...))
		if w.old {
			set("Forms", nil)
			set("ParsedHtml", nil)
			if o.Type == htmlResponseType {
				com := &object.Object{Type: object.ObjectType}
				com.SetText("System.__ComObject")
				set("ParsedHtml", com)
				set("Forms", object.NewArray())
			}
		} else {
			set("Encoding", nil)
		}
	}
	if !w.old {
		relation := &object.Dict{Type: object.Generic("System.Collections.Generic.Dictionary`2", object.StringType, object.StringType)}
		for _, f := range []string{"first", "last", "next", "prev"} {
			if v := relations(a)[f]; v != "" {
				relation.Set(f, v)
			}
		}
		set("RelationLink", relation)
		set("OutFile", nil)
	}
	hidden("RawContentStream", nil)
	return o
}

// description is what stands for the status's name.
func (a *webAnswer) description(old bool) string {
	if old {
		return a.reason
	}
	if a.status == 307 { // of the two names .NET has for it, the one that it prints
		return "RedirectKeepVerb"
	}
	return object.Enum{Type: statusType, Value: int64(a.status)}.String()
}

// ascii is how an answer that is no text is shown.
func ascii(body []byte) string {
	var b strings.Builder
	for _, c := range body {
		switch {
		case c > 127:
			b.WriteByte('?')
		case unicode.IsPrint(rune(c)) || unicode.IsSpace(rune(c)):
			b.WriteByte(c)
		default:
			b.WriteByte('.')
		}
	}
	return b.String()
}

// base is the response of .NET behind it.
func (w *webCall) base(a *webAnswer) *object.Object {
	name := "System.Net.Http.HttpResponseMessage"
	if w.old {
		name = "System.Net.HttpWebResponse"
	}
	o := &object.Object{Type: object.MustType(name)}
	code := object.Enum{Type: statusType, Value: int64(a.status)}
	o.SetProperty("StatusCode", code)
	headers := &object.Object{Type: object.ObjectType}
	for _, n := range w.names(a) {
		headers.SetProperty(strings.ReplaceAll(n, "-", ""), strings.Join(a.all(n), ", "))
	}
	if w.old {
		o.SetProperty("StatusDescription", a.reason)
		o.SetProperty("ResponseUri", &object.URI{Original: a.url.String()})
		o.SetProperty("ContentType", a.get("Content-Type"))
		o.SetProperty("ContentLength", int64(len(a.body)))
		o.SetProperty("Headers", w.headers(a))
		return o
	}
	request := &object.Object{Type: object.MustType("System.Net.Http.HttpRequestMessage")}
	request.SetProperty("RequestUri", &object.URI{Original: a.url.String()})
	o.SetProperty("ReasonPhrase", a.reason)
	o.SetProperty("IsSuccessStatusCode", a.status/100 == 2)
	o.SetProperty("Headers", headers)
	o.SetProperty("RequestMessage", request)
	return o
}

var linkRelation = regexp.MustCompile(`<([^>]*)>\s*;\s*rel="?([^",;]+)"?`)

// relations are the addresses of the Link header by their relation.
func relations(a *webAnswer) map[string]string {
	out := map[string]string{}
	for _, v := range a.all("Link") {
		for _, m := range linkRelation.FindAllStringSubmatch(v, -1) {
			if u, err := a.url.Parse(m[1]); err == nil {
				out[m[2]] = u.String()
			}
		}
	}
	return out
}

var (
	htmlLink      = regexp.MustCompile(`(?is)<a\s+[^>]*?/?>.*?</a>`)
	htmlImage     = regexp.MustCompile(`(?is)<img\s[^>]*?>`)
	htmlInput     = regexp.MustCompile(`(?is)<input\s[^>]*?>`)
	htmlAttribute = regexp.MustCompile(`(?s)([^\s=/<>]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))`)
)

// elements are a page's links, images and fields, as they are found without a
// browser.
func elements(page string) (links, images, inputs []any) {
	find := func(re *regexp.Regexp, tag string) (list []any) {
		for _, m := range re.FindAllString(page, 1000) {
			o := object.NewCustom()
			o.Set("outerHTML", m)
			o.Set("tagName", tag)
			head, _, _ := strings.Cut(m, ">")
			for _, x := range htmlAttribute.FindAllStringSubmatch(head, -1) {
				o.Set(x[1], x[2]+x[3]+x[4])
			}
			if tag == "A" && o.Members.Get("href") == nil {
				o.Set("href", nil)
			}
			list = append(list, o)
		}
		return list
	}
	return find(htmlLink, "A"), find(htmlImage, "IMG"), find(htmlInput, "INPUT")
}

// writeParsed writes what Invoke-RestMethod makes of an answer.
func (w *webCall) writeParsed(a *webAnswer) error {
	text := w.decoded(a)
	if len(a.body) == 0 {
		return w.Write("")
	}
	if a.isJSON() || !a.isXML() && strings.ContainsAny(strings.TrimSpace(text)[:min(1, len(strings.TrimSpace(text)))], "{[") {
		if v, empty, err := readJSON(text, false, 1024); err == nil && !empty {
			return w.Write(v)
		}
	}
	if a.isXML() {
		if t := object.MustType("System.Xml.XmlDocument"); t != nil {
			if v, err := w.Session().Objects().Convert(text, t); err == nil {
				return w.Write(v)
			}
		}
	}
	return w.Write(text)
}

// statusLine is "(404) Not Found" in 5.1 and "404 (Not Found)" in 7.
func (w *webCall) statusLine(a *webAnswer) string {
	if w.old {
		return "(" + strconv.Itoa(a.status) + ") " + a.reason
	}
	return strconv.Itoa(a.status) + " (" + a.reason + ")"
}
