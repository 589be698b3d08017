package web

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Export writes the site as files that any host can serve: a folder for each
// page, and beside each file its compressed forms, for hosts that can use them.
// What else is in the folder stays: the files of an earlier build are still
// needed by pages that are open.
func (s *Site) Export(dir string) error {
	root, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for name, f := range s.files {
		if err := f.write(root, name); err != nil {
			return err
		}
	}
	for _, p := range s.pages {
		name := path.Join(p.path, "index.html")
		if p.path == notFoundPage {
			name = notFoundPage + ".html"
		}
		if err := s.rendered[p.path].write(root, name); err != nil {
			return err
		}
	}
	return nil
}

func openFolder(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the site: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of the site: %w", err)
	}
	// Not over somebody's home: only into an empty folder or an earlier export.
	if _, err := os.Stat(filepath.Join(dir, "sw.js")); err != nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s has other files in it; name an empty folder, or one that an export made", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of the site: %w", err)
	}
	return root, nil
}

func (f file) write(root *os.Root, name string) error {
	if dir := path.Dir(name); dir != "." {
		made := ""
		for _, part := range strings.Split(dir, "/") {
			made = path.Join(made, part)
			if err := root.Mkdir(made, 0o755); err != nil && !os.IsExist(err) {
				return fmt.Errorf("write the site: %w", err)
			}
		}
	}
	for _, c := range codings {
		body, err := f.open(c.suffix)
		if c.suffix != "" && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		defer body.Close()
		out, err := root.Create(name + c.suffix)
		if err != nil {
			return fmt.Errorf("write the site: %w", err)
		}
		_, err = io.Copy(out, body)
		if closed := out.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
