package live

import (
	"fmt"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/worker"
)

// nameOf says what an operation on storage is, for people.
func nameOf(op worker.StorageOp) string {
	verbs := map[string]string{
		"kvGet": "get", "kvPut": "put", "kvDelete": "delete", "kvGetMany": "get", "kvDeleteMany": "delete", "kvList": "list",
		"deleteAll": "deleteAll", "setAlarm": "setAlarm", "deleteAlarm": "deleteAlarm",
	}
	switch {
	case op.Name == "sqlExec":
		return clip(strings.Join(strings.Fields(op.SQL), " "))
	case len(op.Keys) > 3:
		return clip(verbs[op.Name] + " " + strings.Join(op.Keys[:3], ", ") + ", …")
	case len(op.Keys) > 0:
		return clip(strings.TrimSpace(verbs[op.Name] + " " + strings.Join(op.Keys, ", ")))
	}
	return verbs[op.Name]
}

// cameOut says how an operation on storage came out.
func cameOut(op worker.StorageOp, out worker.StorageOutcome) string {
	if out.Err != nil {
		return ""
	}
	switch op.Name {
	case "kvGet":
		if out.Rows == 0 {
			return "none"
		}
		return size(out.Bytes)
	case "kvPut":
		return size(out.Bytes)
	case "kvDelete", "kvDeleteMany":
		return fmt.Sprintf("%d of %d", out.Rows, len(op.Keys))
	case "kvGetMany":
		return fmt.Sprintf("%d of %d, %s", out.Rows, len(op.Keys), size(out.Bytes))
	case "kvList":
		if out.Rows == 0 {
			return rows(0)
		}
		return rows(out.Rows) + ", " + size(out.Bytes)
	case "sqlExec":
		var parts []string
		if out.Rows > 0 || out.Written == 0 {
			parts = append(parts, rows(out.Rows)+" read")
		}
		if out.Written > 0 {
			parts = append(parts, rows(out.Written)+" written")
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// size is so many bytes in a unit that suits them.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// nameOfEvent is what an event is called: a request without its origin.
func nameOfEvent(kind inspect.SpanKind, name string) string {
	if method, url, ok := strings.Cut(name, " "); ok && kind == inspect.FetchSpan {
		return method + " " + pathOf(url)
	}
	return name
}

// pathOf is a URL without its origin.
func pathOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}
