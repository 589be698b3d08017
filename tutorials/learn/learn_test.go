package learn

import (
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"skylab/tutorials/lesson"
)

const sample = `---
title: "A title"
ms.date: 01/11/2022
---

# Heading one

Text with **bold**, [a link](https://x.example/) and [a bad one](javascript:alert(1)).

<script>alert(1)</script>

> [!NOTE]
> Take <b>care</b>.

> [!div class="checklist"]
> * One
> * Two

:::image type="content" source="x.png" alt-text="A picture.":::

## Heading *two*

` + "```bash\ncurl https://x/<SUBSCRIPTION-ID>?a=b -H \"Authorization: Bearer <ACCESS-TOKEN>\"\n```\n"

func TestParse(t *testing.T) {
	a, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if a.Title() != "Heading one" || a.Meta["title"] != "A title" || len(a.Sections) != 2 || a.Sections[1].Heading != "Heading two" || a.Sections[1].Line != 21 {
		t.Errorf("%+v", a)
	}
	data, _ := json.Marshal(a.Sections)
	text := strings.ReplaceAll(string(data), `\u003c`, "<")
	for _, bad := range []string{"<script", "javascript:", "<b>", "onerror"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s is in %s", bad, text)
		}
	}
	for _, want := range []string{"<strong>bold", `href=\"https://x.example/\"`, `class=\"note note\"`, "<li>One", "A picture."} {
		if !strings.Contains(strings.ReplaceAll(text, `\u003e`, ">"), want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	s := a.Sections[1].Blocks[0].Snippet
	var whole, names string
	for _, p := range s.Parts {
		whole += p.Text
		if p.Field != "" {
			names += p.Field + ","
		}
	}
	if s.Lang != "bash" || names != "SUBSCRIPTION-ID,ACCESS-TOKEN," || whole != `curl https://x/<SUBSCRIPTION-ID>?a=b -H "Authorization: Bearer <ACCESS-TOKEN>"` {
		t.Errorf("%+v", s)
	}
}

func TestTabs(t *testing.T) {
	a, err := Parse([]byte("## Do it\n\nBefore.\n\n# [Portal](#tab/portal)\n\nClick.\n\n# [Azure CLI](#tab/azure-cli/x)\n\n### Deeper\n\n```azurecli\naz vm list\n```\n\n---\n\nAfter.\n\n## Next\n\n# [Only](#tab/only)\n\nLast.\n"))
	if err != nil || len(a.Sections) != 2 {
		t.Fatalf("%+v, %v", a, err)
	}
	blocks := a.Sections[0].Blocks
	if len(blocks) != 3 || len(blocks[1].Tabs) != 2 || blocks[2].HTML != "<p>After.</p>" {
		t.Fatalf("%+v", blocks)
	}
	portal, cli := blocks[1].Tabs[0], blocks[1].Tabs[1]
	if portal.ID != "portal" || portal.Title != "Portal" || len(portal.Blocks) != 1 || cli.ID != "azure-cli" || len(cli.Blocks) != 2 || cli.Blocks[1].Snippet.Lang != "azurecli" {
		t.Errorf("%+v", blocks[1].Tabs)
	}
	if last := a.Sections[1].Blocks; len(last) != 1 || last[0].Tabs[0].ID != "only" {
		t.Errorf("a group at the end of a document is lost: %+v", last)
	}
}

func TestListsThatHoldCode(t *testing.T) {
	a, err := Parse([]byte("## Do it\n\n2. Sign in:\n\n    ```bash\n    ssh <NAME>@host\n      -v\n    ```\n\n    Then look.\n3. Go on\n   * deeper\n     ```json\n     {}\n     ```\n\n     > [!NOTE]\n     > Mind.\n\n- a\n- b\n"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := a.Sections[0].Blocks
	if len(blocks) != 2 || blocks[0].List == nil || blocks[1].List != nil {
		t.Fatalf("%+v", blocks)
	}
	l := blocks[0].List
	if !l.Ordered || l.Start != 2 || len(l.Items) != 2 || len(l.Items[0]) != 3 {
		t.Fatalf("%+v", l)
	}
	var code string
	for _, p := range l.Items[0][1].Snippet.Parts {
		code += p.Text
	}
	if code != "ssh <NAME>@host\n  -v" || l.Items[0][2].HTML != "<p>Then look.</p>" || !strings.Contains(l.Items[0][0].HTML, "Sign in:") {
		t.Errorf("%q in %+v", code, l.Items[0])
	}
	inner := l.Items[1][1].List
	if inner == nil || inner.Ordered || len(inner.Items[0]) != 3 || inner.Items[0][1].Snippet.Lang != "json" || !strings.Contains(inner.Items[0][2].HTML, `class="note note"`) {
		t.Errorf("%+v", inner)
	}
}

// TestMicrosoftsArticles reads the real ones where they are: only includes that
// are not in the excerpt may be missing, and no mark of the dialect is left.
func TestMicrosoftsArticles(t *testing.T) {
	tree := os.DirFS("../../../shared/learn")
	files, _ := fs.Glob(tree, "articles/*/*.md")
	more, _ := fs.Glob(tree, "articles/*/*/*.md")
	if files = append(files, more...); len(files) == 0 {
		t.Skip("../shared is not here")
	}
	for _, f := range files {
		a, err := ParseFile(tree, f, "")
		var faults Faults
		if err != nil && !errors.As(err, &faults) {
			t.Fatal(err)
		}
		for _, x := range faults {
			if x.File != f || !strings.HasSuffix(x.Text, "does not exist") {
				t.Error(x)
			}
		}
		if a.Title() == "" {
			t.Errorf("%s has no title", f)
		}
		for _, b := range allBlocks(a) {
			if mark := leftover.FindString(b.HTML); mark != "" {
				t.Errorf("%s: %q is left of %s", f, mark, b.HTML)
			}
		}
	}
}

var leftover = regexp.MustCompile(`(?i)\[!\w+|:::|<script|javascript:`)

// allBlocks are an article's blocks, those of tabs too.
func allBlocks(a Article) []lesson.Block {
	var out []lesson.Block
	var add func(list []lesson.Block)
	add = func(list []lesson.Block) {
		for _, b := range list {
			out = append(out, b)
			for _, t := range b.Tabs {
				add(t.Blocks)
			}
			if b.List != nil {
				for _, item := range b.List.Items {
					add(item)
				}
			}
		}
	}
	for _, s := range a.Sections {
		add(s.Blocks)
	}
	return out
}

// FuzzParse checks that nothing an article says becomes live HTML, and that no
// file outside its tree can be named by it.
func FuzzParse(f *testing.F) {
	f.Add(sample)
	for _, c := range forms {
		f.Add(c.in)
	}
	f.Add("[!INCLUDE [x](inc.md)] [!INCLUDE [x](inc.md)]\n::: zone pivot=\"<script>\"\n:::image alt-text=\"&lt;script>\":::\n::: zone-end")
	f.Add("<javascript:alert(1)> <xref:x> [!VIDEO javascript:x] > [!div class=\"a\\\"><script>\"]")
	f.Fuzz(func(t *testing.T, in string) {
		a, err := ParseFile(fstest.MapFS{"a/x.md": {Data: []byte(in)}, "a/inc.md": {Data: []byte("Included [!INCLUDE [x](x.md)]")}, "a/code.sh": {Data: []byte("echo 1\n")}}, "a/x.md", "")
		if err != nil && !errors.As(err, new(Faults)) {
			t.Fatalf("%q: %v", in, err)
		}
		for _, b := range allBlocks(a) {
			low := strings.ToLower(b.HTML)
			for _, m := range tags.FindAllStringSubmatch(low, -1) {
				if !strings.Contains(" a p br em strong code pre ul ol li h1 h2 h3 h4 h5 h6 blockquote hr table thead tbody tr th td div input img ", " "+m[1]+" ") {
					t.Fatalf("%q became %q", in, b.HTML)
				}
				for _, href := range hrefs.FindAllStringSubmatch(m[0], -1) {
					if !safeLink(html.UnescapeString(href[1])) {
						t.Fatalf("%q became %q", in, b.HTML)
					}
				}
				if strings.Contains(m[0], " on") && attributeOn.MatchString(quotedValue.ReplaceAllString(m[0], `""`)) {
					t.Fatalf("%q became %q", in, b.HTML)
				}
			}
		}
	})
}

var (
	tags        = regexp.MustCompile(`<([a-z][a-z0-9]*)[^>]*>`)
	hrefs       = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	quotedValue = regexp.MustCompile(`"[^"]*"`)
	attributeOn = regexp.MustCompile(`\son[a-z]+\s*=`)
)
