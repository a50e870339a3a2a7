package tui

import (
	"fmt"
	"strings"
	"time"
)

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
	if n == 1 {
		return "1 " + thing
	}
	switch {
	case strings.HasSuffix(thing, "s"), strings.HasSuffix(thing, "x"):
		thing += "es"
	case strings.HasSuffix(thing, "y") && !strings.HasSuffix(thing, "ey"):
		thing = strings.TrimSuffix(thing, "y") + "ies"
	default:
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// took is how long something ran.
func took(d time.Duration) string {
	switch ms := float64(d.Microseconds()) / 1000; {
	case d >= 10*time.Second:
		return span(d)
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case ms >= 99.95:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 0.0995:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
}

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// span is a length of time in its two largest units.
func span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	d = d.Round(time.Second)
	switch {
	case d >= year:
		return pair(int(d/year), "y", int(d%year/day), "d")
	case d >= day:
		return pair(int(d/day), "d", int(d%day/time.Hour), "h")
	case d >= time.Hour:
		return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "m")
	case d >= time.Minute:
		return pair(int(d/time.Minute), "m", int(d%time.Minute/time.Second), "s")
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}

func pair(large int, unit string, small int, smaller string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, unit)
	}
	return fmt.Sprintf("%d %s %d %s", large, unit, small, smaller)
}

// ago is how long something is over, in one unit.
func ago(at, now time.Time) string {
	d := now.Sub(at)
	switch {
	case at.IsZero():
		return ""
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d m", int(d/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	if days := int(d / day); days < 365 {
		return fmt.Sprintf("%d d", days)
	}
	return fmt.Sprintf("%d y", int(d/year))
}

// until is when something is due.
func until(at, now time.Time) string {
	if !at.After(now) {
		if now.Sub(at) < time.Second {
			return "now"
		}
		return span(now.Sub(at)) + " late"
	}
	return "in " + span(at.Sub(now))
}

// rate is a number of events in a second.
func rate(perSecond float64) string {
	switch {
	case perSecond < 0.05:
		return ""
	case perSecond < 9.95:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", perSecond), ".0")
	case perSecond < 99_950:
		return fmt.Sprintf("%.0f", perSecond)
	}
	return fmt.Sprintf("%.0fk", perSecond/1000)
}

// dash stands for nothing.
func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// some is a number, or nothing for none.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
