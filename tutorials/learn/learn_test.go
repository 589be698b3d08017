package learn

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// TestMicrosoftsArticles reads the real ones where they are.
func TestMicrosoftsArticles(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/learn/articles/*/*/*.md")
	if len(files) == 0 {
		t.Skip("../shared is not here")
	}
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := Parse(source); err != nil || a.Title() == "" {
			t.Errorf("%s: %q, %v", f, a.Title(), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, in string) {
		a, err := Parse([]byte(in))
		if err != nil {
			return
		}
		for _, s := range a.Sections {
			for _, b := range s.Blocks {
				low := strings.ToLower(b.HTML)
				if strings.Contains(low, "<script") || strings.Contains(low, `href="javascript:`) {
					t.Fatalf("%q became %q", in, b.HTML)
				}
			}
		}
	})
}
