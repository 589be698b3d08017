package portal

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"skylab/sim/machine/portal/blade"
)

// devicePage is Entra's page for the codes of devices.
const devicePage = "https://login.microsoftonline.com/common/oauth2/deviceauth"

// deviceLogin is the page to which a device without a browser sends people: the
// session's account enters the code that the device shows.
func (p *Portal) deviceLogin(_ context.Context, pg *page) error {
	pg.Title, pg.Subtitle = "Enter code", p.Account
	pg.Breadcrumb = []blade.Link{homeLink}
	pg.Sections = []blade.Section{{
		Text:    "Enter the code that your app or device shows. It then gets tokens in which it acts for you.",
		Choices: []blade.Choice{{Target: "device.code", Name: "code", Label: "Code", Kind: "text", Required: true}},
	}}
	pg.Commands = []blade.Command{{Target: "device.next", Text: "Next", Primary: true}, {Target: "device.cancel", Text: "Cancel"}}
	send := func(decline bool) func(context.Context, map[string]string) error {
		return func(ctx context.Context, values map[string]string) error {
			form := url.Values{"otc": {values["code"]}, "login_hint": {p.Account}}
			if decline {
				form.Set("decline", "true")
			}
			title, text, err := p.enter(ctx, form)
			if err == nil {
				p.notice("done", title, text)
			}
			return err
		}
	}
	pg.on("device.next", send(false))
	pg.on("device.cancel", send(true))
	return nil
}

// unescape reads the escapes that Entra writes; a table of all that HTML has
// would weigh more than the rest of the portal.
var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'")

// heading and paragraph are what is read of Entra's page.
var (
	heading   = regexp.MustCompile(`<h1>([^<]*)</h1>`)
	paragraph = regexp.MustCompile(`<p>([^<]*)</p>`)
)

// enter sends the form of the page and reads the answer.
func (p *Portal) enter(ctx context.Context, form url.Values) (title, text string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, devicePage, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", fmt.Errorf("enter the code: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.Transport.RoundTrip(req)
	if err != nil {
		return "", "", fmt.Errorf("enter the code: %w", err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return "", "", fmt.Errorf("enter the code: %w", err)
	}
	read := func(part *regexp.Regexp) string {
		if m := part.FindSubmatch(data); m != nil {
			return unescape.Replace(string(m[1]))
		}
		return ""
	}
	title, text = read(heading), read(paragraph)
	if res.StatusCode >= 400 {
		return "", "", fmt.Errorf("%s", text)
	}
	return title, text, nil
}
