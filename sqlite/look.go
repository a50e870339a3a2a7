package sqlite

// Exists reports whether there is a database yet: before the first write there
// is none, and looking must not make it.
func (o *Object) Exists() (bool, error) { return o.exists() }
