package watch

import (
	"path/filepath"
	"strings"
)

// temporary says whether a name is one that editors and systems use for files
// of their own.
func temporary(name string) bool {
	switch name {
	case "4913", ".DS_Store", "Thumbs.db": // 4913 is how vim tries whether it may write
		return true
	}
	for _, prefix := range []string{".#", "#", "___jb_", ".goutputstream-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	if strings.HasSuffix(name, "~") {
		return true
	}
	switch filepath.Ext(name) {
	case ".swp", ".swo", ".swx", ".swpx", ".crswap", ".tmp", ".part":
		return true
	}
	return false
}

// skipped says whether a folder is left out when a folder is watched with all
// below it.
func skipped(name string) bool {
	return name == "node_modules" || name == ".git" || name == ".wrangler"
}
