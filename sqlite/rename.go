package sqlite

import "strings"

// renamesToReserved reports whether sql is ALTER TABLE … RENAME TO a name that
// belongs to the platform. The engine asks about the old name only.
func renamesToReserved(sql string) bool {
	var last [3]string
	for sql != "" {
		token, rest := nextToken(sql)
		if token != "" && token != ";" {
			last = [3]string{last[1], last[2], token}
		}
		sql = rest
	}
	return strings.EqualFold(last[0], "rename") && strings.EqualFold(last[1], "to") &&
		!allowedName(unquote(last[2]))
}

// nextToken cuts the first word, quoted name or character off sql. A comment or
// blank space is an empty token.
func nextToken(sql string) (token, rest string) {
	n := 1
	switch c := sql[0]; {
	case strings.HasPrefix(sql, "--"):
		return "", after(sql, "\n")
	case strings.HasPrefix(sql, "/*"):
		return "", after(sql[2:], "*/")
	case strings.IndexByte(space, c) >= 0:
		return "", sql[1:]
	case c == '[':
		n = len(sql) - len(after(sql, "]"))
	case c == '"' || c == '`' || c == '\'':
		n = quoted(sql)
	case isWord(c):
		for n < len(sql) && isWord(sql[n]) {
			n++
		}
	}
	return sql[:n], sql[n:]
}

// quoted returns the length of the quoted name that sql begins with; a doubled
// quote stands for one.
func quoted(sql string) int {
	for i := 1; i < len(sql); i++ {
		if sql[i] != sql[0] {
			continue
		}
		if i+1 == len(sql) || sql[i+1] != sql[0] {
			return i + 1
		}
		i++
	}
	return len(sql)
}

func unquote(token string) string {
	if len(token) < 2 || isWord(token[0]) {
		return token
	}
	return token[1 : len(token)-1]
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}
