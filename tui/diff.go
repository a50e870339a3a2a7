package tui

// difference shows what became of lines: those that went, those that came, and
// those between that stayed.
func difference(s styles, before, after []string) []string {
	const most = 1500 // the table below is as large as their product
	if len(before) > most || len(after) > most {
		return append(prefixed(s.red, "- ", before), prefixed(s.green, "+ ", after)...)
	}
	same := common(before, after)
	var out []string
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && before[i] == after[j]:
			out = append(out, "  "+after[j])
			i, j = i+1, j+1
		case j == len(after) || i < len(before) && same[i+1][j] >= same[i][j+1]:
			out = append(out, s.red.on("- ")+before[i])
			i++
		default:
			out = append(out, s.green.on("+ ")+after[j])
			j++
		}
	}
	return out
}

func prefixed(p paint, sign string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = p.on(sign) + l
	}
	return out
}

// common tells, for every two ends of the texts, how many lines they share.
func common(a, b []string) [][]int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
