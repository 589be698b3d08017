package curl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
		for _, name := range []string{"User-Agent", "Accept", "Metadata", "Authorization", "Content-Type", "Content-Length", "Referer", "Cookie", "Range", "Proxy-Authorization", "Proxy-Connection", "B", "A", "X", "Accept-Encoding"} {
			for _, v := range r.Header[name] {
				fmt.Fprintf(w, "%s: %s\n", name, v)
			}
		}
		fmt.Fprintf(w, "\n%s", body)
	case strings.HasPrefix(r.URL.Path, "/form"):
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, r.Header.Get("Content-Type")+" "+r.Header.Get("Content-Length")+"\n"+string(body))
	case strings.HasPrefix(r.URL.Path, "/cookies"):
		w.Header().Add("Set-Cookie", "a=1; Path=/; HttpOnly")
		w.Header().Add("Set-Cookie", "b=2; Domain=server.test; Expires=Wed, 01 Jan 2070 00:00:00 GMT")
		io.WriteString(w, r.Header.Get("Cookie"))
	case strings.HasPrefix(r.URL.Path, "/setmoved"):
		w.Header().Set("Set-Cookie", "a=1; Path=/")
		w.Header().Set("Location", "/echo")
		w.WriteHeader(http.StatusFound)
	case strings.HasPrefix(r.URL.Path, "/big"):
		io.WriteString(w, strings.Repeat("x", 11<<10))
	case strings.HasPrefix(r.URL.Path, "/busy"):
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "busy\n")
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"access_token":"x"}`)
	}
}

// proxied answers as a proxy that fetches from server itself.
func proxied(w http.ResponseWriter, r *http.Request) {
	u, err := url.Parse(r.RequestURI)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%s %s\n", r.Method, r.RequestURI)
	r.URL = u
	server(w, r)
}

// given are the files of the working directory.
var given = map[string]string{
	"Test1.txt": testFile,
	"conf":      "# options\n-H \"A: 1\"\nheader = \"X: \\\"q\\\"\"\nuser-agent: ua\n\ndata=x y\n--request PUT\nnosuch = 1\n",
	"netrc":     "machine other.test login no password no\nmachine server.test login me\n  password secret\n",
	"bad":       "nosuch\nheader\nuser = a b\n",
	"jar":       "# Netscape HTTP Cookie File\nserver.test\tFALSE\t/\tFALSE\t0\tk\tv\n#HttpOnly_.server.test\tTRUE\t/cookies\tFALSE\t4102444800\tlong\tx\nother.test\tFALSE\t/\tFALSE\t0\tz\tv\n",
}

const testFile = "Test file.\nTwo\r\n"

func simulated(t testing.TB, args []string) (string, string, int) {
	t.Helper()
	return with(t, nil, args)
}

func with(t testing.TB, env, args []string) (string, string, int) {
	t.Helper()
	c := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	n := network.New(c, exchange.NewRing(10))
	n.Attach(network.Host{Pattern: "server.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(server), Header: network.HeaderTable{"Content-Type", "Date", "Location", "Content-Length"}})
	n.Attach(network.Host{Pattern: "tls.test", Schemes: []string{"https"}, Handler: http.HandlerFunc(server)})
	n.Attach(network.Host{Pattern: "broken.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })})
	f := vfs.New(c.Now, 0).As(vfs.Who{User: "root", Root: true})
	f.MkdirAll("/w", 0o755)
	f.MkdirAll("/dev", 0o755)
	f.Mknod("/dev/null", vfs.Device{Kind: "null"}, 0o666)
	n.Attach(network.Host{Pattern: "proxy.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(proxied)})
	for name, text := range given {
		if err := f.WriteFile("/w/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	p := &tool.Process{Args: append([]string{"curl"}, args...), Environ: env, Dir: "/w", Stdin: strings.NewReader("from stdin\n"), Stdout: &out, Stderr: &errs, FS: f,
		Card: n.Card(exchange.Caller{Machine: "vm", Address: "10.0.0.4"}), Clock: c}
	status := run(context.Background(), p)
	return out.String(), errs.String(), status
}

func arguments(line string) []string {
	f := strings.Fields(line)
	for i := range f {
		f[i] = strings.ReplaceAll(f[i], "_", " ")
	}
	return f
}

// meter is the part of the progress meter that depends on real time.
var meter = regexp.MustCompile(`\r[ 0-9]+[0-9kM :-]*\n?`)

var boundary = regexp.MustCompile(`-{24}[0-9a-f]{16}`)

func TestAgainstRealCurl(t *testing.T) {
	out, err := exec.Command("curl", "--version").Output()
	if err != nil || !strings.HasPrefix(string(out), "curl 7.88.1") {
		t.Skip("curl 7.88.1 is not on this machine")
	}
	real := httptest.NewServer(http.HandlerFunc(server))
	defer real.Close()
	proxy := httptest.NewServer(http.HandlerFunc(proxied))
	defer proxy.Close()
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
		for name, text := range given {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var ours, theirs []string
		for _, a := range args {
			ours = append(ours, strings.ReplaceAll(a, "PROXY", "proxy.test:80"))
			theirs = append(theirs, strings.ReplaceAll(a, "PROXY", proxy.Listener.Addr().String()))
		}
		connect := []string{"-q", "--connect-to", "server.test:80:127.0.0.1:" + port}
		for i := range theirs { // options stand for what is behind --next too
			if theirs[i] == "--next" {
				theirs = slices.Insert(theirs, i+1, connect[1:]...)
				break
			}
		}
		if slices.ContainsFunc(theirs, func(a string) bool { return strings.Contains(a, proxy.Listener.Addr().String()) }) && !slices.Contains(theirs, "--noproxy") {
			connect = connect[:1]
		}
		cmd := exec.Command("curl", append(connect, theirs...)...)
		cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader("from stdin\n"), []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
		var wantOut, wantErr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &wantOut, &wantErr
		_ = cmd.Run()
		gotOut, gotErr, status := simulated(t, ours)
		clean := func(s string) string {
			return strings.ReplaceAll(boundary.ReplaceAllString(meter.ReplaceAllString(s, "<meter>"), "<boundary>"), proxy.Listener.Addr().String(), "proxy.test:80")
		}
		if clean(gotOut) != clean(wantOut.String()) || clean(gotErr) != clean(wantErr.String()) || status != cmd.ProcessState.ExitCode() {
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
		{"-sS -E p http://server.test/", "skylab: curl --cert is real but not simulated here\n", 2},
		{"-sS --connect-to x.test:443:tls.test: https://x.test/", "curl: (60) SSL: no alternative certificate subject name matches target host name 'x.test'\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.\n", 60},
		{"-sS --connect-to x.test:443:nosuch.invalid: https://x.test/", "curl: (6) Could not resolve host: nosuch.invalid\n", 6},
		{"-sSk -o /dev/null --connect-to x.test:443:tls.test: https://x.test/", "", 0},
		{"-sS --resolve server.test:80:10.9.9.9 --connect-timeout 2 http://server.test/", "curl: (28) Failed to connect to server.test port 80 after 2001 ms: Timeout was reached\n", 28},
		{"-sv --connect-timeout 2 http://10.9.9.9/", "*   Trying 10.9.9.9:80...\n* ipv4 connect timeout after 2000ms, move on!\n* Failed to connect to 10.9.9.9 port 80 after 2001 ms: Timeout was reached\n* Closing connection 0\n", 28},
		{"-sv http://10.9.9.9/", "*   Trying 10.9.9.9:80...\n* connect to 10.9.9.9 port 80 failed: Connection timed out\n* Failed to connect to 10.9.9.9 port 80 after 127000 ms: Couldn't connect to server\n* Closing connection 0\n", 28},
		{"-sv http://nosuch.invalid/", "* Could not resolve host: nosuch.invalid\n* Closing connection 0\n", 6},
		{"-sS --parallel-max 3 http://server.test/", "skylab: curl --parallel-max is real but not simulated here\n", 2},
		{"-sS ftp://server.test/", "skylab: curl ftp:// is real but not simulated here\n", 1},
		{"-sS -x socks5://p http://server.test/", "skylab: curl through a socks5:// proxy is real but not simulated here\n", 7},
	} {
		out, errs, status := simulated(t, strings.Fields(c.line))
		if out != "" || errs != c.err || status != c.status {
			t.Errorf("curl %s: %q %q %d", c.line, out, errs, status)
		}
	}
}

func TestResolveToTheNamesOwnAddress(t *testing.T) {
	n := network.New(clock.New(time.Time{}), exchange.NewRing(1))
	n.Attach(network.Host{Pattern: "tls.test"})
	address, _ := n.Resolve("tls.test")
	if out, errs, status := simulated(t, []string{"-sS", "--resolve", "tls.test:443:" + address, "https://tls.test/"}); status != 0 || errs != "" || out == "" {
		t.Errorf("%q %q %d", out, errs, status)
	}
}

func TestLimitRateTakesTheLabsTime(t *testing.T) {
	for _, c := range []struct{ line, times, errs string }{
		{"-sS -o /dev/null -w %{time_total}", "0.020000", ""},
		{"-sS -o /dev/null -w %{time_total} --limit-rate 1k", "10.020000", ""},
		{"-sS -o /dev/null -w %{time_total} --limit-rate 2K", "4.520000", ""},
		{"-sS -o /dev/null -w %{time_total} --limit-rate 1k -m 3", "3.020000", "curl: (28) Operation timed out after 3000 milliseconds with 4096 out of 11264 bytes received\n"},
	} {
		out, errs, _ := simulated(t, append(strings.Fields(c.line), "http://server.test/big"))
		if out != c.times || errs != c.errs {
			t.Errorf("curl %s: %q %q", c.line, out, errs)
		}
	}
}

func TestTheEnvironmentNamesAProxy(t *testing.T) {
	for _, c := range []struct {
		env, line, err string
	}{
		{"http_proxy=http://nosuch.invalid:3128", "-sS http://server.test/", "curl: (5) Could not resolve proxy: nosuch.invalid\n"},
		{"HTTP_PROXY=http://nosuch.invalid:3128", "-sS http://server.test/", ""},
		{"ALL_PROXY=nosuch.invalid", "-sS http://server.test/", "curl: (5) Could not resolve proxy: nosuch.invalid\n"},
		{"http_proxy=http://nosuch.invalid:3128", "-sS --noproxy * http://server.test/", ""},
		{"http_proxy=nosuch.invalid no_proxy=.test,x", "-sS http://server.test/", ""},
		{"http_proxy=nosuch.invalid NO_PROXY=ver.test", "-sS http://server.test/", "curl: (5) Could not resolve proxy: nosuch.invalid\n"},
		{"https_proxy=nosuch.invalid", "-sS http://server.test/", ""},
		{"https_proxy=nosuch.invalid", "-sS https://server.test/", "curl: (5) Could not resolve proxy: nosuch.invalid\n"},
	} {
		if _, errs, _ := with(t, strings.Fields(c.env), strings.Fields(c.line)); errs != c.err {
			t.Errorf("%s curl %s: %q", c.env, c.line, errs)
		}
	}
}

func TestEveryRealOptionIsKnown(t *testing.T) {
	out, err := exec.Command("curl", "--help", "all").Output()
	if err != nil || !strings.Contains(string(out), "--url-query") {
		t.Skip("curl 7.88.1 is not on this machine")
	}
	for _, line := range strings.Split(string(out), "\n")[1:] {
		m := regexp.MustCompile(`^ ?(?:-(.), )? *--(\S+)`).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		o, negated, err := longOption("--" + m[2])
		if err != nil {
			t.Errorf("--%s: %v", m[2], err)
		}
		if m[1] != "" {
			if s, n, ok := shortOption(m[1]); !ok || s != o || n != negated {
				t.Errorf("-%s is %v, not --%s", m[1], s, m[2])
			}
		}
		asks, _ := exec.Command("curl", "--"+m[2]).CombinedOutput()
		if o.arg != strings.Contains(string(asks), "requires parameter") {
			t.Errorf("--%s: takes an argument: %v", m[2], o.arg)
		}
	}
	for _, o := range table {
		if _, hits := real(canonical(o)); hits != 1 {
			t.Errorf("--%s is not curl's", o.Long)
		}
	}
}

func FuzzConfig(f *testing.F) {
	for _, text := range given {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &command{p: &tool.Process{Stderr: io.Discard, Stdin: strings.NewReader(""), FS: vfs.New(time.Now, 0).As(vfs.Who{User: "u"})}, shared: new([]tool.Opt), jar: &jar{}}
		for n, line := range strings.Split(text, "\n") {
			_ = c.configLine("f", n, line)
		}
	})
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
