package app

import (
	"encoding/base64"
	"strings"
	"testing"
)

func sample() string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"typ":"JWT","alg":"RS256"}`)) + "." + part([]byte(`{"aud":"https://management.azure.com/","exp":1700000000}`)) + "." + part([]byte("signature"))
}

func TestPaint(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "a b\n", "|a b\n"},
		{"json", `{"a": "b", "n": [1, true]}`, `|{;j-key|"a";|: ;j-str|"b";|, ;j-key|"n";|: [;j-num|1;|, ;j-num|true;|]}`},
		{"a quote in a string", `{"a\"b":"\\"}`, `|{;j-key|"a\"b";|:;j-str|"\\";|}`},
		{"after headers", "HTTP/1.1 200 OK\r\n\r\n{\"a\":null}\n", "|HTTP/1.1 200 OK\r\n\r\n;|{;j-key|\"a\";|:;j-num|null;|}\n"},
		{"not json", "{a}\n", "|{a}\n"},
		{"a token", sample(), "|TOKEN"},
		{"a token in json", `["` + sample() + `"]`, `|[;j-str|";j-str|TOKEN;j-str|";|]`},
		{"no token", "eyJaaaaaaaaaaaa.eyJbbbbbbbbbbb.c", "|eyJaaaaaaaaaaaa.eyJbbbbbbbbbbb.c"},
	} {
		var got []string
		for _, s := range paint(c.text) {
			text := s.text
			if s.token != nil {
				text = "TOKEN"
			}
			got = append(got, s.class+"|"+text)
		}
		if x := strings.Join(got, ";"); x != c.want {
			t.Errorf("%s:\n%q, not\n%q", c.name, x, c.want)
		}
	}
}

func TestToken(t *testing.T) {
	tok := readToken(sample())
	if tok == nil || tok.service() != "Resource Manager" || tok.expires != 1700000000 || !strings.Contains(tok.header, `"alg": "RS256"`) {
		t.Errorf("%+v", tok)
	}
}

// FuzzPaint asks that nothing of an output is lost.
func FuzzPaint(f *testing.F) {
	for _, s := range []string{"", "{}", `{"a":"b"}`, sample(), "x\n[1]\n", `"\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for _, s := range paint(text) {
			b.WriteString(s.text)
		}
		if b.String() != text {
			t.Errorf("%q became %q", text, b.String())
		}
	})
}
