package main

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// Measures of a picture of a terminal, in the units of SVG.
const (
	cellWide, cellHigh = 8.43, 17.0
	marginX, marginTop = 20.0, 34.0
	inkColour          = "#adbac7"
	groundColour       = "#1c2128"
)

// picture draws what a terminal shows.
func picture(screen *vt.Emulator, label string) string {
	var grounds, texts strings.Builder
	for y := range screen.Height() {
		drawRow(&grounds, &texts, screen, y)
	}
	width := 2*marginX + float64(screen.Width())*cellWide
	height := marginTop + float64(screen.Height())*cellHigh + 16
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`+"\n", width, height, width, height, label)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="8" fill="%s"/>`+"\n", width, height, groundColour)
	for i := range 3 {
		fmt.Fprintf(&b, `<circle cx="%d" cy="18" r="5" fill="#444c56"/>`+"\n", 20+i*17)
	}
	b.WriteString(grounds.String())
	fmt.Fprintf(&b, `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="%s" xml:space="preserve">`+"\n", inkColour)
	b.WriteString(texts.String())
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// drawRow draws the runs of a row that look the same: what is below them, and
// their letters, each at its place whatever font there is.
func drawRow(grounds, texts *strings.Builder, screen *vt.Emulator, y int) {
	top := marginTop + float64(y)*cellHigh
	for x := 0; x < screen.Width(); {
		look := cellStyle(screen, x, y)
		end, text := x, ""
		for end < screen.Width() {
			if next := cellStyle(screen, end, y); !next.Equal(&look) {
				break
			}
			c := screen.CellAt(end, y)
			if c == nil || c.Width == 0 {
				text += " "
				end++
				continue
			}
			text += c.Content
			end += c.Width
		}
		ink, ground := look.Fg, look.Bg
		if look.Attrs&uv.AttrReverse != 0 {
			ink, ground = or(ground, groundColour), or(ink, inkColour)
		}
		left, wide := marginX+float64(x)*cellWide, float64(end-x)*cellWide
		if ground != nil {
			fmt.Fprintf(grounds, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", left, top, wide, cellHigh, hexColour(ground))
		}
		if strings.TrimSpace(text) != "" {
			fmt.Fprintf(texts, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
				left, top+13, wide, attributes(look, ink), strings.ReplaceAll(html.EscapeString(text), " ", "&#160;"))
		}
		x = end
	}
}

func cellStyle(screen *vt.Emulator, x, y int) uv.Style {
	if c := screen.CellAt(x, y); c != nil {
		return c.Style
	}
	return uv.Style{}
}

func attributes(look uv.Style, ink color.Color) string {
	out := ""
	if ink != nil {
		out += ` fill="` + hexColour(ink) + `"`
	}
	if look.Attrs&uv.AttrBold != 0 {
		out += ` font-weight="bold"`
		if ink == nil {
			out += ` fill="#ffffff"`
		}
	}
	if look.Underline != 0 {
		out += ` text-decoration="underline"`
	}
	return out
}

type hexed string

// RGBA implements color.Color.
func (h hexed) RGBA() (r, g, b, a uint32) {
	var red, green, blue uint8
	_, _ = fmt.Sscanf(string(h), "#%02x%02x%02x", &red, &green, &blue)
	return color.RGBA{red, green, blue, 255}.RGBA()
}

func or(c color.Color, other string) color.Color {
	if c == nil {
		return hexed(other)
	}
	return c
}

func hexColour(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
