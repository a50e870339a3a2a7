package emulator

import (
	"path/filepath"
	"strings"

	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// historyDir is where the past of objects lies: beside what the real runtime
// knows of, so that it moves, and is deleted, with the data it describes.
func (e *Emulator) historyDir() string { return filepath.Join(e.opts.StateDir, "dodev", "history") }

// history has the past of all objects kept.
func (e *Emulator) history() *sqlite.HistoryOptions {
	return &sqlite.HistoryOptions{
		Path: func(database string) string {
			namespace, id := placeOf(database)
			return filepath.Join(e.historyDir(), namespace, id+".hist")
		},
		Now: e.opts.Clock.Now,
		Report: func(database string, err error) {
			namespace, text := placeOf(database)
			ref := object.Ref{Namespace: namespace}
			text, _, _ = strings.Cut(text, ".") // the rest is the number of a facet
			id, idErr := object.Decode(text)
			v := e.definer(namespace)
			if idErr != nil || v == nil {
				return
			}
			ref.ID = id
			e.opts.Log(Entry{Kind: Notice, Level: "warn", Object: v.label(ref), Text: err.Error()})
		},
	}
}

// placeOf tells of which namespace, and which object's, a database is.
func placeOf(database string) (namespace, id string) {
	return filepath.Base(filepath.Dir(database)), strings.TrimSuffix(filepath.Base(database), ".sqlite")
}
