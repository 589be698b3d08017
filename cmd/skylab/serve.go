package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"skylab/tutorials/lesson"
	"skylab/web"
)

func runServe(ctx context.Context, args []string, std streams) int {
	f := flag.NewFlagSet("skylab serve", flag.ContinueOnError)
	addr := f.String("addr", "127.0.0.1:8080", "the `HOST:PORT` to listen on; \":8080\" is every address of this machine")
	base := f.String("base", "/", "the `PATH` below which the site stands, or its whole address, as https://docs.example/skylab/")
	lessons := f.String("lessons", "", "add the lessons in the folders of `DIR`")
	quiet := f.Bool("quiet", false, "do not log requests on standard error")
	f.Usage = func() {
		fmt.Fprint(f.Output(), "Usage: skylab serve [OPTION]...\n\nServes the site to browsers on this machine until it is interrupted.\nGET /healthz answers ok.\n\nOptions:\n")
		f.PrintDefaults()
	}
	if code, ok := parseFlags(f, args, std); !ok {
		return code
	}
	if f.NArg() > 0 {
		return fail(std, fmt.Errorf("serve takes no argument; %q is too many", f.Arg(0)))
	}
	path, origin, err := parseBase(*base)
	if err != nil {
		return fail(std, err)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return fail(std, fmt.Errorf("listen on %s: %w", *addr, err))
	}
	defer l.Close()
	here := "http://" + l.Addr().String()
	if origin == "" {
		origin = here
	}
	site, err := makeSite(web.Options{Base: path, Origin: origin}, *lessons)
	if err != nil {
		return fail(std, err)
	}
	fmt.Fprintf(std.out, "Skylab is at %s%s\n", here, path)
	if host, _, _ := net.SplitHostPort(*addr); !loopback(host) {
		fmt.Fprintf(std.out, "It listens on %s: other machines can reach it. Over plain http their browsers keep nothing for use offline.\n", *addr)
	}
	logTo := std.err
	if *quiet {
		logTo = io.Discard
	}
	return serve(ctx, l, logged(site.Handler(), logTo), std)
}

// serve answers until ctx ends, then lets what is under way finish.
func serve(ctx context.Context, l net.Listener, h http.Handler, std streams) int {
	s := &http.Server{
		Handler: h, ErrorLog: log.New(std.err, "skylab: ", 0), MaxHeaderBytes: 32 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		WriteTimeout: 10 * time.Minute, // the lab over a very slow line
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fail(std, err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fail(std, fmt.Errorf("stop: %w", err))
	}
	return exitFine
}

func runExport(_ context.Context, args []string, std streams) int {
	f := flag.NewFlagSet("skylab export", flag.ContinueOnError)
	base := f.String("base", "", "the `PATH` below which the files will stand, or their whole address, as https://docs.example/skylab/")
	lessons := f.String("lessons", "", "add the lessons in the folders of `DIR`")
	f.Usage = func() {
		fmt.Fprint(f.Output(), "Usage: skylab export [OPTION]... DIR\n\nWrites the site to DIR as static files for any host. Without --base they work\nbelow any path; a path makes the page for wrong addresses (404.html) work at any\ndepth, and a whole address adds canonical addresses and sitemap.xml.\n\nOptions:\n")
		f.PrintDefaults()
	}
	if code, ok := parseFlags(f, args, std); !ok {
		return code
	}
	if f.NArg() != 1 {
		return fail(std, errors.New("export takes one argument, the folder to write to"))
	}
	path, origin := "", ""
	if *base != "" {
		var err error
		if path, origin, err = parseBase(*base); err != nil {
			return fail(std, err)
		}
	}
	site, err := makeSite(web.Options{Base: path, Origin: origin}, *lessons)
	if err != nil {
		return fail(std, err)
	}
	if err := site.Export(f.Arg(0)); err != nil {
		return fail(std, err)
	}
	fmt.Fprintf(std.out, "The site is in %s\n", f.Arg(0))
	return exitFine
}

// parseBase reads a path, or a whole address, that ends in a slash or is given
// one.
func parseBase(base string) (path, origin string, err error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("the base %q cannot be read: %w", base, err)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Opaque != "":
		return "", "", fmt.Errorf("the base %q is more than an address and a path", base)
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(base, "/"):
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		origin = u.Scheme + "://" + u.Host
	default:
		return "", "", fmt.Errorf("the base %q is neither a path that begins with a slash nor an address that begins with https://", base)
	}
	path = u.EscapedPath()
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	if strings.Contains(path, "//") || strings.Contains(path, "/../") || strings.Contains(path, "/./") || strings.Contains(path, "%") {
		return "", "", fmt.Errorf("the base %q is no plain path", base)
	}
	return path, origin, nil
}

// makeSite makes the site with the lessons of a folder, if one is named.
func makeSite(o web.Options, lessons string) (*web.Site, error) {
	built, err := web.Built()
	if err != nil {
		return nil, err
	}
	if lessons != "" {
		if o.Lessons, err = readLessons(lessons); err != nil {
			return nil, err
		}
	}
	return web.New(built, o)
}

// readLessons reads every lesson in the folders of a folder. All that is wrong
// is told at once, by file and line.
func readLessons(dir string) ([]*lesson.Lesson, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the lessons: %w", err)
	}
	var list []*lesson.Lesson
	var wrong []error
	for _, e := range entries {
		folder := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(folder, "lab.yaml")); err != nil {
			continue
		}
		l, err := findLesson(folder)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		list = append(list, l)
	}
	if len(list) == 0 && len(wrong) == 0 {
		return nil, fmt.Errorf("%s has no lessons; one is a folder with article.md and lab.yaml", dir)
	}
	return list, errors.Join(wrong...)
}

// logged writes a line for each request that was answered.
func logged(h http.Handler, to io.Writer) http.Handler {
	lines := log.New(to, "", log.LstdFlags|log.LUTC)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		c := &counter{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(c, r)
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		lines.Printf("%s %s %q %d %d %v", host, r.Method, r.URL.RequestURI(), c.status, c.bytes, time.Since(began).Round(time.Microsecond))
	})
}

// counter notes what an answer was.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
