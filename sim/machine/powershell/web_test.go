package powershell_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/cmdlet"
	"skylab/sim/machine/powershell/format"
	"skylab/sim/machine/powershell/internal/oracle"
	"skylab/sim/machine/powershell/internal/webserver"
	"skylab/sim/network"
)

// webPort is where the test's server stands on its machine.
const webPort = "18080"

// webSession is a session on a machine with the server of the recordings.
func webSession(edition powershell.Edition) *powershell.Session {
	c := clock.New(time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC))
	net := network.New(c, exchange.NewRing(exchange.DefaultRing))
	net.Attach(network.Host{Machine: "test", Port: webPort, Service: "test", Schemes: []string{"http"}, Handler: webserver.Handler(), Header: webserver.Header})
	return powershell.New(powershell.Config{Edition: edition, Windows: edition == powershell.Desktop, Commands: cmdlet.All(edition), Format: format.New, Dir: "/tmp/run", Home: "/root", Files: newMemory("/tmp", "/root", "/tmp/run"), Clock: c,
		Card: net.Card(exchange.Caller{Machine: "test", Address: "127.0.0.1"}), Environ: []string{"BASE=http://127.0.0.1:" + webPort}})
}

// TestOracleWeb runs the recorded scripts of the web cmdlets.
func TestOracleWeb(t *testing.T) {
	score := oracle.NewScore(t, "web.jsonl")
	for _, x := range oracle.Load[script](t, "web.jsonl") {
		got, want := playOn(webSession(powershell.Core), x.Script, "NormalView"), x.Output
		ok := got == want
		if ok && x.Concise != "" {
			got, want = playOn(webSession(powershell.Core), x.Script, "ConciseView"), x.Concise
			ok = got == want
		}
		score.Add(x.Area, x.ID, ok, func() string {
			return fmt.Sprintf("%s\n--- got\n%s--- want\n%s---", x.Script, got, want)
		})
	}
	score.Done()
}

func TestWebCmdletsOf51(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{`(Invoke-WebRequest "$env:BASE/text").GetType().Name; (Invoke-WebRequest "$env:BASE/text" -UseBasicParsing).GetType().Name; (Invoke-WebRequest "$env:BASE/bytes").GetType().Name`, "HtmlWebResponseObject\nBasicHtmlWebResponseObject\nWebResponseObject\n"},
		{`$h = (Invoke-WebRequest "$env:BASE/headers").Headers; $h['X-Num'].GetType().Name; $h['X-Multi']; $h.Keys -join ' '`, "String\none,two\nX-Multi X-Num X-Empty x-lower X-Comma Vary Content-Length Cache-Control Content-Type Date ETag Last-Modified Server\n"},
		{`(Invoke-WebRequest "$env:BASE/upload/a.txt" -Method Put -MaximumRedirection 0).StatusCode`, "307\n"},
		{`try { Invoke-WebRequest "$env:BASE/404empty" } catch { $_.Exception.GetType().FullName; "$_"; [int]$_.Exception.Response.StatusCode; $_.FullyQualifiedErrorId }`, "System.Net.WebException\nThe remote server returned an error: (404) Not Found.\n404\nWebCmdletWebResponseException,Microsoft.PowerShell.Commands.InvokeWebRequestCommand\n"},
		{`try { Invoke-WebRequest 'http://nohost.example/' } catch { "$_" }; try { Invoke-WebRequest 'http://127.0.0.1:1/' } catch { "$_" }`, "The remote name could not be resolved: 'nohost.example'\nUnable to connect to the remote server\n"},
		{`(Invoke-RestMethod "$env:BASE/echo" -H @{A = 1}).headers | ConvertTo-Json -Compress`, `{"A":"1","Connection":"Keep-Alive","Host":"HOST","User-Agent":"PowerShell-UA"}` + "\n"},
		{`iwr $env:BASE/text -HttpVersion 2.0`, "A parameter cannot be found that matches parameter name 'HttpVersion'."},
	} {
		if got := strings.ReplaceAll(playOn(webSession(powershell.Desktop), c.script, "NormalView"), "\r", ""); got != c.want && (strings.HasSuffix(c.want, "\n") || !strings.Contains(got, c.want)) {
			t.Errorf("%s\n--- got\n%s--- want\n%s", c.script, got, c.want)
		}
	}
}

// playOn runs a script in a session and returns what it shows.
func playOn(s *powershell.Session, text, view string) (shown string) {
	defer func() {
		if r := recover(); r != nil {
			shown = fmt.Sprint("panic: ", r)
		}
	}()
	var b strings.Builder
	s.Run(context.Background(), "$ErrorView = '"+view+"'", powershell.Run{Out: func(string) {}})
	s.Run(context.Background(), text, powershell.Run{Out: func(t string) { b.WriteString(t) }})
	return b.String()
}
