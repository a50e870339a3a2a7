package sqlite

// Kind is a storage class of SQLite.
type Kind uint8

const (
	Null Kind = iota
	Integer
	Float
	Text
	Blob
)

// Value is one value of SQLite's: the field that Kind names holds it. The zero
// value is NULL. Text need not be valid UTF-8.
type Value struct {
	Kind    Kind
	Integer int64
	Float   float64
	Text    string
	Blob    []byte
}
