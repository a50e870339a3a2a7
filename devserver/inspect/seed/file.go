// Package seed reads and writes fixtures: what objects store, as data that
// people write.
//
// A [File] is a YAML or JSON document of objects with keys, tables, statements
// and alarms. [Decode] reads one and finds what is wrong with it before anything
// is stored; [Load] stores it by way of an [inspect.Inspector], and [Take] makes
// one of what objects store. docs/formats.md describes the format.
//
// The package knows neither servers nor databases.
package seed

import (
	"encoding/json"
	"time"

	"github.com/dodev/dodev/emulator/config"
)

// A File is what a fixture says, in its order.
type File struct {
	Objects []Object
}

// An Object is what an object is to store.
type Object struct {
	Name   string // "Class/name" or "Class/<id>"
	Keys   []Pair
	Tables []Table
	SQL    []Statement // run after the tables are there
	Alarm  time.Time   // zero for none

	at, alarmAt config.Position
}

// A Pair is a key with its value, in the form of [inspect.Entry.Value].
type Pair struct {
	Key   string
	Value json.RawMessage
}

// A Table is a table with its rows.
type Table struct {
	Name string
	SQL  string // that makes it, "" when it is there already
	Rows []Row

	at config.Position
}

// A Row is a row of a table. Columns are those it has values for, nil for all
// of the table's.
type Row struct {
	Columns []string
	Values  []json.RawMessage
}

// A Statement is SQL to run.
type Statement struct {
	SQL string

	at config.Position
}

// empty reports whether there is nothing to store.
func (o Object) empty() bool {
	return len(o.Keys)+len(o.Tables)+len(o.SQL) == 0 && o.Alarm.IsZero()
}

// Names of what an object may have.
const (
	partStorage = "storage"
	partTables  = "tables"
	partSQL     = "sql"
	partAlarm   = "alarm"
	partColumns = "columns"
	partRows    = "rows"
)
