package cmdlet

import (
	"strings"
	"testing"
)

func TestIndentOld(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a":1,"b":{"c":"x:{,","d":[1,2]}}`, `{
    "a":  1,
    "b":  {
              "c":  "x:{,",
              "d":  [
                        1,
                        2
                    ]
          }
}`},
		{`[{"a":1},{"a":2}]`, `[
    {
        "a":  1
    },
    {
        "a":  2
    }
]`},
		{`{"a":[]}`, `{
    "a":  [

          ]
}`},
		{`"a\"b"`, `"a\"b"`},
	} {
		if got := strings.ReplaceAll(indentOld(c.in), "\r\n", "\n"); got != c.want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", c.in, got, c.want)
		}
	}
}
