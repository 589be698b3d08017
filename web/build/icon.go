package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// icon draws assets/icon.svg as a PNG of a size in pixels: a cloud with a prompt
// in it, on a square without round corners, so that it may be cut to any shape.
func icon(size int) ([]byte, error) {
	const fine = 4 // samples along each side of a pixel
	var (
		ground = color.NRGBA{0x24, 0x58, 0xe6, 0xff}
		cloud  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	)
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			hits := 0
			for i := range fine * fine {
				px := (float64(x) + (float64(i%fine)+.5)/fine) / float64(size) * 64
				py := (float64(y) + (float64(i/fine)+.5)/fine) / float64(size) * 64
				if inCloud(px, py) && !inPrompt(px, py) {
					hits++
				}
			}
			share := float64(hits) / (fine * fine)
			mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*share)) }
			m.SetNRGBA(x, y, color.NRGBA{mix(ground.R, cloud.R), mix(ground.G, cloud.G), mix(ground.B, cloud.B), 0xff})
		}
	}
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, m)
	return out.Bytes(), err
}

// inCloud and inPrompt are the icon's shapes on a square of 64 by 64, as in
// assets/icon.svg.
func inCloud(x, y float64) bool {
	in := func(cx, cy, r float64) bool { return math.Hypot(x-cx, y-cy) <= r }
	return in(21, 37, 9) || in(31, 29, 12) || in(43, 36, 10) || x >= 21 && x <= 43 && y >= 34 && y <= 46
}

func inPrompt(x, y float64) bool {
	near := func(ax, ay, bx, by float64) bool {
		t := ((x-ax)*(bx-ax) + (y-ay)*(by-ay)) / ((bx-ax)*(bx-ax) + (by-ay)*(by-ay))
		t = max(0, min(1, t))
		return math.Hypot(x-ax-t*(bx-ax), y-ay-t*(by-ay)) <= 1.6
	}
	return near(23, 31, 29, 36) || near(29, 36, 23, 41) || near(33, 41, 41, 41)
}
