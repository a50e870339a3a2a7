package web

import (
	"strings"
	"testing"
)

func TestMultipartIsTakenApart(t *testing.T) {
	body := "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n2\r\n" +
		"--b\r\ncontent-disposition: form-data; name=f; filename=\"x y.txt\"\r\nContent-Type: text/plain\r\n\r\n--bytes\r\n" +
		"--b\nContent-Disposition: form-data; name=\"lf\"\n\n3\n--b--\r\nepilogue"
	parts, err := parseMultipart([]byte(body), "b")
	if err != nil {
		t.Fatal(err)
	}
	want := []formPart{
		{name: "a%22b", content: []byte("1\r\n2")},
		{name: "f", filename: "x y.txt", isFile: true, contentType: "text/plain", hasType: true, content: []byte("--bytes")},
		{name: "lf", content: []byte("3")},
	}
	if len(parts) != len(want) {
		t.Fatalf("%d parts, want %d", len(parts), len(want))
	}
	for i, p := range parts {
		w := want[i]
		if string(p.content) != string(w.content) {
			t.Errorf("content of part %d is %q, want %q", i, p.content, w.content)
		}
		p.content, w.content = nil, nil
		if p.name != w.name || p.filename != w.filename || p.isFile != w.isFile || p.contentType != w.contentType {
			t.Errorf("part %d is %+v, want %+v", i, p, w)
		}
	}
}

func TestBrokenMultipartSaysHow(t *testing.T) {
	for body, want := range map[string]string{
		"":               "No initial boundary string",
		"--bx":           "Boundary string was not succeeded",
		"--b\r\nA: b":    "No multipart message header termination",
		"--b\nnone\n\n":  "invalid headers",
		"--b\nA: b\n\nx": "No valid Content-Disposition",
		"--b\nContent-Disposition: ;;\n\nx\n--b--":            "Invalid Content-Disposition",
		"--b\nContent-Disposition: inline\n\nx\n--b--":        `must have the value "form-data"`,
		"--b\nContent-Disposition: form-data\n\nx\n--b--":     "missing a name",
		"--b\nContent-Disposition: form-data; name=a\n\nx\n-": "No subsequent boundary",
	} {
		_, err := parseMultipart([]byte(body), "b")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want an error with %q", body, err, want)
		}
	}
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		parts, err := parseMultipart(body, boundary)
		if err != nil {
			return
		}
		total := 0
		for _, p := range parts {
			total += len(p.content)
		}
		if total > len(body) {
			t.Errorf("parts hold %d bytes of a body of %d", total, len(body))
		}
	})
}
