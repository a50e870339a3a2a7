package web

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // machines without a zone database, such as Windows

	"github.com/dodev/dodev/emulator/engine"
)

func (h *host) registerIntl() {
	h.vm.Func("zoneAt", func(c engine.Call) error {
		zone, err := loadZone(c.String(0))
		if err != nil {
			return nil
		}
		name, offset := time.UnixMilli(int64(c.Number(1))).In(zone).Zone()
		c.ReturnStrings([]string{strconv.Itoa(offset / 60), shortZone(name, offset), zone.String()})
		return nil
	})
}

// loadZone finds a zone by its name, the case of "utc" and "gmt" aside.
func loadZone(name string) (*time.Location, error) {
	if upper := strings.ToUpper(name); upper == "UTC" || upper == "GMT" || upper == "ETC/UTC" {
		return time.UTC, nil
	}
	if name == "" || name == "Local" {
		return nil, strconv.ErrSyntax
	}
	return time.LoadLocation(name)
}

// shortZone is a zone's abbreviation as en-US knows it: zones without one show
// their distance to Greenwich.
func shortZone(name string, offset int) string {
	switch name {
	case "UTC", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "HST":
		return name
	}
	if offset == 0 {
		return "GMT"
	}
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	text := "GMT" + sign + strconv.Itoa(offset/3600)
	if minutes := offset / 60 % 60; minutes != 0 {
		text += ":" + strconv.Itoa(minutes)
	}
	return text
}
