package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"path"

	"github.com/andybalholm/brotli"
)

// codings are how a file can be sent, the best first, with the ends of the
// names under which a built site has them.
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}}

// file is a file of a site.
type file struct {
	kind      string // its Content-Type
	tag       string // names its content
	immutable bool   // its address names its content
	open      func(suffix string) (io.ReadSeekCloser, error)
}

// window is the largest of brotli's windows that browsers must take, as a power
// of two: the modules repeat themselves over long distances.
const window = 24

// Compress returns data as brotli, at a level of 0 to 11, and as gzip.
func Compress(data []byte, level int) (br, gz []byte, err error) {
	var b, g bytes.Buffer
	z, err := gzip.NewWriterLevel(&g, min(level, gzip.BestCompression))
	if err != nil {
		return nil, nil, err
	}
	for _, w := range []io.WriteCloser{brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: level, LGWin: window}), z} {
		if _, err := w.Write(data); err != nil {
			return nil, nil, err
		}
		if err := w.Close(); err != nil {
			return nil, nil, err
		}
	}
	return b.Bytes(), g.Bytes(), nil
}

// newFile makes a file of what was made when the site was.
func newFile(name string, data []byte) (file, error) {
	br, gz, err := Compress(data, 6)
	if err != nil {
		return file{}, err
	}
	forms := map[string][]byte{"": data, ".br": br, ".gz": gz}
	return file{kind: contentType(name), tag: sum(data), open: func(suffix string) (io.ReadSeekCloser, error) {
		return nopCloser{bytes.NewReader(forms[suffix])}, nil
	}}, nil
}

// builtFile is a file of a built site, compressed already.
func builtFile(built fs.FS, name, tag string) file {
	return file{kind: contentType(name), tag: tag, open: func(suffix string) (io.ReadSeekCloser, error) {
		f, err := built.Open(name + suffix)
		if err != nil {
			return nil, err
		}
		if s, ok := f.(io.ReadSeekCloser); ok {
			return s, nil
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		return nopCloser{bytes.NewReader(data)}, err
	}}
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// sum names a content.
func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])[:16]
}

func contentType(name string) string {
	switch ext := path.Ext(name); ext { // the same on every machine
	case ".wasm":
		return "application/wasm"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}
