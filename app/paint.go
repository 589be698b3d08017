package app

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
)

// span is a run of output with the class it is drawn in. A token stands for
// itself as a chip.
type span struct {
	text, class string
	token       *token
	mark        bool // find's
}

// node is a line of indented JSON; with inner, the first line of an object or a
// list that folds, and inner is the lines after it, its end included.
type node struct {
	line  string
	inner []node
}

// folds is indented JSON as lines of which the opening ones hold the others.
func folds(text string) []node {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var take func(depth int) []node
	take = func(depth int) (list []node) {
		for len(lines) > 0 {
			line := lines[0]
			lines = lines[1:]
			bare := strings.TrimSpace(line)
			switch {
			case strings.HasSuffix(bare, "{") || strings.HasSuffix(bare, "["):
				list = append(list, node{line, append([]node{}, take(depth+1)...)})
			case depth > 0 && (strings.HasPrefix(bare, "}") || strings.HasPrefix(bare, "]")):
				return append(list, node{line: line})
			default:
				list = append(list, node{line: line})
			}
		}
		return list
	}
	return take(0)
}

// longestPainted is how many bytes of output are coloured; more is plain text.
const longestPainted = 64 << 10

// paint takes output apart into what is drawn: JSON with its parts, and tokens.
func paint(text string) []span {
	if len(text) > longestPainted {
		return []span{{text: text}}
	}
	start := jsonStart(text)
	if start < 0 {
		return withTokens(nil, text, "")
	}
	spans := withTokens(nil, text[:start], "")
	return paintJSON(spans, text[start:])
}

// jsonStart is where a text becomes JSON to its end, as the body does after the
// headers that curl -i prints; -1 if it does not. Only the first lines that look
// so are tried.
func jsonStart(text string) int {
	tries := 0
	for at := 0; at < len(text) && tries < 20; {
		if rest := strings.TrimLeft(text[at:], " \t"); rest != "" && (rest[0] == '{' || rest[0] == '[') {
			if tries++; json.Valid([]byte(rest)) {
				return at
			}
		}
		line := strings.IndexByte(text[at:], '\n')
		if line < 0 {
			return -1
		}
		at += line + 1
	}
	return -1
}

// paintJSON adds the parts of a valid JSON text.
func paintJSON(spans []span, text string) []span {
	plain := 0
	flush := func(to int) {
		if to > plain {
			spans = append(spans, span{text: text[plain:to]})
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"':
			end := i + 1
			for text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end++
			flush(i)
			if strings.HasPrefix(strings.TrimLeft(text[end:], " \t\r\n"), ":") {
				spans = append(spans, span{text: text[i:end], class: "j-key"})
			} else {
				spans = withTokens(spans, text[i:end], "j-str")
			}
			i, plain = end, end
		case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			end := i + 1
			for end < len(text) && strings.IndexByte(",]} \t\r\n", text[end]) < 0 {
				end++
			}
			flush(i)
			spans = append(spans, span{text: text[i:end], class: "j-num"})
			i, plain = end, end
		default:
			i++
		}
	}
	flush(len(text))
	return spans
}

// indented is a JSON text with a line for each of its parts; false if the
// output holds no JSON, or has its lines already.
func indented(text string) (string, bool) {
	start := jsonStart(text)
	if start < 0 || len(text)-start < 80 || len(text) > longestPainted || strings.Contains(strings.TrimSpace(text[start:]), "\n") {
		return text, false
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(strings.TrimSpace(text[start:])), "", "  ") != nil {
		return text, false
	}
	return text[:start] + b.String() + "\n", true
}

// token is a JSON Web Token that stands in an output.
type token struct {
	raw            string
	header, claims string // indented JSON
	audience       string
	expires        int64 // Unix seconds; 0 if it does not say
}

// jwt finds what looks like a signed token.
var jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+`)

// withTokens adds a text with the tokens in it.
func withTokens(spans []span, text, class string) []span {
	at := 0
	for _, m := range jwt.FindAllStringIndex(text, -1) {
		t := readToken(text[m[0]:m[1]])
		if t == nil {
			continue
		}
		if m[0] > at {
			spans = append(spans, span{text: text[at:m[0]], class: class})
		}
		spans = append(spans, span{text: text[m[0]:m[1]], class: class, token: t})
		at = m[1]
	}
	if at < len(text) {
		spans = append(spans, span{text: text[at:], class: class})
	}
	return spans
}

// readToken decodes a token without verifying it; nil if it is none.
func readToken(raw string) *token {
	parts := strings.Split(raw, ".")
	t := token{raw: raw}
	var claims struct {
		Audience any   `json:"aud"`
		Expires  int64 `json:"exp"`
	}
	for i, to := range []*string{&t.header, &t.claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil
		}
		var b bytes.Buffer
		if json.Indent(&b, data, "", "  ") != nil || i == 1 && json.Unmarshal(data, &claims) != nil {
			return nil
		}
		*to = b.String()
	}
	t.audience, _ = claims.Audience.(string)
	t.expires = claims.Expires
	return &t
}

// audiences are the names of the services that accept a token, by audience
// without its last slash (facts/azure-wire.md §3).
var audiences = map[string]string{
	"https://management.azure.com": "Resource Manager", "https://management.core.windows.net": "Resource Manager",
	"https://vault.azure.net": "Key Vault", "https://storage.azure.com": "Storage", "https://graph.microsoft.com": "Microsoft Graph",
	"00000003-0000-0000-c000-000000000000": "Microsoft Graph", "https://database.windows.net": "SQL Database",
	"https://datalake.azure.net": "Data Lake Store", "https://cosmos.azure.com": "Cosmos DB",
}

// service is who would accept a token.
func (t *token) service() string {
	if name := audiences[strings.TrimSuffix(t.audience, "/")]; name != "" {
		return name
	}
	return t.audience
}
