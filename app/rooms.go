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

// renderSplitter draws a bar that the mouse drags and the arrow keys move.
func (w *Workspace) renderSplitter(which string) goapp.UI {
	s := splitters[which]
	upright := which == "side"
	orientation := "horizontal"
	if upright {
		orientation = "vertical"
	}
	return goapp.Div().Class("split "+which).Role("separator").TabIndex(0).Aria("label", texts.split).Aria("orientation", orientation).
		Aria("valuemin", strconv.Itoa(int(s.min))).Aria("valuemax", strconv.Itoa(int(s.max))).Aria("valuenow", strconv.Itoa(int(s.start))).DataSet("split", s.variable).
		OnMouseDown(func(ctx goapp.Context, e goapp.Event) { e.PreventDefault(); w.dragging = which }, which).
		OnKeyDown(func(ctx goapp.Context, e goapp.Event) {
			ctx.PreventUpdate()
			step := map[string]float64{"ArrowLeft": -2, "ArrowRight": 2, "ArrowUp": 2, "ArrowDown": -2}[e.Get("key").String()]
			if step == 0 || upright != (e.Get("key").String() == "ArrowLeft" || e.Get("key").String() == "ArrowRight") {
				return
			}
			e.PreventDefault()
			s.size(ctx, s.read(ctx)+step)
		}, which)
}

// drag follows the mouse while a bar is held.
func (w *Workspace) drag(ctx goapp.Context, e goapp.Event) {
	if w.dragging == "" {
		ctx.PreventUpdate()
		return
	}
	if e.Get("buttons").Int() == 0 {
		w.dragging = ""
		return
	}
	ctx.PreventUpdate()
	e.PreventDefault()
	box := goapp.Window().GetElementByID(roomsID).Call("getBoundingClientRect")
	s := splitters[w.dragging]
	if w.dragging == "side" {
		s.size(ctx, 100*(e.Get("clientX").Float()-box.Get("left").Float())/box.Get("width").Float())
	} else {
		s.size(ctx, 100*(box.Get("bottom").Float()-e.Get("clientY").Float())/box.Get("height").Float())
	}
}

const roomsID = "rooms"

// renderRooms is the bar by which a phone goes from one room to another.
func (w *Workspace) renderRooms() goapp.UI {
	rooms := [][2]string{{roomLesson, texts.lessonRoom}, {roomWork, texts.workRoom}, {roomInspect, texts.inspectRoom}}
	if w.lesson == nil {
		rooms = rooms[1:]
	}
	return goapp.Nav().Class("roomsbar").Aria("label", texts.rooms).Body(goapp.Range(rooms).Slice(func(i int) goapp.UI {
		name := rooms[i][0]
		b := button(rooms[i][1], "", func(goapp.Context) { w.room = name }, name).DataSet("room", name)
		if w.currentRoom() == name {
			b = b.Aria("current", "page")
		}
		return b
	}))
}

// currentRoom is the room that a phone shows.
func (w *Workspace) currentRoom() string {
	if w.room != "" {
		return w.room
	}
	if w.lesson != nil {
		return roomLesson
	}
	return roomWork
}
