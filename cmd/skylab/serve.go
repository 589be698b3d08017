package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"time"

	"skylab/web"
)

func runServe(ctx context.Context, args []string, std streams) int {
	f := flag.NewFlagSet("skylab serve", flag.ContinueOnError)
	addr := f.String("addr", "127.0.0.1:8080", "the `HOST:PORT` to listen on")
	f.Usage = func() {
		fmt.Fprint(f.Output(), "Usage: skylab serve [OPTION]...\n\nServes the site to browsers on this machine.\n\nOptions:\n")
		f.PrintDefaults()
	}
	if code, ok := parseFlags(f, args, std); !ok {
		return code
	}
	if f.NArg() > 0 {
		return fail(std, fmt.Errorf("serve takes no argument; %q is too many", f.Arg(0)))
	}
	site, err := web.Site()
	if err != nil {
		return fail(std, err)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return fail(std, fmt.Errorf("listen on %s: %w", *addr, err))
	}
	fmt.Fprintf(std.out, "Skylab is at http://%s\n", l.Addr())
	if host, _, _ := net.SplitHostPort(*addr); !loopback(host) {
		fmt.Fprintf(std.out, "It listens on %s: other machines can reach it.\n", *addr)
	}
	s := &http.Server{Handler: web.Handler(site), ReadHeaderTimeout: 10 * time.Second}
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

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
