package inspect

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Everything is asked with POST and JSON, at a path that begins with the version
// of the interface: a browser does not send that without asking first, which
// is never allowed. An answer is JSON, an error an Error with a fitting status.
const version = "/v1/"

// Paths of what can be asked, behind the version.
const (
	pathSnapshot = "snapshot"
	pathFind     = "find"
	pathObject   = "object"
	pathEvents   = "events" // answers with an event a line until somebody hangs up
	pathSockets  = "sockets"
	pathAlarms   = "alarms"
	pathKeys     = "storage/keys"
	pathEntry    = "storage/entry"
	pathEdit     = "storage/edit"
	pathSchema   = "sql/schema"
	pathSQL      = "sql/query"
	pathAct      = "act"
	pathCall     = "call"
	pathRequest  = "request"
	pathReplay   = "replay"
	pathLogs     = "logs"
	pathTraces   = "traces"
	pathTrace    = "trace"
	pathKeep     = "snapshot/save"
	pathRestore  = "snapshot/restore"
	pathKept     = "snapshot/list"
	pathContents = "snapshot/show"
	pathDiffer   = "snapshot/compare"
	pathDiscard  = "snapshot/delete"
	pathHistory  = "past/history"
	pathPast     = "past/compare"
	pathBetween  = "past/between"
	pathRewind   = "past/restore"
	pathFork     = "past/fork"
	pathStatus   = "migrations/status"
	pathPlan     = "migrations/plan"
	pathMigrate  = "migrations/apply"
	pathUndo     = "migrations/undo"
)

// What is asked where an argument of Inspector's is not a struct.
type (
	nothing  struct{}
	aboutOne struct {
		Object Ref `json:"object"`
	}
	aboutKeys struct {
		Object Ref      `json:"object"`
		Query  KeyQuery `json:"query"`
	}
	aboutKey struct {
		Object Ref    `json:"object"`
		Key    string `json:"key"`
	}
	anEdit struct {
		Object  Ref      `json:"object"`
		Changes []Change `json:"changes"`
	}
	aStatement struct {
		Object Ref      `json:"object"`
		Query  SQLQuery `json:"query"`
	}
	aHistory struct {
		Object Ref `json:"object"`
		Limit  int `json:"limit"`
	}
	aMoment struct {
		Object Ref    `json:"object"`
		Moment Moment `json:"moment"`
	}
	aRewind struct {
		Object   Ref    `json:"object"`
		Bookmark string `json:"bookmark"`
	}
	aboutKept struct {
		Name string `json:"name"`
	}
	aboutTrace struct {
		ID string `json:"id"`
	}
)

// maxAsk bounds what is asked, a value to store included.
const maxAsk = 256 << 20

// statuses are those of errors; any other is a failure of the server's.
var statuses = map[Code]int{
	NotFound: http.StatusNotFound, Conflict: http.StatusConflict, Refused: http.StatusConflict, Locked: http.StatusLocked,
	Invalid: http.StatusBadRequest, Threw: http.StatusUnprocessableEntity, Unavailable: http.StatusNotImplemented,
	Gone: http.StatusServiceUnavailable, Forbidden: http.StatusForbidden, Denied: http.StatusInternalServerError, Full: http.StatusInsufficientStorage,
}

// errorOf reads the error of an answer.
func errorOf(status int, body []byte) error {
	var e Error
	if json.Unmarshal(body, &e) == nil && e.Message != "" {
		return &e
	}
	return fmt.Errorf("the server answered with status %d", status)
}
