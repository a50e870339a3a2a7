package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// milliseconds is a duration for people.
func milliseconds(d time.Duration) string {
	in := func(unit string, n float64, decimals int) string {
		return strconv.FormatFloat(n, 'f', decimals, 64) + unit
	}
	switch ms := inMilliseconds(d); {
	case d >= 10*time.Second:
		return in(" s", d.Seconds(), 0)
	case d >= time.Second:
		return in(" s", d.Seconds(), 1)
	case ms >= 100:
		return in(" ms", ms, 0)
	default:
		return in(" ms", ms, 1)
	}
}

// inMilliseconds is a duration for programs, to the microsecond.
func inMilliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}

// size is a number of bytes for people.
func size(bytes int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, unit := float64(bytes), 0
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	if unit > 0 && value < 9.95 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}

// count is a number of things, such as "1 object" or "2 objects".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// list joins the first items of a list and counts the others.
func list(items []string, most int) string {
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:most], ", "), len(items)-most)
}
