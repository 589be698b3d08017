package learn

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// forms is every form of the dialect with the HTML that it becomes; a snippet is
// shown as its language and code, a block of a zone with its pivots.
var forms = []struct{ name, in, want string }{
	{"alert", "> [!NOTE]\n> Text.", `<div class="note note"><p class="note-title">Note</p><p>Text.</p></div>`},
	{"alert of any case", "> [!Important] Text.", `<div class="note important"><p class="note-title">Important</p><p>Text.</p></div>`},
	{"alert with a list", "> [!TIP]\n> * a\n> * b", "<div class=\"note tip\"><p class=\"note-title\">Tip</p><ul>\n<li>a</li>\n<li>b</li>\n</ul></div>"},
	{"alert in a list", "1. One\n\n   > [!NOTE]\n   > Text.\n\n2. Two", "<ol>\n<li>\n<p>One</p>\n<div class=\"note note\"><p class=\"note-title\">Note</p><p>Text.</p></div>\n</li>\n<li>\n<p>Two</p>\n</li>\n</ol>"},
	{"no alert", "> Just said.", "<blockquote>\n<p>Just said.</p>\n</blockquote>"},
	{"checklist", "> [!div class=\"checklist\"]\n> * One", "<div class=\"checklist\"><ul>\n<li>One</li>\n</ul></div>"},
	{"next step", "> [!div class=\"nextstepaction\"]\n> [On](next.md)", `<div class="next-step"><p><a href="next.md">On</a></p></div>`},
	{"another div", "> [!div class=\"mx-tdBreakAll\"]\n> text", "<p>text</p>"},
	{"a div that would break out", "> [!div class=\"x\\\"><script>\"]\n> text", "<p>text</p>"},
	{"image", `:::image type="content" source="a.png" alt-text="A *picture* <b>.":::`, "<p><em>A *picture* &lt;b&gt;.</em></p>"},
	{"image over lines", ":::image type=\"content\" source=\"a.png\"\n   alt-text=\"A picture.\"\n   lightbox=\"b.png\":::\nMore.", "<p><em>A picture.</em>\nMore.</p>"},
	{"image with its story", ":::image type=\"complex\" source=\"a.png\" alt-text=\"Short.\":::\n   The long story.\n:::image-end:::", "<p><em>Short.</em></p>|<p>The long story.</p>"},
	{"icon in a sentence", `Press :::image type="icon" source="x.png"::: now.`, "<p>Press  now.</p>"},
	{"image in a sentence", `See :::image source="x.png" alt-text="this"::: here.`, "<p>See <em>this</em> here.</p>"},
	{"markdown image", "![Alt text](media/x.png)", "<p><em>Alt text</em></p>"},
	{"image with a link", "[![Alt](a.png)](b.png)", `<p><a href="b.png"><em>Alt</em></a></p>`},
	{"video", "> [!VIDEO https://www.youtube-nocookie.com/embed/x]", "<blockquote>\n<p><a href=\"https://www.youtube-nocookie.com/embed/x\">Video</a></p>\n</blockquote>"},
	{"video, no https", "[!VIDEO javascript:alert(1)]", "<p>Video</p>"},
	{"video, no host", `[!VIDEO https://"x]`, "<p>Video</p>"},
	{"video in colons", `:::video source="https://x.example/v" title="Watch":::`, `<p><a href="https://x.example/v">Watch</a></p>`},
	{"button", "Choose [!UICONTROL Review + assign].", "<p>Choose <strong>Review + assign</strong>.</p>"},
	{"not translated", "[!DNL Azure] and :::no-loc text=\"Blob\":::", "<p>Azure and Blob</p>"},
	{"rows", ":::row:::\n:::column span=\"2\":::\nLeft.\n:::column-end:::\n:::column:::\nRight.\n:::column-end:::\n:::row-end:::", "<p>Left.</p>|<p>Right.</p>"},
	{"moniker", "::: moniker range=\">= azs-2002\"\nNew.\n::: moniker-end", "<p><em>Applies to: &gt;= azs-2002</em></p>|<p>New.</p>"},
	{"zones", "::: zone pivot=\"cli,powershell\"\nA.\n::: zone-end\n:::zone pivot=\"portal\":::\n\nB.\n\n:::zone-end:::\nC.", "{cli powershell}<p>A.</p>|{portal}<p>B.</p>|<p>C.</p>"},
	{"tabs in a zone", "::: zone pivot=\"a\"\n# [X](#tab/x)\nIn.\n\n---\n::: zone-end\nOut.", "{a}tabs x|<p>Out.</p>"},
	{"interactive fence", "```azurecli-interactive \naz vm list\n```", "azurecli! az vm list"},
	{"upper-case fence", "```JSON\n{}\n```", "json {}"},
	{"fence with highlight", "```csharp highlight=\"1,3-4\"\na\nb\nc\nd\n```", "csharp[1 3 4] a\nb\nc\nd"},
	{"tilde fence with marks in it", "~~~bash\n::: zone pivot=\"a\"\n[!INCLUDE [x](y.md)]\n```\n~~~", "bash ::: zone pivot=\"a\"\n[!INCLUDE [x](y.md)]\n```"},
	{"code of a file", `:::code language="azurecli" source="code.sh" range="2-3" highlight="1" interactive="cloudshell-bash":::`, "azurecli![1] two\nthree"},
	{"the rest of a file", `:::code language="bash" source="~/code.sh" range="1,3-":::`, "bash one\nthree\n# <part>\n  four\n# </part>"},
	{"a marked part", `:::code language="bash" source="code.sh" id="part":::`, "bash four"},
	{"older code link", "[!code-bash[main](code.sh?range=1&highlight=1 \"A title\")]", "bash[1] one"},
	{"include on a line", "Before.\n\n[!INCLUDE [x](inc/a.md)]\n\nAfter.", "<p>Before.</p>|<p>Included <strong>text</strong>.</p>|<p>After.</p>"},
	{"include in a sentence", "It says [!include[x](~/inc/a.md)] here.", "<p>It says Included <strong>text</strong>. here.</p>"},
	{"include in a list", "* One\n  [!INCLUDE [x](inc/list.md)]", "<ul>\n<li>One\n<ul>\n<li>Two</li>\n<li>Three</li>\n</ul>\n</li>\n</ul>"},
	{"include in a note", "> [!NOTE]\n> [!INCLUDE [x](inc/a.md)]", `<div class="note note"><p class="note-title">Note</p><p>Included <strong>text</strong>.</p></div>`},
	{"include of an include", "[!INCLUDE [x](inc/outer.md)]", "<p>Outer.</p>|<p>Included <strong>text</strong>.</p>"},
	{"include with an open fence", "[!INCLUDE [x](inc/open.md)]\n\nAfter.", "bash echo|<p>After.</p>"},
	{"line break", "a<br>b<br/>c", "<p>a<br>b<br>c</p>"},
	{"placeholder in a sentence", "Put <SUBSCRIPTION ID> there.", "<p>Put &lt;SUBSCRIPTION ID&gt; there.</p>"},
	{"raw HTML", "a <b onclick=\"x\">c</b>\n\n<script>alert(1)</script>\n\n<!-- note -->", "<p>a c</p>"},
	{"an anchor in a heading", "# <a name=\"x\"></a>Title", ""},
	{"links", "[a](javascript:x) [b](data:x) <javascript:x> <https://x.example/> [c](//x.example)", `<p><a href="">a</a> <a href="">b</a> javascript:x <a href="https://x.example/">https://x.example/</a> <a href="">c</a></p>`},
	{"xref", "<xref:System.String> and [t](xref:x)", `<p>System.String and <a href="">t</a></p>`},
	{"table", "| a | b |\n|---|---|\n| 1 | 2 |", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"},
	{"windows' line ends", "> [!NOTE]\r\n> Text.\r\n", `<div class="note note"><p class="note-title">Note</p><p>Text.</p></div>`},
}

var tree = fstest.MapFS{
	"code.sh":        {Data: []byte("one\ntwo\nthree\n# <part>\n  four\n# </part>\n")},
	"inc/a.md":       {Data: []byte("---\ntitle: x\n---\nIncluded **text**.\n")},
	"inc/list.md":    {Data: []byte("* Two\n* Three\n")},
	"inc/outer.md":   {Data: []byte("Outer.\n\n[!INCLUDE [x](a.md)]\n")},
	"inc/open.md":    {Data: []byte("```bash\necho\n")},
	"inc/self.md":    {Data: []byte("Line.\n\n[!INCLUDE [x](other.md)]\n")},
	"inc/other.md":   {Data: []byte("[!INCLUDE [x](self.md)]\n")},
	"inc/missing.md": {Data: []byte("---\na: b\n---\n\n[!INCLUDE [x](gone.md)]\n")},
	"inc/quoted.md":  {Data: []byte("```\n[!INCLUDE [x](quoted.md)]\n```\n")},
	"inc/fine.md":    {Data: []byte("## In a file\n")},
}

// with is the tree with an article.
func with(article string) fstest.MapFS {
	out := fstest.MapFS{"article.md": {Data: []byte(article)}}
	for name, f := range tree {
		out[name] = f
	}
	return out
}

func shown(a Article) string {
	var out []string
	for _, s := range a.Sections {
		for _, b := range s.Blocks {
			text := b.HTML
			if sn := b.Snippet; sn != nil {
				text = sn.Lang
				if sn.Interactive {
					text += "!"
				}
				if len(sn.Highlight) > 0 {
					text += strings.ReplaceAll(jsonOf(sn.Highlight), ",", " ")
				}
				text += " "
				for _, p := range sn.Parts {
					text += p.Text
				}
			}
			for _, t := range b.Tabs {
				text += "tabs " + t.ID
			}
			if len(b.Pivots) > 0 {
				text = "{" + strings.Join(b.Pivots, " ") + "}" + text
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, "|")
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestForms(t *testing.T) {
	for _, c := range forms {
		a, err := ParseFile(with(c.in), "article.md", "")
		if got := shown(a); err != nil || got != c.want {
			t.Errorf("%s: %v\n got %q\nwant %q", c.name, err, got, c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"\n[!INCLUDE [x](inc/gone.md)]", "docs/article.md:2: the file docs/inc/gone.md does not exist"},
		{"---\na: b\n---\n\nText [!INCLUDE [x](inc/gone.md)].", "docs/article.md:5: the file docs/inc/gone.md does not exist"},
		{"[!INCLUDE [x](inc/missing.md)]", "docs/inc/missing.md:5: the file docs/inc/gone.md does not exist"},
		{"[!INCLUDE [x](inc/self.md)]", "docs/inc/other.md:1: inc/self.md includes itself: article.md → inc/self.md → inc/other.md → inc/self.md"},
		{"Said: [!INCLUDE [x](inc/self.md)].", "docs/inc/other.md:1: inc/self.md includes itself: article.md → inc/self.md → inc/other.md → inc/self.md"},
		{"[!INCLUDE [x](article.md)]", "docs/article.md:1: article.md includes itself: article.md → article.md"},
		{"[!INCLUDE [x](../secret.md)]", "docs/article.md:1: ../secret.md leads out of the article's folder"},
		{"[!INCLUDE [x](~/../secret.md)]", "docs/article.md:1: ~/../secret.md leads out of the article's folder"},
		{"[!INCLUDE [x](/etc/passwd.md)]", "docs/article.md:1: /etc/passwd.md is no path within the article's folder"},
		{"[!INCLUDE [x](https://x.example/a.md)]", "docs/article.md:1: https://x.example/a.md is no path within the article's folder"},
		{"[!INCLUDE [x](code.sh)]", "docs/article.md:1: code.sh is not Markdown: an include must end with .md"},
		{`:::code language="bash" source="../x.sh":::`, "docs/article.md:1: ../x.sh leads out of the article's folder"},
		{`:::code language="bash" source="x.sh":::`, "docs/article.md:1: the file docs/x.sh does not exist"},
		{`:::code language="bash":::`, `docs/article.md:1: code must name its file: source="…"`},
		{`:::code source="code.sh" range="5-9":::`, "docs/article.md:1: code.sh has no lines 5-9"},
		{`:::code source="code.sh" id="none":::`, `docs/article.md:1: code.sh has no part named "none"`},
		{"::: zone pivot=\"a\"\nText.", "docs/article.md:1: the zone that begins here never ends"},
		{"Text.\n::: zone-end", "docs/article.md:2: a zone ends that did not begin"},
		{"::: zone pivot=\"a\"\n::: zone pivot=\"b\"\n::: zone-end", "docs/article.md:2: a zone begins within the zone of line 1"},
		{"::: zone\n::: zone-end", `docs/article.md:1: a zone must name its pivots: pivot="…"`},
		{"::: moniker range=\"x\"", "docs/article.md:1: the moniker that begins here never ends"},
		{":::row:::\n::: moniker-end", "docs/article.md:2: a moniker ends that did not begin\ndocs/article.md:1: the row that begins here never ends"},
		{":::spinner:::", "docs/article.md:1: the directive :::spinner is not known"},
	} {
		_, err := ParseFile(with(c.in), "article.md", "docs")
		if err == nil || err.Error() != c.want || !errors.As(err, new(Faults)) {
			t.Errorf("%q:\n got %v\nwant %s", c.in, err, c.want)
		}
	}
	if _, err := ParseFile(tree, "none.md", ""); err == nil {
		t.Error("an article that is not there was read")
	}
	if a, err := Parse([]byte("Text.\n\n[!INCLUDE [x](a.md)]\n\n:::code source=\"x\":::")); err != nil || shown(a) != "<p>Text.</p>" {
		t.Errorf("an article by itself: %v, %q", err, shown(a))
	}
	// What stands in a fence is text, even if a sentence takes it in.
	if a, err := ParseFile(with("It is [!INCLUDE [x](inc/quoted.md)]"), "article.md", ""); err != nil || !strings.Contains(shown(a), "quoted.md") {
		t.Errorf("%v, %q", err, shown(a))
	}
	// An article that would grow without end stops.
	big := fstest.MapFS{"article.md": {Data: []byte(strings.Repeat("[!INCLUDE [x](b.md)]\n", 200))}, "b.md": {Data: []byte(strings.Repeat("text ", 8000))}}
	if _, err := ParseFile(big, "article.md", ""); err == nil || !strings.Contains(err.Error(), "more than 4 MB") {
		t.Errorf("a big article: %v", err)
	}
}

func TestSectionsKnowTheirPlace(t *testing.T) {
	a, err := ParseFile(with("---\ntitle: x\nzone_pivot_groups: tools\n---\n# Title\n\n[!INCLUDE [x](inc/fine.md)]\n\n::: zone pivot=\"azure-cli\"\n\n## In a zone\n\nText.\n\n::: zone-end\n\n## Last\n"), "article.md", "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range a.Sections {
		got = append(got, strings.Join(append([]string{s.Heading, s.File, jsonOf(s.Line)}, s.Pivots...), " "))
	}
	if want := []string{"Title article.md 5", "In a file inc/fine.md 1", "In a zone article.md 11 azure-cli", "Last article.md 17"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if want := []Pivot{{"azure-cli", "azure cli"}}; !reflect.DeepEqual(a.Pivots, want) {
		t.Errorf("%v", a.Pivots)
	}
	named := with("---\nzone_pivot_groups: tools\n---\n::: zone pivot=\"azure-cli\"\nA.\n::: zone-end\n")
	named["zone-pivot-groups.yml"] = &fstest.MapFile{Data: []byte("groups:\n- id: other\n  pivots:\n  - {id: x, title: X}\n- id: tools\n  title: Tool\n  prompt: Choose\n  pivots:\n  - id: portal\n    title: Portal\n  - id: azure-cli\n    title: Azure CLI\n")}
	if a, err := ParseFile(named, "article.md", ""); err != nil || !reflect.DeepEqual(a.Pivots, []Pivot{{"portal", "Portal"}, {"azure-cli", "Azure CLI"}}) {
		t.Errorf("%v, %v", a.Pivots, err)
	}
	named["zone-pivot-groups.yml"] = &fstest.MapFile{Data: []byte("groups: [")}
	if _, err := ParseFile(named, "article.md", "docs"); err == nil || !strings.HasPrefix(err.Error(), "docs/zone-pivot-groups.yml:1: ") {
		t.Errorf("%v", err)
	}
}
