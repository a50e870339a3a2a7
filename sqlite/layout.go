package sqlite

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ObjectPath returns where the object with an id, of 64 hexadecimal digits, lies
// in its namespace's folder.
func ObjectPath(folder, id string) string { return filepath.Join(folder, id+".sqlite") }

// ObjectIDs returns the ids of the objects that have a file in a namespace's
// folder, in ascending order. A folder that is not there holds none.
func ObjectIDs(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	var ids []string
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".sqlite")
		if _, err := hex.DecodeString(id); ok && err == nil && len(id) == 64 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
