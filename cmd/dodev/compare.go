package main

import (
	"fmt"
	"io"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// shownRows is how many rows of a table people are shown.
const shownRows = 20

// printDiff shows people what differs of an object.
func printDiff(w io.Writer, p painter, d inspect.ObjectDiff) {
	head := d.Object
	if d.Change != "changed" {
		head += "  " + d.Change
	}
	fmt.Fprintln(w, p.bold(head))
	printContrast(w, p, d.Contrast, "  ")
	if a := d.Alarm; a != nil {
		printSide(w, p, "  ", "alarm", timeText(a.Before), timeText(a.After))
	}
	for _, f := range d.Facets {
		fmt.Fprintln(w, "  facet "+p.bold(f.Facet))
		printContrast(w, p, f.Contrast, "    ")
	}
}

// printContrast shows keys and rows.
func printContrast(w io.Writer, p painter, c inspect.Contrast, indent string) {
	for _, k := range c.Keys {
		printSide(w, p, indent, k.Key, previewText(k.Before), previewText(k.After))
	}
	rows := func(mark string, list []string, paint func(string) string) {
		for _, row := range list[:min(len(list), shownRows)] {
			fmt.Fprintln(w, paint(indent+"  "+mark+" "+oneLine(row, maxCell)))
		}
		if more := len(list) - shownRows; more > 0 {
			fmt.Fprintln(w, paint(fmt.Sprintf("%s  %s and %s more", indent, mark, count(more, "row"))))
		}
	}
	for _, t := range c.Tables {
		head := indent + t.Table
		if t.Change != "" {
			head += "  " + t.Change
		}
		fmt.Fprintln(w, head)
		rows("-", t.Removed, p.red)
		rows("+", t.Added, p.green)
	}
}

// printSide shows what something was, and is; "" is nothing.
func printSide(w io.Writer, p painter, indent, name, before, after string) {
	if before != "" {
		fmt.Fprintln(w, p.red(indent+"- "+name+": "+before))
	}
	if after != "" {
		fmt.Fprintln(w, p.green(indent+"+ "+name+": "+after))
	}
}

func previewText(e *inspect.Entry) string {
	if e == nil {
		return ""
	}
	return e.Preview
}

func timeText(at *time.Time) string {
	if at == nil {
		return ""
	}
	return isoTime(*at)
}
