package bundle

import (
	"embed"
	"io/fs"
)

//go:embed patterns/*.ts
var patternFiles embed.FS

// Patterns returns the TypeScript sources of the pattern library, each at the
// root under its own name. They import each other by relative path without
// extension and, for the platform, "cloudflare:workers"; nothing else.
func Patterns() fs.FS {
	files, err := fs.Sub(patternFiles, "patterns")
	if err != nil {
		panic(err) // a constant path that embed accepted is valid
	}
	return files
}
