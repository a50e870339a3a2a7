package inspect

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// QuoteName writes a name of a table or column in SQL.
func QuoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal writes a value of a row, as SQLResult has it, in SQL. The error is
// that a table cannot hold such a value.
func Literal(value json.RawMessage) (string, error) {
	n, err := ParseNode(value)
	if err != nil {
		return "", err
	}
	switch n.Type {
	case "null":
		return "NULL", nil
	case "bigint":
		if _, err := strconv.ParseInt(n.Text, 10, 64); err != nil {
			return "", fmt.Errorf("an integer of a table has 64 bits, and %s has more", n.Text)
		}
		return n.Text, nil
	case "number":
		switch n.Text {
		case "Infinity":
			return "9e999", nil
		case "-Infinity":
			return "-9e999", nil
		case "NaN":
			return "NULL", nil // as SQLite has it
		case "-0":
			return "-0.0", nil
		}
		return n.Text, nil
	case "string":
		return "'" + strings.ReplaceAll(n.Text, "'", "''") + "'", nil
	case "ArrayBuffer", "Uint8Array":
		if _, err := hex.DecodeString(n.Text); err == nil {
			return "X'" + n.Text + "'", nil
		}
	}
	return "", fmt.Errorf("a %s cannot be stored in a table", n.Type)
}
