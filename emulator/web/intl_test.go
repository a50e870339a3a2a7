package web

import "testing"

func TestIntl(t *testing.T) {
	runCases(t, []jsCase{
		{"dates", `const d = new Date(Date.UTC(2026, 2, 5, 15, 4, 9, 70)); return [d.toLocaleString(), d.toLocaleDateString(), d.toLocaleTimeString(), d.toLocaleDateString("en-US", { weekday: "long", year: "numeric", month: "long", day: "numeric" }), d.toLocaleDateString(undefined, { month: "short", day: "numeric" }), d.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }), d.toLocaleTimeString("en-US", { hour12: false })]`,
			`["3/5/2026, 3:04:09 PM", "3/5/2026", "3:04:09 PM", "Thursday, March 5, 2026", "Mar 5", "03:04 PM", "15:04:09"]`},
		{"styles and time zones", `const d = new Date(Date.UTC(2026, 6, 5, 2, 4)); return [new Intl.DateTimeFormat("en-US", { dateStyle: "full", timeStyle: "long", timeZone: "America/New_York" }).format(d), new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "short" }).format(d), new Intl.DateTimeFormat("en", { dateStyle: "short" }).format(d), Intl.DateTimeFormat().resolvedOptions().timeZone, d.toLocaleString("en-US", { timeZone: "Asia/Kolkata", timeZoneName: "short", hour: "numeric" })]`,
			`["Saturday, July 4, 2026 at 10:04:00 PM EDT", "Jul 5, 2026, 2:04 AM", "7/5/26", "UTC", "7 AM GMT+5:30"]`},
		{"parts", `return new Intl.DateTimeFormat("en-US", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(0).filter(p => p.type !== "literal").map(p => p.type + p.value)`, `["month01", "day01", "year1970"]`},
		{"an unknown zone", `try { new Intl.DateTimeFormat("en", { timeZone: "Mars/Base" }) } catch (e) { return e.name + ": " + e.message }`, `"RangeError: Invalid time zone specified: Mars/Base"`},
		{"numbers", `return [(1234567.891).toLocaleString(), (0.1256).toLocaleString("en-US", { style: "percent", maximumFractionDigits: 1 }), (1234.5).toLocaleString("en-US", { style: "currency", currency: "USD" }), (5).toLocaleString("en", { minimumFractionDigits: 2 }), (-1500).toLocaleString("en", { style: "currency", currency: "JPY" }), (12345678901234567890n).toLocaleString(), (1.005).toLocaleString("en", { maximumFractionDigits: 2 }), NaN.toLocaleString(), (1e21).toLocaleString()]`,
			`["1,234,567.891", "12.6%", "$1,234.50", "5.00", "-¥1,500", "12,345,678,901,234,567,890", "1.01", "NaN", "1,000,000,000,000,000,000,000"]`},
		{"compact and units", `const f = (o, n) => new Intl.NumberFormat("en", o).format(n); return [f({ notation: "compact" }, 1234), f({ notation: "compact" }, 999999), f({ notation: "compact", compactDisplay: "long" }, 2.5e9), f({ style: "unit", unit: "kilometer" }, 12), f({ maximumSignificantDigits: 3 }, 123456), f({ signDisplay: "always" }, 3), [1, 2].map(new Intl.NumberFormat("en").format)]`,
			`["1.2K", "1M", "2.5 billion", "12 km", "123,000", "+3", ["1", "2"]]`},
		{"language", `return [new Intl.PluralRules("en").select(1), new Intl.PluralRules("en", { type: "ordinal" }).select(22), new Intl.ListFormat("en").format(["a", "b", "c"]), new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-1, "day"), new Intl.RelativeTimeFormat("en").format(3, "hours"), ["b", "a", "B", "A", "ä", "z"].sort((a, b) => a.localeCompare(b)), ["a10", "a2"].sort(new Intl.Collator("en", { numeric: true }).compare)]`,
			`["one", "two", "a, b, and c", "yesterday", "in 3 hours", ["a", "A", "ä", "b", "B", "z"], ["a2", "a10"]]`},
		{"what is missing says so", `try { new Intl.Segmenter() } catch (e) { return e.message }`, `"Intl.Segmenter is not emulated by dodev yet"`},
	})
}
