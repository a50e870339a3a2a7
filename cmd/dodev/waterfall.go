package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dodev/dodev/devserver/inspect"
)

// waterfallWidth is how many columns stand for the whole time of a trace.
const waterfallWidth = 50

// printWaterfall draws the steps of a trace along its time.
func printWaterfall(out io.Writer, p painter, t inspect.Trace) {
	fmt.Fprintln(out, waterfallHead(p, t))
	if t.Note != "" {
		fmt.Fprintln(out, p.amber(t.Note))
	}
	axis := t.Axis(waterfallWidth)
	children := map[int][]inspect.Span{}
	for _, s := range t.Spans {
		children[s.Parent] = append(children[s.Parent], s)
	}
	names := 0
	var measure func(parent, depth int)
	measure = func(parent, depth int) {
		for _, s := range children[parent] {
			names = max(names, 2*depth+utf8.RuneCountInString(spanName(s)))
			measure(s.ID, depth+1)
		}
	}
	measure(0, 0)
	var print func(parent, depth int)
	print = func(parent, depth int) {
		for _, s := range children[parent] {
			name := strings.Repeat("  ", depth) + spanName(s)
			pad := strings.Repeat(" ", names-utf8.RuneCountInString(name))
			fmt.Fprintf(out, "  %s%s  %s  %s\n", name, pad, bar(s, axis), p.dim(spanNote(s)))
			if s.Error != nil {
				fmt.Fprintf(out, "  %s%s\n", strings.Repeat("  ", depth+1), p.red(s.Error.Error()))
			}
			print(s.ID, depth+1)
		}
	}
	print(0, 0)
}

func waterfallHead(p painter, t inspect.Trace) string {
	parts := []string{p.bold(oneLine(t.Name, 200))}
	if t.Status != 0 {
		parts = append(parts, p.status(t.Status, strconv.Itoa(t.Status)))
	}
	took := "running"
	if t.Took > 0 {
		took = milliseconds(t.Took)
	}
	return strings.Join(append(parts, took, p.dim("trace "+t.ID+", "+isoTime(t.At))), "  ")
}

func spanName(s inspect.Span) string {
	switch s.Kind {
	case inspect.StorageSpan:
		return oneLine(s.Name, 40)
	case inspect.OutboundSpan:
		return "fetch " + oneLine(s.Name, 40)
	case inspect.LogSpan:
		return "log " + oneLine(s.Name, 40)
	}
	return cmp.Or(s.Object, "worker") + " " + oneLine(s.Name, 40)
}

// spanNote says in words what the bar shows.
func spanNote(s inspect.Span) string {
	if s.Kind == inspect.LogSpan {
		return s.Place
	}
	var parts []string
	for _, kind := range []inspect.PhaseKind{inspect.Queued, inspect.Ran, inspect.Waited, inspect.Outside} {
		d := s.Sum(kind)
		if d < 10*time.Microsecond {
			continue
		}
		text := string(kind) + " " + fine(d)
		if why := s.Why(kind); why != "" {
			text += " (" + why + ")"
		}
		parts = append(parts, text)
	}
	if s.Detail != "" {
		parts = append(parts, s.Detail)
	}
	return strings.Join(parts, ", ")
}

func fine(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%.2f ms", inMilliseconds(d))
	}
	return milliseconds(d)
}

// bar is the span as a line of the whole time.
func bar(s inspect.Span, axis inspect.Axis) string {
	cells := []rune(strings.Repeat(" ", waterfallWidth))
	marks := map[inspect.PhaseKind]rune{inspect.Queued: '▒', inspect.Ran: '█', inspect.Waited: '░', inspect.Outside: '▔', inspect.Untold: '·'}
	if s.Kind == inspect.LogSpan {
		marks[inspect.Ran] = '•'
	}
	if answer, apart := axis.Answer(); apart {
		cells[answer] = '┊'
	}
	for _, phase := range s.Phases {
		from, to := axis.Column(phase.From), axis.Column(phase.To)
		for i := from; i < max(to, from+1); i++ {
			if phase.Kind == inspect.Ran || cells[i] != '█' {
				cells[i] = marks[phase.Kind]
			}
		}
	}
	return string(cells)
}
