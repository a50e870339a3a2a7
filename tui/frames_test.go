package tui

import (
	"fmt"
	"testing"
)

// sizes are a window beside another, the smallest usual one, and a whole
// screen.
var sizes = [][2]int{{40, 20}, {80, 24}, {160, 45}}

func TestScreensLookAsReviewed(t *testing.T) {
	views := []struct {
		name string
		play func(d *driver)
	}{
		{"objects", func(d *driver) {}},
		{"storage", func(d *driver) {
			d.press("/")
			d.write("lobby")
			d.press("enter", "enter", "down", "down", "down")
		}},
		{"sql", func(d *driver) { d.press("down", "down", "down", "enter", "2", "enter") }},
		{"sockets", func(d *driver) {
			d.press("down", "down", "down", "enter", "3", "t")
			openPlain(d)
			d.fake.Step()
			d.fake.Step()
		}},
		{"sockets-detail", func(d *driver) {
			d.press("down", "down", "down", "enter", "3")
			openPlain(d)
			d.await("  2  open")
			d.press("down", "down")
		}},
		{"frames", func(d *driver) {
			d.press("down", "down", "down", "enter", "3", "t")
			d.fake.Step()
			d.fake.Step()
			d.settle()
			d.press("r", "up")
		}},
		{"alarms", func(d *driver) { d.press("4") }},
		{"timeline", func(d *driver) { d.press("5") }},
		{"waterfall", func(d *driver) { d.press("5", "enter", "down", "down") }},
		{"commits", func(d *driver) { d.chatter(); d.lobby(); d.press("5", "t", "down") }},
		{"restore", func(d *driver) { d.chatter(); d.lobby(); d.press("5", "t", "down", "down", "r") }},
		{"snapshots", func(d *driver) { d.keepSome(); d.press("S") }},
		{"snapshot-diff", func(d *driver) { d.keepSome(); d.press("S", "down", "d") }},
		{"snapshot-restore", func(d *driver) { d.keepSome(); d.press("S", "down", "enter", "enter") }},
		{"logs", func(d *driver) { d.press("6") }},
		{"help", func(d *driver) { d.press("?") }},
		{"palette", func(d *driver) { d.press(":"); d.write("lob") }},
	}
	for _, size := range sizes {
		for _, view := range views {
			t.Run(fmt.Sprintf("%s-%d", view.name, size[0]), func(t *testing.T) {
				drive(t, lively, size[0], size[1], func(d *driver) {
					for range 5 {
						d.fake.Step()
					}
					d.settle()
					view.play(d)
					d.settle()
					d.golden(fmt.Sprintf("%s-%d", view.name, size[0]))
				})
			})
		}
	}
}
