package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dodev/dodev/devserver/inspect"
)

// waterfallWidth is how many columns stand for the whole time of a trace.
const waterfallWidth = 50

// printWaterfall draws the steps of a trace along its time.
func printWaterfall(out io.Writer, p painter, t inspect.Trace) {
	fmt.Fprintf(out, "%s  %s  %s\n", p.bold(t.Name), milliseconds(t.Took), p.dim("trace "+t.ID+", "+isoTime(t.At)))
	var whole time.Duration
	for _, s := range t.Spans {
		whole = max(whole, s.End())
	}
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
			fmt.Fprintf(out, "  %s%s  %s  %s\n", name, pad, bar(s, whole), p.dim(spanNote(s)))
			if s.Error != nil {
				fmt.Fprintf(out, "  %s%s\n", strings.Repeat("  ", depth+1), p.red(s.Error.Error()))
			}
			print(s.ID, depth+1)
		}
	}
	print(0, 0)
}

func spanName(s inspect.Span) string {
	if s.Kind == inspect.StorageSpan || s.Kind == inspect.OutboundSpan {
		return oneLine(s.Name, 40)
	}
	return cmp.Or(s.Object, "worker") + " " + oneLine(s.Name, 40)
}

// spanNote says in words what the bar shows.
func spanNote(s inspect.Span) string {
	sums := map[inspect.PhaseKind]time.Duration{}
	for _, phase := range s.Phases {
		sums[phase.Kind] += phase.To - phase.From
	}
	var parts []string
	for _, kind := range []inspect.PhaseKind{inspect.Queued, inspect.Ran, inspect.Waited, inspect.Outside} {
		if d := sums[kind]; d >= 10*time.Microsecond {
			parts = append(parts, string(kind)+" "+fine(d))
		}
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
func bar(s inspect.Span, whole time.Duration) string {
	cells := []rune(strings.Repeat(" ", waterfallWidth))
	marks := map[inspect.PhaseKind]rune{inspect.Queued: '▒', inspect.Ran: '█', inspect.Waited: '░', inspect.Outside: '▔'}
	for _, phase := range s.Phases {
		from, to := column(phase.From, whole), column(phase.To, whole)
		for i := from; i < max(to, from+1) && i < len(cells); i++ {
			if phase.Kind == inspect.Ran || cells[i] != '█' {
				cells[i] = marks[phase.Kind]
			}
		}
	}
	return string(cells)
}

func column(at, whole time.Duration) int {
	if whole <= 0 {
		return 0
	}
	return min(int(int64(waterfallWidth)*int64(at)/int64(whole)), waterfallWidth-1)
}
