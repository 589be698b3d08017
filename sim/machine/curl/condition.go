package curl

import (
	"strings"
	"time"
)

// dates are the forms in which -z takes a date.
var dates = []string{
	time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC, time.UnixDate, time.RFC822, time.RFC822Z, time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "20060102 15:04:05", "20060102",
	"2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05", "2 Jan 2006", "Jan 2 2006 15:04:05", "Jan 2 2006", "Mon 2 Jan 2006", "2 January 2006",
}

// timeCondition is the header field of -z: a date, or the time of a file.
func (c *command) timeCondition() (name, value string, ok bool) {
	text, ok := c.lookup("time-cond")
	if !ok {
		return "", "", false
	}
	name = "If-Modified-Since"
	switch {
	case strings.HasPrefix(text, "-"):
		name, text = "If-Unmodified-Since", text[1:]
	case strings.HasPrefix(text, "+"), strings.HasPrefix(text, "="):
		if text[0] == '=' {
			name = "Last-Modified"
		}
		text = text[1:]
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return name, t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), true
		}
	}
	if i, err := c.p.FS.Stat(c.abs(text)); err == nil {
		return name, i.ModTime().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), true
	}
	c.warn("Illegal date format for -z, --time-cond (and not a file name). Disabling time condition. See curl_getdate(3) for valid date syntax.")
	return "", "", false
}

// netrc finds the credentials of a host in ~/.netrc or the file that is named.
func (c *command) netrc(host string) (login, password string, ok bool) {
	file, named := c.lookup("netrc-file")
	if !named {
		if !c.has("netrc") {
			return "", "", false
		}
		file = c.p.Getenv("HOME") + "/.netrc"
	}
	data, err := c.p.FS.ReadFile(c.abs(file))
	if err != nil {
		return "", "", false
	}
	words := strings.Fields(string(data))
	mine := false
	for i := 0; i < len(words); i++ {
		next := func() string {
			if i++; i < len(words) {
				return words[i]
			}
			return ""
		}
		switch words[i] {
		case "machine":
			if ok {
				return login, password, true
			}
			mine = strings.EqualFold(next(), host)
		case "default":
			if ok {
				return login, password, true
			}
			mine = true
		case "login":
			if v := next(); mine {
				login, ok = v, true
			}
		case "password":
			if v := next(); mine {
				password, ok = v, true
			}
		case "account", "macdef":
			next()
		}
	}
	return login, password, ok
}
