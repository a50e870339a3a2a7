package config

import (
	"slices"
	"strconv"
	"strings"
)

// near returns the candidate that a mistyped word most likely means, "" if none
// is close enough to be worth naming.
func near(word string, candidates []string) string {
	if all := nearest(word, candidates); len(all) > 0 {
		return all[0]
	}
	return ""
}

// nearest returns the candidates close enough to a mistyped word to be worth
// naming, likely ones first.
func nearest(word string, candidates []string) (all []string) {
	farthest := max(1, len(word)/3)
	distances := map[string]int{}
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if gap := len(c) - len(word); c == word || gap > farthest+5 || -gap > farthest+5 {
			continue
		}
		if d := distance(plain(word), plain(c)); d <= farthest {
			all, distances[c] = append(all, c), d
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return distances[a] - distances[b] })
	return all
}

// oneOf lists names in words, each in quotes.
func oneOf(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = strconv.Quote(name)
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// plain drops what people most often get wrong in a key: case and separators.
func plain(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn one word into another.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
