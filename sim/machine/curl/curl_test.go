package curl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
	"skylab/sim/network"
)

// server answers alike on a real socket and in the simulated network. What it
// was sent is echoed under /echo.
func server(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", "Sat, 21 Nov 2026 00:00:00 GMT")
	body, _ := io.ReadAll(r.Body)
	switch {
	case strings.HasPrefix(r.URL.Path, "/redir"):
		w.Header().Set("Location", "http://server.test/final?op=CREATE")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case strings.HasPrefix(r.URL.Path, "/moved"):
		w.Header().Set("Location", "/echo")
		w.WriteHeader(http.StatusFound)
	case strings.HasPrefix(r.URL.Path, "/loop"):
		w.Header().Set("Location", "/loop")
		w.WriteHeader(http.StatusFound)
	case strings.HasPrefix(r.URL.Path, "/400"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"invalid_request"}`)
	case strings.HasPrefix(r.URL.Path, "/echo"):
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "%s %s %s\n", r.Method, r.URL.RequestURI(), r.Host)
		for _, name := range []string{"User-Agent", "Accept", "Metadata", "Authorization", "Content-Type", "Content-Length", "Referer", "Cookie", "A", "X", "Accept-Encoding"} {
			for _, v := range r.Header[name] {
				fmt.Fprintf(w, "%s: %s\n", name, v)
			}
		}
		fmt.Fprintf(w, "\n%s", body)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"access_token":"x"}`)
	}
}

const testFile = "Test file.\nTwo\r\n"

func simulated(t testing.TB, args []string) (string, string, int) {
	t.Helper()
	c := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	n := network.New(c, exchange.NewRing(10))
	n.Attach(network.Host{Pattern: "server.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(server), Header: network.HeaderTable{"Content-Type", "Date", "Location", "Content-Length"}})
	n.Attach(network.Host{Pattern: "broken.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })})
	f := vfs.New(c.Now, 0).As(vfs.Who{User: "root", Root: true})
	f.MkdirAll("/w", 0o755)
	f.MkdirAll("/dev", 0o755)
	f.Mknod("/dev/null", 0o666)
	if err := f.WriteFile("/w/Test1.txt", []byte(testFile), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	p := &tool.Process{Args: append([]string{"curl"}, args...), Dir: "/w", Stdin: strings.NewReader("from stdin"), Stdout: &out, Stderr: &errs, FS: f,
		Card: n.Card(exchange.Caller{Machine: "vm", Address: "10.0.0.4"}), Clock: c}
	status := run(context.Background(), p)
	return out.String(), errs.String(), status
}

// lines are command lines that must do what the real curl does. A blank
// separates arguments; _ stands for a blank within one.
var lines = strings.Split(strings.TrimSpace(`
http://server.test/
-s http://server.test/
-i -s http://server.test/
-si http://server.test/
-sI http://server.test/
-sIX GET http://server.test/
server.test
-s server.test/echo?a=b
-s -H Metadata:true http://server.test/echo
-sH Metadata:true http://server.test/echo
-s -HMetadata:true http://server.test/echo
-s -H A:_1 -H A:_2 -H Host:_foo -H User-Agent: -H X; -H Accept:_x http://server.test/echo
-s --header Metadata:_true --url http://server.test/echo
-s -d a=1 -d b=2 http://server.test/echo
-s -d @Test1.txt http://server.test/echo
-s --data-binary @Test1.txt http://server.test/echo
-s --data-raw @x http://server.test/echo
-s -d @- http://server.test/echo
-s -d @nosuch http://server.test/echo
-s -X POST http://server.test/echo
-s -X POST -d {"a":1} -H Content-Type:_application/json http://server.test/echo
-s --json {"a":1} http://server.test/echo
-s -G --data-urlencode resource=https://management.azure.com/ http://server.test/echo
-s -G --data-urlencode x=a_b&c+ http://server.test/echo
-s -G -d a=1 http://server.test/echo?b=2
-s --data-urlencode a_b http://server.test/echo
-s --data-urlencode =a&b http://server.test/echo
-s --data-urlencode n@Test1.txt http://server.test/echo
-s -T Test1.txt http://server.test/echo
-s -T Test1.txt http://server.test/echo/
-sS -T nosuch http://server.test/
-s -u user:pass http://server.test/echo
-s --oauth2-bearer abc http://server.test/echo
-s -A ua -e ref -b c=1 http://server.test/echo
-s --compressed http://server.test/echo
-s -k http://server.test/echo
-s http://server.test/redir -o /dev/null -w %{http_code}_%{redirect_url}\n
-s -L http://server.test/redir -o /dev/null -w %{http_code}_%{num_redirects}_%{url_effective}\n
-s -i -L http://server.test/redir
-sL -d x=1 http://server.test/moved
-sL -X POST -d x=1 http://server.test/moved
-sSL --max-redirs 3 http://server.test/loop
-sS -f http://server.test/400
-s -f http://server.test/400
-sS --fail-with-body http://server.test/400
-s http://server.test/400
-s -o out.txt http://server.test/
-sO http://server.test/name
-sO http://server.test/
-sS -o /nosuch/x http://server.test/
-s -D - -o /dev/null http://server.test/
-s -w \n%{http_code}_%{content_type}_%{size_download}_%{method}\n http://server.test/
-s -w %{nosuch} http://server.test/
-s -w a%%b\t http://server.test/
-s http://server.test/{a,b}
-s http://server.test/echo/[1-3]
-s http://server.test/echo/[01-03:2]
-s http://server.test/echo/[a-c]
-sS http://server.test/[1-
-sS http://server.test/{a
-s -g http://server.test/echo/{a}
-s http://server.test/ http://server.test/400
-sS foo://x
-sS
-sS --nope http://x
-sS -H
-sS --header
-sS -
-sS http://
-sS http://server.test/a_b
-sS -z
-sS --da x http://server.test/
-s --insecure --http1.1 -N http://server.test/echo
-s --sil --show-e http://server.test/echo
-s -X DELETE http://server.test/echo
-s -I http://server.test/echo
-s -w %{header_json} -o /dev/null http://server.test/
-s -H @Test1.txt http://server.test/echo
-s -d a http://server.test/echo -w %{size_upload}
-s --max-time 5 --connect-timeout 2 http://server.test/
-s http://server.test/#frag
-s http://server.test
`), "\n")

func arguments(line string) []string {
	f := strings.Fields(line)
	for i := range f {
		f[i] = strings.ReplaceAll(f[i], "_", " ")
	}
	return f
}

// meter is the part of the progress meter that depends on real time.
var meter = regexp.MustCompile(`\r[ 0-9]+[0-9kM :-]*\n?`)

func TestAgainstRealCurl(t *testing.T) {
	out, err := exec.Command("curl", "--version").Output()
	if err != nil || !strings.HasPrefix(string(out), "curl 7.88.1") {
		t.Skip("curl 7.88.1 is not on this machine")
	}
	real := httptest.NewServer(http.HandlerFunc(server))
	defer real.Close()
	_, port, _ := net.SplitHostPort(real.Listener.Addr().String())
	for _, line := range lines {
		args := arguments(line)
		for i, a := range args {
			args[i] = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(a, "http code", "http_code"), "redirect url", "redirect_url"), "num redirects", "num_redirects"), "url effective", "url_effective")
			for _, v := range []string{"content_type", "size_download", "size_upload", "header_json"} {
				args[i] = strings.ReplaceAll(args[i], strings.ReplaceAll(v, "_", " "), v)
			}
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Test1.txt"), []byte(testFile), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("curl", append([]string{"-q", "--connect-to", "server.test:80:127.0.0.1:" + port}, args...)...)
		cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader("from stdin"), []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
		var wantOut, wantErr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &wantOut, &wantErr
		_ = cmd.Run()
		gotOut, gotErr, status := simulated(t, args)
		clean := func(s string) string { return meter.ReplaceAllString(s, "<meter>") }
		if gotOut != wantOut.String() || clean(gotErr) != clean(wantErr.String()) || status != cmd.ProcessState.ExitCode() {
			t.Errorf("curl %s\n got %q %q %d\nwant %q %q %d", strings.Join(args, " "), gotOut, gotErr, status, wantOut.String(), wantErr.String(), cmd.ProcessState.ExitCode())
		}
	}
}

func TestUnreachable(t *testing.T) {
	for _, c := range []struct {
		line, err string
		status    int
	}{
		{"-sS http://nosuch.invalid/", "curl: (6) Could not resolve host: nosuch.invalid\n", 6},
		{"-sS http://localhost:1/", "curl: (7) Failed to connect to localhost port 1 after 0 ms: Couldn't connect to server\n", 7},
		{"-sS http://broken.test/", "curl: (52) Empty reply from server\n", 52},
		{"-sS --connect-timeout 2 http://10.9.9.9/", "curl: (28) Failed to connect to 10.9.9.9 port 80 after 2001 ms: Timeout was reached\n", 28},
		{"-s --connect-timeout 2 http://10.9.9.9/", "", 28},
		{"-sS -x http://p http://server.test/", "curl: skylab: curl -x is real but not simulated here\n", 2},
	} {
		out, errs, status := simulated(t, strings.Fields(c.line))
		if out != "" || errs != c.err || status != c.status {
			t.Errorf("curl %s: %q %q %d", c.line, out, errs, status)
		}
	}
}

func TestVerboseKeepsTheTypedSpelling(t *testing.T) {
	_, errs, _ := simulated(t, []string{"-sv", "-H", "Metadata:true", "-H", "B: x", "http://server.test/"})
	for _, want := range []string{"> GET / HTTP/1.1\r\n> Host: server.test\r\n> User-Agent: curl/7.88.1\r\n> Accept: */*\r\n> Metadata:true\r\n> B: x\r\n> \r\n", "< HTTP/1.1 200 OK\r\n", "{ [20 bytes data]\n", "* Connection #0 to host server.test left intact\n"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not in %q", want, errs)
		}
	}
}

func FuzzCurl(f *testing.F) {
	for _, l := range lines {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, line string) { simulated(t, arguments(line)) })
}

func FuzzGlob(f *testing.F) {
	f.Add("http://x/{a,b}[1-3]")
	f.Fuzz(func(t *testing.T, in string) {
		if list, err := glob(in); err == nil && (len(list) == 0 || len(list) > maxGlob) {
			t.Fatalf("%q stands for %d URLs", in, len(list))
		}
	})
}
