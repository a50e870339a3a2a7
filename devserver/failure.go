package devserver

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/dodev/dodev/emulator"
)

//go:embed failure.html
var failureHTML string

// A failurePage is what failure.html shows.
type failurePage struct {
	Title, Message string
	Method, Target string
	Object         string
	Frames         []frame
	Excerpt        []excerptLine
}

// A frame is a line of a stack: where, and in what.
type frame struct{ Function, Place string }

// An excerptLine is a line of source; Here marks the one that is meant, Caret
// the line below it that points at the column.
type excerptLine struct {
	Text        string
	Here, Caret bool
}

// fail answers a request for which there is no response: as a page to a
// browser, as text to others.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, ex Exchange, err error) {
	if r.Context().Err() != nil {
		ex.Status = StatusGone
		s.answered(ex)
		panic(http.ErrAbortHandler)
	}
	ex.Status = http.StatusInternalServerError
	if !errors.As(err, &ex.Failure) {
		ex.Err = err
	} else {
		ex.Objects, ex.Span = ex.Failure.Objects, ex.Failure.Span
	}
	s.answered(ex)
	failure := ex.Failure
	if failure == nil {
		failure = &emulator.Failure{Message: err.Error()}
	}
	w.Header().Set("Cache-Control", "no-store")
	if accepts(r.Header["Accept"], "text/html") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(ex.Status)
		_ = s.page.Execute(w, pageOf(ex, failure))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(ex.Status)
	_, _ = w.Write([]byte(failureText(failure)))
}

// failureText is a failure for readers of text.
func failureText(f *emulator.Failure) string {
	var b strings.Builder
	b.WriteString(f.Error() + "\n")
	for _, part := range []string{f.Stack, f.Excerpt} {
		if part = strings.TrimRight(part, "\n"); part != "" {
			b.WriteString(part + "\n")
		}
	}
	return b.String()
}

func pageOf(ex Exchange, f *emulator.Failure) failurePage {
	page := failurePage{
		Title: f.Name, Message: f.Message, Method: ex.Method, Target: ex.Target, Object: f.Object,
		Frames: frames(f.Stack), Excerpt: excerptLines(f.Excerpt),
	}
	if page.Title == "" {
		page.Title = "Error"
	}
	return page
}

// frames reads the lines "    at f (src/x.ts:12:5)" of a stack.
func frames(stack string) []frame {
	var list []frame
	for line := range strings.Lines(stack) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "at ")
		if !ok {
			continue
		}
		f := frame{Place: line}
		if open := strings.LastIndex(line, " ("); open >= 0 && strings.HasSuffix(line, ")") {
			f = frame{Function: line[:open], Place: line[open+2 : len(line)-1]}
		}
		list = append(list, f)
	}
	return list
}

func excerptLines(excerpt string) []excerptLine {
	var list []excerptLine
	for line := range strings.Lines(excerpt) {
		line = strings.TrimRight(line, "\r\n")
		_, code, numbered := strings.Cut(line, "|")
		list = append(list, excerptLine{
			Text:  line,
			Here:  strings.HasPrefix(strings.TrimSpace(line), ">"),
			Caret: numbered && strings.Trim(code, " ") == "^",
		})
	}
	return list
}

// parsePage makes the template of the page.
func parsePage() *template.Template {
	return template.Must(template.New("failure.html").Parse(failureHTML))
}
