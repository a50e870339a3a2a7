package tui

import (
	"cmp"
	"slices"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// overview is what a scope of several objects is seen by where a tab is about
// one: what failed, what is busy, what is due, what was printed.
type overview struct {
	style   styles
	objects []*inspect.Object // of the scope
	alarms  []inspect.Alarm
	lines   []inspect.LogLine
}

// Render draws the parts that have something to say.
func (p *overview) Render(width, height int, now time.Time) []string {
	s := p.style
	out := []string{}
	part := func(title string, lines []string) {
		if len(lines) == 0 || len(out)+3 > height {
			return
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, " "+s.dim.on(title))
		for _, l := range lines[:min(len(lines), height-len(out))] {
			out = append(out, fit("   "+l, width))
		}
	}
	part("FAILED", p.failed(width, now))
	part("BUSY", p.busy())
	part("DUE", p.due(now))
	part("PRINTED", p.printed(height-len(out)-2))
	if len(out) == 0 {
		return message(s.dim, "All is quiet. Choose an object in the tree to see what it stores.", width)
	}
	return out
}

// most is how many rows a part has.
const most = 5

func (p *overview) failed(width int, now time.Time) []string {
	s := p.style
	var with []*inspect.Object
	for _, o := range p.objects {
		if o.LastError != nil {
			with = append(with, o)
		}
	}
	slices.SortFunc(with, func(a, b *inspect.Object) int {
		return cmp.Or(b.LastError.At.Compare(a.LastError.At), cmp.Compare(a.Label, b.Label))
	})
	var out []string
	for _, o := range with[:min(len(with), most)] {
		left := fit(plain(o.Label), 22) + "  " + s.red.on(plain(o.LastError.Error()))
		when := s.dim.on(agoWords(o.LastError.At, now))
		out = append(out, ends(cut(left, width-16), when, width-5))
	}
	return out
}

func (p *overview) busy() []string {
	s := p.style
	var with []*inspect.Object
	for _, o := range p.objects {
		if o.Load.Rate > 0 {
			with = append(with, o)
		}
	}
	slices.SortFunc(with, func(a, b *inspect.Object) int {
		return cmp.Or(cmp.Compare(b.Load.Rate, a.Load.Rate), cmp.Compare(a.Label, b.Label))
	})
	var out []string
	for _, o := range with[:min(len(with), most)] {
		text := fit(plain(o.Label), 22) + "  " + s.accent.on(spark(o.Load.History, 10)) + " " + fitRight(rate(o.Load.Rate), 5) + s.dim.on(" req/s")
		if o.Load.P99Millis > 0 {
			text += s.dim.on("  p99 ") + took(time.Duration(o.Load.P99Millis*float64(time.Millisecond)))
		}
		if o.Load.Queue > 0 {
			text += s.amber.on("  queue " + some(o.Load.Queue))
		}
		out = append(out, text)
	}
	return out
}

func (p *overview) due(now time.Time) []string {
	var out []string
	for _, a := range p.alarms[:min(len(p.alarms), most)] {
		text := fit(plain(a.Object), 22) + "  " + until(a.At, now)
		if a.Retries > 0 {
			text += p.style.red.on("  " + count(a.Retries, "retry"))
		}
		out = append(out, text)
	}
	return out
}

func (p *overview) printed(room int) []string {
	s := p.style
	var out []string
	for _, l := range p.lines[max(0, len(p.lines)-max(0, min(room, 8))):] {
		who := plain(l.Object)
		if who == "" {
			who = "Worker"
		}
		out = append(out, fit(who, 22)+"  "+levelPaint(s, l.Level).on(plain(l.Text)))
	}
	return out
}

// drawOverview gathers what the overview of the scope tells.
func (m *model) drawOverview(width, height int) []string {
	p := overview{style: m.style, alarms: m.alarms.rows}
	for _, o := range m.objects.all {
		if m.visit.scope.has(o.Ref) {
			p.objects = append(p.objects, o)
		}
	}
	for _, i := range m.logs.shown[max(0, len(m.logs.shown)-8):] {
		p.lines = append(p.lines, m.logs.all[i])
	}
	return p.Render(width, height, m.now)
}
