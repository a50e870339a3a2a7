package tui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// alarms lists pending alarms, soonest first. It holds no clock: it is drawn
// with the time to measure them against.
type alarms struct {
	list
	style styles

	rows []inspect.Alarm
}

// Set shows these alarms.
func (p *alarms) Set(rows []inspect.Alarm) {
	at, here := p.Selected()
	slices.SortStableFunc(rows, func(a, b inspect.Alarm) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Object, b.Object))
	})
	p.rows = rows
	if !here {
		return
	}
	if i := slices.IndexFunc(rows, func(a inspect.Alarm) bool { return a.Ref == at.Ref }); i >= 0 {
		p.cursor = i
	}
}

// Selected is the alarm at the cursor.
func (p *alarms) Selected() (inspect.Alarm, bool) {
	if len(p.rows) == 0 {
		return inspect.Alarm{}, false
	}
	return p.rows[within(p.cursor, len(p.rows))], true
}

// Press moves the cursor.
func (p *alarms) Press(key string) bool { return p.press(key, len(p.rows)) }

var alarmColumns = []column{
	{title: "DUE", width: 14},
	{title: "AT", width: 23, drop: 2},
	{title: "RETRIES", width: 7, right: true, drop: 1},
	{title: "OBJECT", width: 12, grow: 1},
}

// Render draws the alarms with what is left until they are due.
func (p *alarms) Render(width, height int, now time.Time, focus bool) []string {
	if len(p.rows) == 0 {
		return message(p.style.dim, "No alarm is set. m sets one for an object.", width)
	}
	widths := layout(alarmColumns, width-2)
	out := []string{" " + p.style.dim.on(head(alarmColumns, widths))}
	from, to := p.window(len(p.rows), height-1)
	for i := from; i < to; i++ {
		text := line(alarmColumns, widths, p.cells(p.rows[i], now)) + " "
		out = append(out, cursorLine(p.style, text, width, i == p.cursor, focus))
	}
	return out
}

func (p *alarms) cells(a inspect.Alarm, now time.Time) []string {
	due, retries := until(a.At, now), ""
	if a.At.Sub(now) < 10*time.Second {
		due = p.style.amber.on(due)
	}
	if a.Retries > 0 {
		retries = p.style.red.on(fmt.Sprint(a.Retries))
	}
	return []string{due, p.style.dim.on(a.At.Local().Format("2006-01-02 15:04:05.000")), retries, plain(a.Object)}
}
