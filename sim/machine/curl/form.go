package curl

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// form makes the body of -F and its content type.
func (c *command) form() (body []byte, contentType string, given bool, err error) {
	boundary := ""
	var b strings.Builder
	for _, o := range c.opts {
		if o.Name != "form" && o.Name != "form-string" {
			continue
		}
		if boundary == "" {
			boundary = strings.Repeat("-", 24) + c.random(16)
		}
		given = true
		name, content, _ := strings.Cut(o.Value, "=")
		p := part{name: name, content: content}
		if o.Name == "form" {
			if p, err = c.part(name, content); err != nil {
				return nil, "", true, err
			}
		}
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"", boundary, escapeField(p.name))
		if p.isFile {
			fmt.Fprintf(&b, "; filename=\"%s\"", escapeField(p.filename))
		}
		b.WriteString("\r\n")
		if p.kind != "" {
			fmt.Fprintf(&b, "Content-Type: %s\r\n", p.kind)
		}
		fmt.Fprintf(&b, "\r\n%s\r\n", p.content)
	}
	if !given {
		return nil, "", false, nil
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return []byte(b.String()), "multipart/form-data; boundary=" + boundary, true, nil
}

// part is one part of a form.
type part struct {
	name, content, filename, kind string
	isFile                        bool
}

var escapeField = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace

// part reads the content of one -F: text, @file, <file, with ;type= and
// ;filename= behind.
func (c *command) part(name, content string) (part, error) {
	p := part{name: name}
	if strings.HasPrefix(content, "(") || content == ")" {
		return p, failf(2, "%s", "skylab: curl --form with nested parts is real but not simulated here")
	}
	mark := byte(0)
	if content != "" && (content[0] == '@' || content[0] == '<') {
		mark, content = content[0], content[1:]
	}
	var value string
	value, content = formWord(content)
	for content != "" {
		var x string
		x, content = formWord(strings.TrimLeft(content[1:], " \t"))
		switch key, v, _ := strings.Cut(x, "="); strings.ToLower(key) {
		case "type":
			p.kind = strings.Trim(v, `"`)
		case "filename":
			p.filename, p.isFile = strings.Trim(v, `"`), true
		case "encoder", "headers":
			return p, failf(2, "skylab: curl --form with %s= is real but not simulated here", key)
		default:
			c.warn("skip unknown form field: %s", x)
		}
	}
	if mark == 0 {
		p.content = value
		return p, nil
	}
	var data []byte
	var err error
	if value == "-" {
		data, err = io.ReadAll(c.p.Stdin)
	} else {
		data, err = c.p.FS.ReadFile(c.abs(value))
	}
	if err != nil {
		return p, failf(26, "Failed to open/read local data from file/application")
	}
	p.content = string(data)
	if mark == '@' {
		p.isFile = true
		if p.filename == "" {
			p.filename = path.Base(value)
		}
		if p.kind == "" && value != "-" {
			p.kind = kindOf(p.filename)
		}
	}
	return p, nil
}

// formWord takes a word up to a semicolon that stands outside of quotes.
func formWord(text string) (word, rest string) {
	if strings.HasPrefix(text, `"`) {
		if end := strings.IndexByte(text[1:], '"'); end >= 0 {
			word, rest = text[1:1+end], text[2+end:]
			if rest == "" || rest[0] == ';' {
				return word, rest
			}
		}
	}
	i := strings.IndexByte(text, ';')
	if i < 0 {
		return text, ""
	}
	return strings.TrimRight(text[:i], " \t"), text[i:]
}

// kindOf guesses a file's content type as curl does.
func kindOf(name string) string {
	for _, k := range [][2]string{{".gif", "image/gif"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".png", "image/png"}, {".svg", "image/svg+xml"}, {".txt", "text/plain"}, {".htm", "text/html"}, {".html", "text/html"}, {".pdf", "application/pdf"}, {".xml", "application/xml"}} {
		if strings.HasSuffix(strings.ToLower(name), k[0]) {
			return k[1]
		}
	}
	return "application/octet-stream"
}
