package main

import (
	"bytes"
	"image/color"
	"image/png"
	"io/fs"
	"strings"
	"testing"

	"skylab/assets"
)

func TestIcon(t *testing.T) {
	const size = 64
	data, err := icon(size)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil || m.Bounds().Dx() != size || m.Bounds().Dy() != size {
		t.Fatalf("%v, %v", m.Bounds(), err)
	}
	blue, white := color.NRGBA{0x24, 0x58, 0xe6, 0xff}, color.NRGBA{0xff, 0xff, 0xff, 0xff}
	for at, want := range map[[2]int]color.NRGBA{{0, 0}: blue, {63, 63}: blue, {31, 22}: white, {18, 40}: white, {37, 41}: blue} {
		if got := color.NRGBAModel.Convert(m.At(at[0], at[1])); got != want {
			t.Errorf("at %v it is %v, not %v", at, got, want)
		}
	}
}

func TestEveryDocumentReads(t *testing.T) {
	names, err := fs.Glob(assets.FS, "documents/*.md")
	if err != nil || len(names) < 3 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		d, err := readDocument(name)
		if err != nil || len(d.Sections) < 2 || len(d.Sections[1].Blocks) == 0 {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

func TestABetterCompressedSiteServes(t *testing.T) {
	for marker, want := range map[string]bool{"a b 5": true, "a b 11": true, "a b 4": false, "a c 11": false, "a b ": false, "": false} {
		if got := isBuilt(marker, "a b ", 5); got != want {
			t.Errorf("%q: %v", marker, got)
		}
	}
}

func TestTheLimitsTellWhatIsThere(t *testing.T) {
	d, err := readDocument("documents/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, s := range d.Sections {
		for _, b := range s.Blocks {
			texts[s.Heading] += b.HTML
		}
	}
	for heading, want := range map[string]string{
		"Resource types": "<strong>Microsoft.Compute</strong>: ", "The Azure CLI": "<strong>vm identity</strong>: <code>assign</code>, ",
		"Programs of a Linux machine": "<code>curl</code>", "Programs of a Windows machine": "<code>ipconfig</code>", "Commands of PowerShell": "<code>Get-ChildItem</code>",
	} {
		if !strings.Contains(texts[heading], want) {
			t.Errorf("%s lacks %s: %.300s", heading, want, texts[heading])
		}
	}
}
