package tui

// A list is where somebody is in a number of rows, of which only those in
// sight are ever drawn.
type list struct {
	cursor int
	top    int // the first row in sight
	height int // rows in sight when it was last drawn
}

// move goes some rows down, or up.
func (l *list) move(by, rows int) { l.cursor = within(l.cursor+by, rows) }

// scroll turns the wheel: the rows move, and take the cursor along only where
// it would leave their sight.
func (l *list) scroll(by, rows int) {
	l.top = max(0, min(l.top+by, rows-l.height))
	l.cursor = within(max(l.top, min(l.cursor, l.top+l.height-1)), rows)
}

// press moves by a key, and says whether it was one that moves.
func (l *list) press(key string, rows int) bool {
	page := max(1, l.height-1)
	switch key {
	case "up", "k":
		l.move(-1, rows)
	case "down", "j":
		l.move(1, rows)
	case "pgup", "ctrl+b":
		l.move(-page, rows)
	case "pgdown", "ctrl+f":
		l.move(page, rows)
	case "ctrl+u":
		l.move(-page/2, rows)
	case "ctrl+d":
		l.move(page/2, rows)
	case "home", "g":
		l.cursor = 0
	case "end", "G":
		l.cursor = within(rows-1, rows)
	default:
		return false
	}
	return true
}

// window gives the rows that are in sight in a height, the cursor's among them.
func (l *list) window(rows, height int) (from, to int) {
	l.height = max(0, height)
	l.cursor = within(l.cursor, rows)
	l.top = min(l.top, l.cursor)
	l.top = max(l.top, l.cursor-l.height+1)
	l.top = max(0, min(l.top, rows-l.height))
	return l.top, min(rows, l.top+l.height)
}

// at is the row that is shown in a line, -1 for none.
func (l *list) at(line, rows int) int {
	if row := l.top + line; line >= 0 && line < l.height && row < rows {
		return row
	}
	return -1
}

func within(n, rows int) int { return max(0, min(n, rows-1)) }
