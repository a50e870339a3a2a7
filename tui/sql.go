package tui

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// sql shows an object's tables, and has a console for its database: with a
// history, completion of names, and what each statement read and wrote.
type sql struct {
	list  // of the tables
	style styles

	schema  inspect.Schema
	loaded  bool
	problem string

	console field
	typing  bool
	history []string
	back    int // how far back in the history, 0 for the line being typed
	draft   string

	asked   string // the statement whose answer is shown
	pending bool
	result  *inspect.SQLResult
	fault   string
	text    []string // shown instead of a result: a table's definition
	grid    list
	left    int // the first column in sight
}

// Clear forgets what was shown, as another object will be. The history stays.
func (p *sql) Clear() {
	*p = sql{style: p.style, history: p.history, console: newField("")}
}

// Set shows these tables.
func (p *sql) Set(s inspect.Schema) { p.schema, p.loaded, p.problem = s, true, "" }

// Fail says why there are none.
func (p *sql) Fail(problem string) { p.loaded, p.problem = true, problem }

// Table is the one at the cursor.
func (p *sql) Table() (inspect.Table, bool) {
	if len(p.schema.Tables) == 0 {
		return inspect.Table{}, false
	}
	return p.schema.Tables[within(p.cursor, len(p.schema.Tables))], true
}

// Browse is the statement that shows a table's rows.
func (p *sql) Browse() (string, bool) {
	t, ok := p.Table()
	return `SELECT * FROM "` + strings.ReplaceAll(t.Name, `"`, `""`) + `"`, ok
}

// Define shows how the table at the cursor was made.
func (p *sql) Define() {
	t, ok := p.Table()
	if !ok {
		return
	}
	s := p.style
	p.text = []string{s.strong.on(plain(t.Name)) + s.dim.on("  "+t.Kind), ""}
	for _, c := range t.Columns {
		note := ""
		if c.Key {
			note += "  primary key"
		}
		if c.NotNull {
			note += "  not null"
		}
		p.text = append(p.text, fmt.Sprintf("%s  %s%s", fit(plain(c.Name), 20), s.accent.on(fit(plain(c.Type), 10)), s.dim.on(note)))
	}
	if len(t.Indexes) > 0 {
		p.text = append(p.text, "", s.dim.on("indexes ")+plain(strings.Join(t.Indexes, ", ")))
	}
	p.text = append(p.text, "")
	for _, l := range strings.Split(t.SQL, "\n") {
		p.text = append(p.text, plain(l))
	}
	p.result, p.fault = nil, ""
}

// Ask remembers a statement that was sent.
func (p *sql) Ask(statement string) {
	p.asked, p.pending, p.fault, p.text = statement, true, "", nil
	p.history = slices.DeleteFunc(p.history, func(s string) bool { return s == statement })
	p.history = append(p.history, statement)
	p.back = 0
}

// Answer shows what a statement gave, or why it did not.
func (p *sql) Answer(r inspect.SQLResult, err error) {
	p.pending, p.result, p.fault, p.grid, p.left = false, &r, "", list{}, 0
	if err != nil {
		p.result, p.fault = nil, err.Error()
	}
}

// Recall goes through the history.
func (p *sql) Recall(by int) {
	if p.back == 0 {
		p.draft = p.console.text()
	}
	p.back = max(0, min(p.back+by, len(p.history)))
	if p.back == 0 {
		p.console.set(p.draft)
		return
	}
	p.console.set(p.history[len(p.history)-p.back])
}

// Complete finishes the word before the cursor as far as it is certain, and
// gives the words it may become.
func (p *sql) Complete() []string {
	before := p.console.before()
	word := before[strings.LastIndexAny(before, " \t(),.;=<>\"")+1:]
	if word == "" {
		return nil
	}
	var fits []string
	for _, name := range p.words() {
		if len(name) >= len(word) && strings.EqualFold(name[:len(word)], word) && !slices.Contains(fits, name) {
			fits = append(fits, name)
		}
	}
	if len(fits) == 0 {
		return nil
	}
	certain := fits[0]
	for _, name := range fits[1:] {
		certain = certain[:sharedLength(certain, name)]
	}
	if len(certain) >= len(word) {
		p.console.insert(certain, len([]rune(word)))
	}
	if len(fits) == 1 {
		return nil
	}
	return fits
}

func sharedLength(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && strings.EqualFold(a[n:n+1], b[n:n+1]) {
		n++
	}
	return n
}

// keywords are the words of SQL that are worth completing.
var keywords = strings.Fields(`SELECT FROM WHERE ORDER BY GROUP HAVING LIMIT OFFSET INSERT INTO VALUES UPDATE SET DELETE
	CREATE TABLE INDEX DROP ALTER JOIN LEFT INNER DISTINCT COUNT EXPLAIN QUERY PLAN WITH UNION BETWEEN NULL LIKE PRAGMA`)

// words are tables first, then columns, then the language's.
func (p *sql) words() []string {
	var tables, columns []string
	for _, t := range p.schema.Tables {
		tables = append(tables, t.Name)
		for _, c := range t.Columns {
			columns = append(columns, c.Name)
		}
	}
	return append(append(tables, columns...), keywords...)
}

// Press moves among the tables, or through the result.
func (p *sql) Press(key string) bool {
	switch key {
	case "]", "shift+down":
		p.grid.scroll(1, p.gridRows())
	case "[", "shift+up":
		p.grid.scroll(-1, p.gridRows())
	case "}", "shift+right":
		p.left++
	case "{", "shift+left":
		p.left = max(0, p.left-1)
	default:
		return p.press(key, len(p.schema.Tables))
	}
	return true
}

func (p *sql) gridRows() int {
	switch {
	case p.text != nil:
		return len(p.text)
	case p.result != nil:
		return len(p.result.Rows)
	}
	return 0
}

// Render draws the tables at the left, the result beside them, and the console
// below.
func (p *sql) Render(width, height int, now time.Time, focus bool) []string {
	switch {
	case p.problem != "":
		return message(p.style.red, p.problem, width)
	case !p.loaded:
		return message(p.style.dim, "reading …", width)
	}
	body := height - 2
	side := 0
	if width >= 60 && len(p.schema.Tables) > 0 {
		side = max(20, min(34, width/4))
	}
	var out []string
	if side > 0 {
		tables := block(p.tables(side, body, focus && !p.typing), side, body)
		for i, text := range block(p.answer(width-side-1, body), width-side-1, body) {
			out = append(out, tables[i]+p.style.faint.on("│")+text)
		}
	} else {
		half := min(len(p.schema.Tables)+1, body/3)
		out = append(block(p.tables(width, half, focus && !p.typing), width, half), block(p.answer(width, body-half), width, body-half)...)
	}
	return append(out, rule(p.style, "", width), p.prompt(width))
}

func (p *sql) prompt(width int) string {
	s := p.style
	if !p.typing {
		text := p.console.text()
		if text == "" {
			return " " + s.dim.on("sql> ") + s.key.on("i") + s.dim.on(" types a statement, ") + s.key.on("⏎") + s.dim.on(" shows the table's rows")
		}
		return " " + s.dim.on("sql> "+plain(text))
	}
	return " " + s.accent.on("sql> ") + p.console.render(width-7)
}

func (p *sql) tables(width, height int, focus bool) []string {
	s := p.style
	if len(p.schema.Tables) == 0 {
		return []string{" " + s.dim.on("no tables")}
	}
	out := []string{" " + s.dim.on(fit("TABLE", width-9)+fitRight("ROWS", 7))}
	from, to := p.window(len(p.schema.Tables), height-1)
	for i := from; i < to; i++ {
		t := p.schema.Tables[i]
		rows := ""
		if t.Rows >= 0 {
			rows = fmt.Sprint(t.Rows)
		}
		text := fit(plain(t.Name), width-9) + s.dim.on(fitRight(rows, 7)) + " "
		out = append(out, cursorLine(s, text, width, i == p.cursor, focus))
	}
	return out
}

// answer is what the statement gave.
func (p *sql) answer(width, height int) []string {
	s := p.style
	switch {
	case p.text != nil:
		from, to := p.grid.window(len(p.text), height)
		out := []string{}
		for _, l := range p.text[from:to] {
			out = append(out, " "+l)
		}
		return out
	case p.pending:
		return []string{"", "  " + s.dim.on("running "+plain(p.asked))}
	case p.fault != "":
		return append([]string{" " + s.dim.on(plain(p.asked))}, message(s.red, p.fault, width)...)
	case p.result == nil:
		return nil
	}
	return append([]string{" " + s.dim.on(plain(p.asked))}, p.rows(width, height-1)...)
}

// rows is the result as a table, and below it what it cost.
func (p *sql) rows(width, height int) []string {
	s, r := p.style, p.result
	cost := fmt.Sprintf("%s in %s  ·  %d read, %d written", count(len(r.Rows), "row"), took(r.Took), r.RowsRead, r.RowsWritten)
	if r.More {
		cost = "the first " + cost
	}
	if len(r.Columns) == 0 {
		return []string{"", " " + s.dim.on(cost)}
	}
	p.left = min(p.left, len(r.Columns)-1)
	from, to := p.grid.window(len(r.Rows), height-2)
	columns := make([]column, 0, len(r.Columns)-p.left)
	for i, name := range r.Columns[p.left:] {
		columns = append(columns, p.sized(name, i+p.left, from, to))
	}
	widths := sequence(columns, width-2)
	out := []string{" " + s.accent.on(head(columns, widths))}
	for _, row := range r.Rows[from:to] {
		cells := make([]string, len(columns))
		for i := range columns {
			cells[i] = sqlCell(s, row[i+p.left])
		}
		out = append(out, " "+line(columns, widths, cells))
	}
	for len(out) < height-1 {
		out = append(out, "")
	}
	return append(out, " "+s.dim.on(cost))
}

// sized is a column of the result, as wide as the rows in sight want it.
func (p *sql) sized(name string, i, from, to int) column {
	c := column{title: plain(name), width: ansi.StringWidth(plain(name)), right: to > from}
	for _, row := range p.result.Rows[from:to] {
		c.width = max(c.width, ansi.StringWidth(sqlCell(styles{}, row[i])))
		if c.right && !numeric(row[i]) {
			c.right = false
		}
	}
	c.width = max(1, min(c.width, 48))
	return c
}

func numeric(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9') || string(value) == "null"
}

// sequence gives columns their width as long as there is room; those beyond are
// left out.
func sequence(columns []column, width int) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		if width < 1 {
			break
		}
		widths[i] = min(c.width, width)
		width -= widths[i] + gap
	}
	return widths
}

// sqlCell is a value of a row.
func sqlCell(s styles, value json.RawMessage) string {
	if len(value) == 0 || string(value) == "null" {
		return s.dim.on("NULL")
	}
	switch value[0] {
	case '"':
		var text string
		if json.Unmarshal(value, &text) == nil {
			return plain(text)
		}
	case '{':
		var special struct {
			Type   string `json:"$type"`
			Base64 string `json:"base64"`
			Value  string `json:"value"`
		}
		if json.Unmarshal(value, &special) != nil {
			break
		}
		if special.Type != "ArrayBuffer" {
			return plain(special.Value)
		}
		if data, err := base64.StdEncoding.DecodeString(special.Base64); err == nil {
			return s.dim.on("x'") + fmt.Sprintf("%x", data) + s.dim.on("'")
		}
	}
	return plain(string(value))
}
