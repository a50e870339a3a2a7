package tui

import "strings"

// A column of a table. Where the table is too narrow columns are left out, those
// with the highest drop first, and all of those; those with none stay.
type column struct {
	title string
	width int  // in cells; of a column that grows the least
	grow  int  // its share of what is left over
	right bool // numbers stand at the right
	drop  int
}

// gap is what lies between two columns.
const gap = 2

// layout gives each column its width, 0 for those left out.
func layout(columns []column, width int) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = c.width
	}
	for total(widths) > width {
		worst := 0
		for i, c := range columns {
			if widths[i] > 0 {
				worst = max(worst, c.drop)
			}
		}
		if worst == 0 {
			break
		}
		for i, c := range columns {
			if c.drop == worst {
				widths[i] = 0
			}
		}
	}
	spread(columns, widths, width-total(widths))
	return widths
}

// spread gives what is left over to the columns that grow, and takes what is
// missing from them.
func spread(columns []column, widths []int, left int) {
	shares := 0
	for i, c := range columns {
		if widths[i] > 0 {
			shares += c.grow
		}
	}
	for i, c := range columns {
		if c.grow > 0 && widths[i] > 0 {
			part := left * c.grow / shares
			left, shares = left-part, shares-c.grow
			widths[i] = max(1, widths[i]+part)
		}
	}
}

func total(widths []int) int {
	sum := 0
	for _, w := range widths {
		if w > 0 {
			sum += w + gap
		}
	}
	return max(0, sum-gap)
}

// line puts cells into their columns.
func line(columns []column, widths []int, cells []string) string {
	var b strings.Builder
	for i, c := range columns {
		if widths[i] == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		if c.right {
			b.WriteString(fitRight(cells[i], widths[i]))
		} else {
			b.WriteString(fit(cells[i], widths[i]))
		}
	}
	return b.String()
}

// head is the line of the titles.
func head(columns []column, widths []int) string {
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	return line(columns, widths, titles)
}

// under is the column at a place of a line, -1 between two.
func under(widths []int, x int) int {
	at := 0
	for i, w := range widths {
		if w == 0 {
			continue
		}
		if x >= at && x < at+w {
			return i
		}
		at += w + gap
	}
	return -1
}
