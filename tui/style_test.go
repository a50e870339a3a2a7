package tui

import (
	"fmt"
	"math"
	"regexp"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

var trueColor = regexp.MustCompile(`[34]8;2;(\d+);(\d+);(\d+)`)

// luminance is that of the colour in an escape sequence, relative to white
// (Web Content Accessibility Guidelines 2.2).
func luminance(t *testing.T, p paint) float64 {
	t.Helper()
	m := trueColor.FindStringSubmatch(string(p))
	if m == nil {
		t.Fatalf("no colour in %q", string(p))
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		var c float64
		fmt.Sscan(m[i+1], &c)
		if c /= 255; c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func TestTextCanBeReadOnLightAndDarkTerminals(t *testing.T) {
	for _, c := range []struct {
		name   string
		dark   bool
		ground float64
	}{{"dark", true, 0}, {"light", false, 1}} {
		t.Run(c.name, func(t *testing.T) {
			s := newStyles(terminal{dark: c.dark, profile: colorprofile.TrueColor})
			inks := map[string]paint{"accent": s.accent, "dim": s.dim, "green": s.green, "amber": s.amber, "red": s.red, "match": s.match, "key": s.key}
			for name, ink := range inks {
				if got := contrast(luminance(t, ink), c.ground); got < 4.5 {
					t.Errorf("%s has a contrast of %.1f, want 4.5", name, got)
				}
				for under, ground := range map[string]paint{"cursor": s.cursor, "shadow": s.shadow, "flash": s.flash} {
					if got := contrast(luminance(t, ink), luminance(t, ground)); got < 3 {
						t.Errorf("%s on %s has a contrast of %.1f, want 3", name, under, got)
					}
				}
			}
		})
	}
}
