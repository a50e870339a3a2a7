package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// A place is where keys go. A binding holds in some of them.
type place uint

const (
	inTree place = 1 << iota
	inStorage
	inSQL
	inSockets
	inAlarms
	inTimeline
	inCommits // the timeline's other face
	inLogs
	inSnapshots
	inMigrations

	inTabs     = inStorage | inSQL | inSockets | inAlarms | inTimeline | inCommits | inLogs
	inPages    = inSnapshots | inMigrations
	everywhere = inTree | inTabs // where something is chosen to act on
	always     = everywhere | inPages
)

// general reports whether a binding holds wherever an object can be meant.
func (b binding) general() bool { return b.in&everywhere == everywhere }

// A binding is what a key does. One that cannot act now says why not: it is
// shown dimmed, and pressing it shows the reason.
type binding struct {
	keys []string // the first is the one that is shown
	name string   // in the palette, and beside the key below the screen
	help string
	in   place
	hint bool // it is shown below the screen
	why  func(m *model) string
	do   func(m *model) tea.Cmd
}

// A section is bindings that belong together in the help.
type section struct {
	title    string
	bindings []binding
}

// sections are all keys there are.
func sections() []section {
	return []section{
		{"Get around", navigation()},
		{"Any object", objectKeys()},
		{"Objects", treeKeys()},
		{"Storage", storageKeys()},
		{"SQL", sqlKeys()},
		{"Sockets", socketKeys()},
		{"Alarms", alarmKeys()},
		{"Timeline", timelineKeys()},
		{"Commits", commitKeys()},
		{"Logs", logKeys()},
		{"Snapshots", snapshotKeys()},
		{"Migrations", migrationKeys()},
	}
}

func navigation() []binding {
	return []binding{
		{keys: []string{"?"}, name: "help", help: "all keys, and why one cannot act", in: always, do: (*model).openHelp},
		{keys: []string{":", "ctrl+p"}, name: "command", help: "an action or object by its name", in: always, do: (*model).openPalette},
		{keys: []string{"/"}, name: "filter", help: "only what has a text in it", in: everywhere, hint: true, why: (*model).whyNoFilter, do: (*model).openFilter},
		{keys: []string{"esc"}, name: "back", help: "out of what was gone into", in: always, do: (*model).goBack},
		{keys: []string{"tab", "shift+tab"}, name: "other side", help: "between the tree and the tab", in: everywhere, do: (*model).otherSide},
		{keys: []string{"1"}, name: "storage", help: "keys and values", in: always, do: show(storageTab)},
		{keys: []string{"2"}, name: "sql", help: "tables, rows and a console", in: always, do: show(sqlTab)},
		{keys: []string{"3"}, name: "sockets", help: "who is connected", in: always, do: show(socketsTab)},
		{keys: []string{"4"}, name: "alarms", help: "what is due, soonest first", in: always, do: show(alarmsTab)},
		{keys: []string{"5"}, name: "timeline", help: "where the time goes", in: always, do: show(timelineTab)},
		{keys: []string{"6"}, name: "logs", help: "what the code prints", in: always, do: show(logsTab)},
		{keys: []string{"S"}, name: "snapshots", help: "what was kept: compare, put back", in: always, do: (*model).openSnapshots},
		{keys: []string{"P"}, name: "migrations", help: "what is left to apply, and what was", in: always, do: (*model).openMigrations},
		{keys: []string{"z", "+"}, name: "zoom", help: "one side on the whole screen", in: everywhere, do: (*model).zoom},
		{keys: []string{"q", "ctrl+c"}, name: "quit", help: "leave; the server goes on", in: always, do: func(*model) tea.Cmd { return tea.Quit }},
	}
}

func objectKeys() []binding {
	return []binding{
		{keys: []string{"v"}, name: "evict", help: "end the instance; its data stays", in: everywhere, hint: true, why: whyNot(evictKind), do: (*model).evict},
		{keys: []string{"h"}, name: "hibernate", help: "the same, with open sockets", in: everywhere, hint: true, why: whyNot(hibernateKind), do: (*model).hibernate},
		{keys: []string{"a"}, name: "fire alarm", help: "run the pending alarm now", in: everywhere, hint: true, why: whyNot(fireKind), do: (*model).fire},
		{keys: []string{"m"}, name: "set alarm", help: "set the alarm, or move it", in: everywhere, why: whyNot(setKind), do: (*model).openAlarm},
		{keys: []string{"M"}, name: "delete alarm", help: "forget the pending alarm, after a question", in: everywhere, why: whyNot(unsetKind), do: (*model).openUnset},
		{keys: []string{"b"}, name: "abort", help: "reset it, as ctx.abort() does", in: everywhere, why: whyNot(abortKind), do: (*model).abort},
		{keys: []string{"R"}, name: "restart", help: "end the instance and start another", in: everywhere, why: whyNot(restartKind), do: (*model).restart},
		{keys: []string{"D"}, name: "delete object", help: "with all it stores, after a question", in: everywhere, why: whyNot(deleteKind), do: (*model).openDelete},
		{keys: []string{"f"}, name: "fork", help: "a new object of what it has stored", in: everywhere, hint: true, why: whyNot(forkKind), do: (*model).openFork},
		{keys: []string{"s"}, name: "snapshot", help: "keep what is stored of it, or of all", in: everywhere | inSnapshots, hint: true, why: (*model).whyNoKeeping, do: (*model).openKeep},
		{keys: []string{"o"}, name: "open source", help: "the place of the error, in $EDITOR", in: everywhere, why: (*model).whyNoPlace, do: (*model).openPlace},
		{keys: []string{"c"}, name: "copy name", help: "Class/name, to the clipboard", in: everywhere, why: (*model).whyNoObject, do: (*model).copyName},
		{keys: []string{"C"}, name: "copy id", help: "the 64 digits, to the clipboard", in: everywhere, why: (*model).whyNoObject, do: (*model).copyID},
	}
}

func treeKeys() []binding {
	return []binding{
		{keys: []string{"enter"}, name: "open", help: "go into what is at the cursor", in: inTree, hint: true, do: (*model).openNode},
		{keys: []string{">"}, name: "sort", help: "by the next column, or click a title", in: inTree, hint: true, do: (*model).sortNext},
		{keys: []string{"<"}, name: "sort back", help: "by the column before", in: inTree, do: (*model).sortBefore},
	}
}

func storageKeys() []binding {
	return []binding{
		{keys: []string{"e"}, name: "edit", help: "the value, in $EDITOR", in: inStorage, hint: true, why: (*model).whyNoValueEdit, do: (*model).editValue},
		{keys: []string{"i"}, name: "edit here", help: "the value, on one line", in: inStorage, why: (*model).whyNoValueEdit, do: (*model).openInline},
		{keys: []string{"n"}, name: "new", help: "add a key", in: inStorage, hint: true, why: (*model).whyNoEdit, do: (*model).openNew},
		{keys: []string{"x", "delete"}, name: "delete", help: "the key, after a question", in: inStorage, hint: true, why: (*model).whyNoKeyDelete, do: (*model).openDeleteKey},
		{keys: []string{"u"}, name: "undo", help: "take the last edit back", in: inStorage, hint: true, why: (*model).whyNoUndo, do: (*model).undo},
		{keys: []string{"d"}, name: "diff", help: "before and after the last change", in: inStorage, why: (*model).whyNoDiff, do: (*model).toggleDiff},
		{keys: []string{"t"}, name: "group", help: "keys by their prefix; ⏎ opens one", in: inStorage, hint: true, why: (*model).whyNoStorage, do: (*model).toggleGroup},
		{keys: []string{"enter", "right"}, name: "open", help: "the keys with that prefix", in: inStorage, why: (*model).whyNoGroup, do: (*model).openGroup},
		{keys: []string{"backspace", "left"}, name: "up", help: "out of a prefix", in: inStorage, why: (*model).whyNoPrefix, do: (*model).goBack},
		{keys: []string{"y"}, name: "copy value", help: "as JSON, to the clipboard", in: inStorage, why: (*model).whyNoValue, do: (*model).copyValue},
	}
}

func sqlKeys() []binding {
	return []binding{
		{keys: []string{"i"}, name: "console", help: "type a statement; ↑ recalls, tab completes", in: inSQL, hint: true, why: (*model).whyNoSQL, do: (*model).openConsole},
		{keys: []string{"enter"}, name: "rows", help: "of the table at the cursor", in: inSQL, hint: true, why: (*model).whyNoTable, do: (*model).browseTable},
		{keys: []string{"d"}, name: "definition", help: "columns and statement of the table", in: inSQL, hint: true, why: (*model).whyNoTable, do: (*model).defineTable},
	}
}

func socketKeys() []binding {
	return []binding{
		{keys: []string{"t"}, name: "tap", help: "show frames as they go by", in: inSockets, hint: true, why: (*model).whyNoTap, do: (*model).tapFrames},
		{keys: []string{"space"}, name: "pause", help: "hold the tap, or let it go on", in: inSockets, why: (*model).whyNoPause, do: (*model).pauseTap},
		{keys: []string{"r"}, name: "read", help: "the frames that were tapped, one by one", in: inSockets, why: (*model).whyNoReader, do: (*model).openReader},
		{keys: []string{"w"}, name: "send", help: "a message, to the client", in: inSockets, hint: true, why: (*model).whyNoUse, do: (*model).openSend},
		{keys: []string{"W"}, name: "send as client", help: "a message, as if from the client", in: inSockets, hint: true, why: (*model).whyNoUse, do: (*model).openSendAsClient},
		{keys: []string{"x", "delete"}, name: "close", help: "the socket, with a code", in: inSockets, hint: true, why: (*model).whyNoSocket, do: (*model).openClose},
		{keys: []string{"X"}, name: "close as client", help: "as if the client had closed it", in: inSockets, why: (*model).whyNoSocket, do: (*model).openCloseAsClient},
		{keys: []string{"enter"}, name: "go to object", help: "whose socket it is", in: inSockets, why: (*model).whyNoSocket, do: (*model).goToSocket},
	}
}

func alarmKeys() []binding {
	return []binding{
		{keys: []string{"enter"}, name: "go to object", help: "whose alarm it is", in: inAlarms, why: (*model).whyNoAlarm, do: (*model).goToAlarm},
		{keys: []string{"x", "delete"}, name: "delete", help: "forget the alarm, after a question", in: inAlarms, hint: true, why: whyNot(unsetKind), do: (*model).openUnset},
	}
}

func timelineKeys() []binding {
	return []binding{
		{keys: []string{"enter"}, name: "open", help: "the trace as a waterfall, then the object of a step", in: inTimeline, hint: true, why: (*model).whyNoOpening, do: (*model).openTrace},
		{keys: []string{"t"}, name: "commits", help: "what was written to the object, step by step", in: inTimeline, hint: true, why: (*model).whyNoPast, do: (*model).showPast},
		{keys: []string{"d"}, name: "what it wrote", help: "storage before and after a step of the trace", in: inTimeline, hint: true, why: (*model).whyNoStep, do: (*model).openStep},
		{keys: []string{"r"}, name: "replay", help: "send the same once more", in: inTimeline, hint: true, why: (*model).whyNoReplay, do: (*model).replay},
		{keys: []string{"l"}, name: "logs", help: "what the trace printed", in: inTimeline, hint: true, why: (*model).whyNoTrace, do: (*model).showPrinted},
		{keys: []string{"e"}, name: "only errors", help: "only what something went wrong in, or all", in: inTimeline, why: (*model).whyNoList, do: (*model).onlyErrors},
		{keys: []string{"y"}, name: "copy trace id", help: "to the clipboard", in: inTimeline, why: (*model).whyNoTrace, do: (*model).copyTrace},
	}
}

func commitKeys() []binding {
	return []binding{
		{keys: []string{"r"}, name: "restore", help: "take the object back to the commit, after a question", in: inCommits, hint: true, why: (*model).whyNoGoingBack, do: (*model).openGoBack},
		{keys: []string{"u"}, name: "undo", help: "take the last restore back", in: inCommits, hint: true, why: (*model).whyNoTakingBack, do: (*model).openTakeBack},
		{keys: []string{"t"}, name: "traces", help: "back to what happened", in: inCommits, hint: true, why: (*model).whyNoTraces, do: (*model).showTraces},
		{keys: []string{"y"}, name: "copy bookmark", help: "to the clipboard", in: inCommits, hint: true, why: (*model).whyNoCommit, do: (*model).copyBookmark},
	}
}

func snapshotKeys() []binding {
	return []binding{
		{keys: []string{"enter", "r"}, name: "restore", help: "all of it, a class or an object, after a question", in: inSnapshots, hint: true, why: (*model).whyNoRestore, do: (*model).openRestore},
		{keys: []string{"d"}, name: "diff", help: "what differs from now, or what it has", in: inSnapshots, hint: true, why: (*model).whyNoSnapshot, do: (*model).toggleSnapshotDiff},
		{keys: []string{"x", "delete"}, name: "delete", help: "the snapshot, after a question", in: inSnapshots, hint: true, why: (*model).whyNoSnapshot, do: (*model).openDiscard},
	}
}

func logKeys() []binding {
	return []binding{
		{keys: []string{"enter"}, name: "trace", help: "the trace that printed the line", in: inLogs, hint: true, why: (*model).whyNoLineTrace, do: (*model).openLineTrace},
		{keys: []string{"space"}, name: "pause", help: "hold the lines, or let them go", in: inLogs, hint: true, do: (*model).pauseLogs},
		{keys: []string{"L"}, name: "level", help: "leave out what is less grave", in: inLogs, hint: true, do: (*model).nextLevel},
		{keys: []string{"y"}, name: "copy line", help: "with its stack, to the clipboard", in: inLogs, hint: true, why: (*model).whyNoLine, do: (*model).copyLine},
		{keys: []string{"Y"}, name: "copy lines", help: "all that are shown, to the clipboard", in: inLogs, why: (*model).whyNoLine, do: (*model).copyLines},
	}
}

func migrationKeys() []binding {
	return []binding{
		{keys: []string{"a", "enter"}, name: "apply", help: "what is left, after a question", in: inMigrations, hint: true, why: (*model).whyNoApply, do: (*model).openApply},
		{keys: []string{"u"}, name: "undo", help: "return to before the last, after a question", in: inMigrations, hint: true, why: (*model).whyNoUnmigrate, do: (*model).openUnmigrate},
		{keys: []string{"t"}, name: "take up", help: "objects that no class reaches", in: inMigrations, hint: true, why: (*model).whyNoAdopt, do: (*model).openAdopt},
		{keys: []string{"o"}, name: "open place", help: "in the configuration, in $EDITOR", in: inMigrations, hint: true, why: (*model).whyNoMigrationPlace, do: (*model).openPlace},
		{keys: []string{"p"}, name: "plan again", help: "look at files and state once more", in: inMigrations, hint: true, why: (*model).whyOffline, do: (*model).planAgain},
	}
}

// place is where keys go now.
func (m *model) place() place {
	switch {
	case m.page != mainPage:
		return m.pagePlace()
	case !m.inTab:
		return inTree
	case m.pastShown():
		return inCommits
	}
	return [...]place{inStorage, inSQL, inSockets, inAlarms, inTimeline, inLogs}[m.tab]
}

// reason is why a binding cannot act now, "" when it can.
func (b binding) reason(m *model) string {
	if b.why == nil {
		return ""
	}
	return b.why(m)
}

// bindings are those that hold where keys go now, the place's own first.
func (m *model) bindings() []binding {
	var own, others []binding
	for _, s := range sections() {
		for _, b := range s.bindings {
			switch {
			case b.in&m.place() == 0:
			case b.general():
				others = append(others, b)
			default:
				own = append(own, b)
			}
		}
	}
	return append(own, others...)
}

// run does what a binding does, or says why not.
func (m *model) run(b binding) tea.Cmd {
	if why := b.reason(m); why != "" {
		m.refuse(b.name + ": " + why)
		return nil
	}
	return b.do(m)
}

// key takes a key.
func (m *model) key(msg tea.KeyPressMsg) tea.Cmd {
	name := msg.String()
	if name == "ctrl+c" {
		return tea.Quit
	}
	m.toast = toast{}
	if m.dialog != nil {
		return m.dialog.press(m, msg)
	}
	if m.typingSQL() {
		return m.consoleKey(msg)
	}
	for _, b := range m.bindings() {
		if slices.Contains(b.keys, name) {
			return m.run(b)
		}
	}
	return m.move(name)
}

// move gives a key to the pane where keys go.
func (m *model) move(key string) tea.Cmd {
	switch m.place() {
	case inTree:
		if m.objects.Press(key) {
			return m.moved()
		}
	case inStorage:
		if m.storage.Press(key) {
			return m.more()
		}
	case inSQL:
		m.sql.Press(key)
	case inSockets:
		m.sockets.Press(key)
	case inAlarms:
		m.alarms.Press(key)
	case inTimeline:
		m.timeline.Press(key)
	case inCommits:
		if m.commits.Press(key) {
			return m.stepped()
		}
	case inLogs:
		m.logs.Press(key)
	default:
		return m.movePage(key)
	}
	return nil
}
