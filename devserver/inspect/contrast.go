package inspect

import "time"

// A Contrast is what differs between two states of what an object stores.
type Contrast struct {
	Keys   []Diff      `json:"keys,omitempty"`
	Tables []TableDiff `json:"tables,omitempty"`
	Alarm  *AlarmDiff  `json:"alarm,omitempty"`
	// Facets are those that differ, and what does of each.
	Facets []FacetDiff `json:"facets,omitempty"`
	// More says that the limit was reached, and that more may differ.
	More bool `json:"more,omitempty"`
}

// None reports that nothing differs.
func (c Contrast) None() bool {
	return len(c.Keys)+len(c.Tables)+len(c.Facets) == 0 && c.Alarm == nil
}

// Changes is how many keys and rows differ, those of facets included.
func (c Contrast) Changes() int {
	n := len(c.Keys)
	for _, t := range c.Tables {
		n += len(t.Added) + len(t.Removed)
	}
	for _, f := range c.Facets {
		n += f.Changes()
	}
	return n
}

// A TableDiff is what differs between two states of a table. A row that changed
// is among those removed as it was, and among those added as it is.
type TableDiff struct {
	Table string `json:"table"`
	// Columns are those of the rows. Key are the positions of those that tell a
	// row from all others, none where the table has no primary key.
	Columns []string `json:"columns,omitempty"`
	Key     []int    `json:"key,omitempty"`
	Added   []string `json:"added,omitempty"` // rows as JSON arrays
	Removed []string `json:"removed,omitempty"`
	// Changed are the positions, among those removed and those added, of rows
	// that are the same one before and after.
	Changed [][2]int `json:"changed,omitempty"`
	// Was are the columns of the removed rows where they were others.
	Was []string `json:"was,omitempty"`
	// Change says that the table itself was "added", "removed" or "altered".
	Change string `json:"change,omitempty"`
}

// An AlarmDiff is what became of an alarm: nil is none.
type AlarmDiff struct {
	Before *time.Time `json:"before"`
	After  *time.Time `json:"after"`
}

// A FacetDiff is what differs of a facet. Its name follows those of the facets
// that it is within: "part/inner".
type FacetDiff struct {
	Facet string `json:"facet"`
	Contrast
}

// An ObjectDiff is what differs of an object.
type ObjectDiff struct {
	Ref    Ref    `json:"ref"`
	Object string `json:"object"` // its label
	Change string `json:"change"` // "added", "removed" or "changed"
	Contrast
}
