package app

import (
	"fmt"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Rooms of the page: side by side on a wide screen, one at a time on a phone.
const (
	roomLesson  = "lesson"
	roomWork    = "work"
	roomInspect = "inspect"
)

// splitter is a bar between two rooms that can be moved.
type splitter struct {
	name     string  // its place among what the browser keeps
	variable string  // the style sheet's
	start    float64 // the size in percent until it was moved
	min, max float64 // percent
}

var splitters = map[string]splitter{
	"side": {"skylab.split.side", "--side", 42, 20, 75},
	"low":  {"skylab.split.low", "--low", 34, 10, 80},
}

// size puts a splitter in place and remembers it.
func (s splitter) size(ctx goapp.Context, to float64) {
	to = max(s.min, min(s.max, to))
	document := goapp.Window().Get("document")
	if bar := document.Call("querySelector", "[data-split="+strconv.Quote(s.variable)+"]"); bar.Truthy() {
		bar.Call("setAttribute", "aria-valuenow", strconv.Itoa(int(to)))
	}
	root := document.Get("documentElement")
	root.Get("style").Call("setProperty", s.variable, fmt.Sprintf("%.1f%%", to))
	if storageWorks() {
		_ = ctx.LocalStorage().Set(s.name, to) // a size is not worth a message
	}
}

// read is where a splitter stands.
func (s splitter) read(ctx goapp.Context) float64 {
	at := s.start
	if storageWorks() {
		_ = ctx.LocalStorage().Get(s.name, &at)
	}
	return at
}

// placeSplitters puts the bars where they were left.
func placeSplitters(ctx goapp.Context) {
	for _, s := range splitters {
		if at := s.read(ctx); at > 0 {
			s.size(ctx, at)
		}
	}
}

// renderSplitter draws a bar that the pointer drags and the arrow keys move.
func (w *Workspace) renderSplitter(which string) goapp.UI {
	s := splitters[which]
	orientation := "horizontal"
	if which == "side" {
		orientation = "vertical"
	}
	return el("div", "split "+which).Attr("role", "separator").Attr("tabindex", 0).Attr("aria-label", texts.split).Attr("aria-orientation", orientation).
		Attr("aria-valuemin", int(s.min)).Attr("aria-valuemax", int(s.max)).Attr("aria-valuenow", int(s.start)).Attr("data-split", s.variable).Attr("data-which", which)
}

// splitKey moves a splitter by a key.
func (w *Workspace) splitKey(which, chord string) bool {
	by := map[string]float64{"side ArrowLeft": -2, "side ArrowRight": 2, "low ArrowUp": 2, "low ArrowDown": -2}[which+" "+chord]
	if which == "side" && rtl() {
		by = -by
	}
	if by != 0 {
		splitters[which].size(w.ctx, splitters[which].read(w.ctx)+by)
	}
	return by != 0
}

func rtl() bool { return goapp.Window().Get("document").Get("dir").String() == "rtl" }

// drag follows the pointer while a bar is held.
func (w *Workspace) drag(e goapp.Value) {
	box := byID(roomsID).Call("getBoundingClientRect")
	part := func(at, from, size string) float64 {
		return 100 * (e.Get(at).Float() - box.Get(from).Float()) / box.Get(size).Float()
	}
	to := 0.0
	if w.dragging == "side" {
		if to = part("clientX", "left", "width"); rtl() {
			to = 100 - to
		}
	} else {
		to = 100 - part("clientY", "top", "height")
	}
	splitters[w.dragging].size(w.ctx, to)
}

const roomsID = "rooms"

// roomClass is each room's class.
var roomClass = map[string]string{roomLesson: "lesson", roomWork: "room", roomInspect: "exchanges"}

// narrow tells whether one room is shown at a time.
func narrow() bool {
	return goapp.Window().Call("matchMedia", "(max-width: 900px)").Get("matches").Truthy()
}

// renderRooms is the bar by which a phone goes from one room to another.
func (w *Workspace) renderRooms() goapp.UI {
	rooms := [][2]string{{roomLesson, texts.lessonRoom}, {roomWork, texts.workRoom}, {roomInspect, texts.inspectRoom}}
	if w.lesson == nil {
		rooms = rooms[1:]
	}
	return el("nav", "roomsbar", each(rooms, func(_ int, r [2]string) goapp.UI {
		b := button(r[1], "", func(goapp.Context) { w.room = r[0] }, r[0]).Attr("data-room", r[0])
		if w.currentRoom() == r[0] {
			b = b.Attr("aria-current", "page")
		}
		return b
	})...).Attr("aria-label", texts.rooms)
}

// currentRoom is the room that a phone shows.
func (w *Workspace) currentRoom() string {
	switch {
	case w.room != "":
		return w.room
	case w.lesson != nil:
		return roomLesson
	}
	return roomWork
}
