package tui

import "strings"

// bars are the heights of a graph.
var bars = []rune("▁▂▃▄▅▆▇█")

// spark draws the last values of a series, as high as the highest of them.
// Nothing at all is drawn for a series of nothing.
func spark(values []float64, width int) string {
	if len(values) > width {
		values = values[len(values)-width:]
	}
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", max(0, width-len(values))))
	for _, v := range values {
		switch {
		case most == 0:
			b.WriteByte(' ')
		case v <= 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[min(len(bars)-1, int(v/most*float64(len(bars))))])
		}
	}
	return b.String()
}
