package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// A table is a result for people: columns under their names, each row a line.
type table struct {
	heads []string
	right []bool // columns of numbers
	rows  [][]cell
}

// A cell is a text, and how it is coloured.
type cell struct {
	text  string
	paint func(string) string // nil for none
}

func (t *table) add(texts ...string) {
	row := make([]cell, len(texts))
	for i, text := range texts {
		row[i].text = text
	}
	t.rows = append(t.rows, row)
}

func (t *table) addCells(row ...cell) { t.rows = append(t.rows, row) }

// maxCell is how wide a column may be.
const maxCell = 80

// print writes the table; what nobody needs, such as blanks at the end of a
// line, it leaves out.
func (t *table) print(w io.Writer, p painter) error {
	widths := make([]int, len(t.heads))
	for i, head := range t.heads {
		widths[i] = ansi.StringWidth(head)
	}
	for _, row := range t.rows {
		for i, c := range row {
			if i < len(widths) {
				widths[i] = max(widths[i], min(ansi.StringWidth(inspect.Printable(c.text)), maxCell))
			}
		}
	}
	heads := make([]cell, len(t.heads))
	for i, head := range t.heads {
		heads[i] = cell{head, p.dim}
	}
	for _, row := range append([][]cell{heads}, t.rows...) {
		if _, err := io.WriteString(w, t.line(row, widths)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) line(row []cell, widths []int) string {
	last := len(row) - 1
	for last > 0 && row[last].text == "" {
		last--
	}
	var b strings.Builder
	for i, c := range row[:last+1] {
		text := inspect.Printable(c.text)
		room := 0
		if i < len(widths) {
			room = widths[i] - ansi.StringWidth(text)
		}
		if c.paint != nil {
			text = c.paint(text)
		}
		pad := strings.Repeat(" ", max(room, 0))
		switch {
		case i < len(t.right) && t.right[i]:
			text = pad + text
		case i < last:
			text += pad
		}
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(text)
	}
	return b.String()
}

// dash stands for what there is none of.
func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func number(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// oneLine is a text without line breaks, cut to a width.
func oneLine(text string, width int) string {
	text = inspect.Printable(strings.ReplaceAll(strings.TrimSpace(text), "\n", " ⏎ "))
	if r := []rune(text); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return text
}
