package sqlite

// CachedText is how many bytes of statements are kept compiled, and how many
// they may be.
func (o *Object) CachedText() (size, most int) { return o.cache.size, maxCachedText }
