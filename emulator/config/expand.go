package config

import "strings"

// maxExpanded bounds what a value may grow to by naming others, which a few
// lines can make double each time.
const maxExpanded = 1 << 16

// expand puts in the values of variables that settings name, as wrangler does
// for .env files: $NAME, ${NAME}, ${NAME:-instead} and ${NAME:+other}. A setting
// sees only those before it and the process's; \$ is a plain dollar sign. What
// the process has set wins over the file.
func expand(settings []setting, process map[string]string, report *reporter) {
	known := map[string]string{}
	get := func(name string) string {
		if v := process[name]; v != "" {
			return v
		}
		return known[name]
	}
	for i := range settings {
		s := &settings[i]
		if own := process[s.name]; own != "" {
			s.value = own
		} else if value, ok := expandValue(s.value, get); ok {
			s.value = value
		} else {
			report.warnf(s.pos, "malformed-line", "the value grows without end: the variables in it are left as they stand")
		}
		s.value = strings.ReplaceAll(s.value, `\$`, "$")
		known[s.name] = s.value
	}
}

// expandValue replaces references until none is left: a value put in may hold
// further ones. It gives up on values that grow too large.
func expandValue(value string, get func(string) string) (string, bool) {
	for range maxExpanded {
		start, end, expression := firstReference(value)
		if start < 0 {
			return value, true
		}
		with := resolve(expression, get)
		if strings.Contains(with, value[start:end]) {
			with = "" // it names itself
		}
		value = value[:start] + with + value[end:]
		if len(value) > maxExpanded {
			break
		}
	}
	return value, false
}

// firstReference finds the first $NAME or innermost ${...} in a value, start < 0
// if there is none.
func firstReference(value string) (start, end int, expression string) {
	for i := 0; i < len(value); i++ {
		if value[i] != '$' || i > 0 && value[i-1] == '\\' {
			continue
		}
		rest := value[i+1:]
		if strings.HasPrefix(rest, "{") {
			stop := strings.IndexAny(rest[1:], "{}")
			if stop > 0 && rest[1+stop] == '}' {
				return i, i + stop + 3, rest[1 : 1+stop]
			}
			continue
		}
		n := 0
		for n < len(rest) && (isNameByte(rest[n]) && rest[n] != '.' && rest[n] != '-') && (n > 0 || rest[n] < '0' || rest[n] > '9') {
			n++
		}
		if n > 0 {
			return i, i + 1 + n, rest[:n]
		}
	}
	return -1, -1, ""
}

// resolve returns what an expression stands for: NAME, NAME-instead,
// NAME:-instead, NAME+other or NAME:+other.
func resolve(expression string, get func(string) string) string {
	i := strings.IndexAny(expression, "+-")
	if i < 0 {
		return get(expression)
	}
	name, word := strings.TrimSuffix(expression[:i], ":"), expression[i+1:]
	value := get(name)
	switch {
	case expression[i] == '+' && value != "":
		return word
	case expression[i] == '+':
		return ""
	case value == "":
		return word
	}
	return value
}
