package sim

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"skylab/sim/labapi"
	"skylab/sim/machine/tool"
	"skylab/sim/sorting"
)

// openEditor is where to tell a command what is done in the editor it opened.
type openEditor struct {
	acts  chan edited
	ended <-chan struct{} // closed when the command ends
}

// edited is what a person did in an editor, with where to tell how it went.
type edited struct {
	labapi.Edited
	reply chan error
}

// editor opens files in the page for the command that runs in a console.
func (s *Service) editor(console string, out *printer) tool.Edit {
	return func(ctx context.Context, program, name string, text []byte, isNew bool, save func([]byte) error) error {
		acts := make(chan edited)
		s.mu.Lock()
		s.edit[console] = openEditor{acts, ctx.Done()}
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			delete(s.edit, console)
			s.mu.Unlock()
		}()
		out.flush()
		s.send(labapi.Message{Event: &labapi.Event{Edit: &labapi.Edit{Console: console, Program: program, Path: name, Text: string(text), New: isNew}}})
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case a := <-acts:
				var err error
				if a.Save {
					err = save([]byte(a.Text))
				}
				a.reply <- err
				if a.Close && err == nil {
					return nil
				}
			}
		}
	}
}

// edited passes on what the person does in an editor, and waits until it is done.
func (s *Service) edited(a labapi.Edited) error {
	s.mu.Lock()
	o, ok := s.edit[a.Console]
	s.mu.Unlock()
	if !ok {
		return errNoEditor
	}
	e := edited{a, make(chan error, 1)}
	select {
	case o.acts <- e:
		return <-e.reply
	case <-o.ended:
		return errNoEditor
	}
}

var errNoEditor = errors.New("the command that opened this editor has ended")

// file lists, reads or writes what a console's user may.
func (s *Service) file(op string, a labapi.File) (any, error) {
	c, err := s.find(a.Console)
	if err != nil {
		return nil, err
	}
	m := s.lab.machines[c.Machine()]
	user, ok := m.User(c.Session().User())
	if !ok {
		return nil, fmt.Errorf("%s has no user %s", m.Name, c.Session().User())
	}
	files, name := m.Files(user), a.Path
	if !path.IsAbs(name) {
		name = path.Join(c.Session().Dir(), name)
	}
	switch op {
	case labapi.OpRead:
		data, err := files.ReadFile(name)
		return labapi.File{Path: name, Data: data}, err
	case labapi.OpWrite:
		if err := s.lab.undoable("write "+a.Path, func() error { return files.WriteFile(name, a.Data, 0o644) }); err != nil {
			return nil, err
		}
		if err := s.update(); err != nil {
			return nil, err
		}
		return s.view(), s.keep()
	}
	infos, err := files.ReadDir(name)
	if err != nil {
		return nil, err
	}
	f := labapi.Folder{Path: path.Clean(name), Entries: []labapi.Entry{}}
	for _, i := range infos {
		f.Entries = append(f.Entries, labapi.Entry{Name: i.Name(), Dir: i.IsDir(), Size: i.Size()})
	}
	sorting.By(f.Entries, func(x, y labapi.Entry) int {
		if x.Dir != y.Dir {
			if x.Dir {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Name, y.Name)
	})
	return f, nil
}

// close ends a console.
func (s *Service) close(id string) {
	s.lab.Close(id)
	s.open = slices.DeleteFunc(s.open, func(x string) bool { return x == id })
	s.mu.Lock()
	delete(s.blocks, id)
	s.mu.Unlock()
}
