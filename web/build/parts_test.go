package main

import (
	"reflect"
	"testing"
)

// section is a section of a module, shorter than 128 bytes.
func section(id byte, body ...byte) []byte { return append([]byte{id, byte(len(body))}, body...) }

func TestPartsOfAModule(t *testing.T) {
	name := func(i byte, s string) []byte { return append([]byte{i, byte(len(s))}, s...) }
	names := append([]byte{2}, append(name(1, "skylab_sim_x._T_.f"), name(2, "sort.Ints")...)...)
	module := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range [][]byte{
		section(importSection, 1, 1, 'a', 1, 'b', 0, 0), section(codeSection, 2, 3, 0, 1, 2, 5, 0, 1, 2, 3, 4), section(dataSection, 9, 9),
		section(customSection, append([]byte{4, 'n', 'a', 'm', 'e', 1, byte(len(names))}, names...)...),
	} {
		module = append(module, s...)
	}
	packages := map[string]string{"skylab_sim_x": "skylab/sim/x", "sort": "sort"}
	got, err := parts(module, packages)
	if want := []part{{"sort", 5}, {"skylab/sim/x", 3}, {"(data)", 2}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := parts(module[:20], packages); err == nil {
		t.Error("half a module has parts")
	}
}

func FuzzParts(f *testing.F) {
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x0a\x02\x01\x00"))
	f.Fuzz(func(t *testing.T, data []byte) { _, _ = parts(data, nil) })
}
