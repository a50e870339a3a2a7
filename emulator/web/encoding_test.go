package web

import (
	"testing"
	"unicode/utf8"
)

func TestTextEncoding(t *testing.T) {
	runCases(t, []jsCase{
		{"UTF-8 there and back", `const b = new TextEncoder().encode("aé日😀\ud800"); return [[...b], new TextDecoder().decode(b)]`,
			`[[97, 195, 169, 230, 151, 165, 240, 159, 152, 128, 239, 191, 189], "aé日😀\ufffd"]`},
		{"encodeInto stops before what does not fit", `const b = new Uint8Array(4); const r = new TextEncoder().encodeInto("a日é", b); return [r, [...b]]`, `[{"read": 2, "written": 4}, [97, 230, 151, 165]]`},
		{"malformed bytes", `return new TextDecoder().decode(new Uint8Array([0xff, 0x41, 0xe6, 0x97, 0x42, 0xf0, 0x9f]))`, `"\ufffdA\ufffdB\ufffd"`},
		{"fatal throws", `try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return [e.name, e.message] }`, `["TypeError", "Failed to decode input."]`},
		{"the byte order mark", `const b = new Uint8Array([0xef, 0xbb, 0xbf, 0x41]); return [new TextDecoder().decode(b), new TextDecoder("utf-8", { ignoreBOM: true }).decode(b)]`, `["A", "\ufeffA"]`},
		{"streams keep unfinished characters", `const d = new TextDecoder(); return [0xf0, 0x9f, 0x98, 0x80, 0xe6].map(b => d.decode(new Uint8Array([b]), { stream: true })).concat(d.decode())`, `["", "", "", "😀", "", "\ufffd"]`},
		{"labels", `return ["utf8", "latin1", "SHIFT_JIS ", "utf-16", "gb2312"].map(l => new TextDecoder(l).encoding)`, `["utf-8", "windows-1252", "shift_jis", "utf-16le", "gbk"]`},
		{"an unknown label", `try { new TextDecoder("nope") } catch (e) { return [e.name, e.message] }`, `["RangeError", "\"nope\" is not a valid encoding."]`},
		{"legacy encodings", `return [new TextDecoder("shift_jis").decode(new Uint8Array([0x93, 0xfa])), new TextDecoder("windows-1252").decode(new Uint8Array([0x80])), new TextDecoder("utf-16le").decode(new Uint8Array([0x41, 0, 0x3d, 0xd8, 0, 0xde]))]`, `["日", "€", "A😀"]`},
		{"a view decodes its own part", `return new TextDecoder().decode(new Uint8Array([65, 66, 67]).subarray(1, 2))`, `"B"`},
	})
}

func TestBase64(t *testing.T) {
	runCases(t, []jsCase{
		{"there and back", `return [btoa("hi\xff"), atob("aGn/"), atob(" a G k = "), atob("aGk")]`, `["aGn/", "hiÿ", "hi", "hi"]`},
		{"bad base64", `return ["a", "a===", "ab-_", "aGk=="].map(s => { try { return atob(s) } catch (e) { return [e.name, e.code, e.message.slice(0, 50)] } })`,
			`[["InvalidCharacterError", 5, "atob() called with invalid base64-encoded data. (O"], ["InvalidCharacterError", 5, "atob() called with invalid base64-encoded data. (O"], ["InvalidCharacterError", 5, "atob() called with invalid base64-encoded data. (O"], ["InvalidCharacterError", 5, "atob() called with invalid base64-encoded data. (O"]]`},
		{"characters past Latin-1", `try { btoa("日") } catch (e) { return [e.name, e.message] }`, `["InvalidCharacterError", "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range."]`},
	})
}

func FuzzRepairedUTF8IsValid(f *testing.F) {
	f.Add([]byte("a\xffb"), 1)
	f.Add([]byte{0xf0, 0x9f, 0x98}, 2)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		whole := repairUTF8(b)
		if !utf8.Valid(whole) {
			t.Fatalf("repaired %x is %x", b, whole)
		}
		if cut < 0 || cut > len(b) {
			return
		}
		open := unfinishedBytes("utf-8", b[:cut])
		head, tail := b[:cut-open], b[cut-open:]
		if got := string(repairUTF8(head)) + string(repairUTF8(tail)); got != string(whole) {
			t.Errorf("%x cut at %d is %q in parts, %q as a whole", b, cut, got, whole)
		}
	})
}
