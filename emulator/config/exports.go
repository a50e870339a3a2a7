package config

import (
	"slices"
	"strings"
)

// The states of an export.
const (
	stateCreated           = "created"
	stateDeleted           = "deleted"
	stateRenamed           = "renamed"
	stateTransferred       = "transferred"
	stateExpectingTransfer = "expecting-transfer"
)

// The types of an export.
const (
	typeDurableObject = "durable-object"
	typeWorker        = "worker"
)

// exportKeys lists the keys of a Durable Object export that a state allows.
// Those with a star are required.
func exportKeys(state string) []string {
	switch state {
	case stateCreated:
		return []string{"type", "state", "storage*", "container"}
	case stateDeleted:
		return []string{"type", "state"}
	case stateRenamed:
		return []string{"type", "state", "renamed_to*"}
	case stateTransferred:
		return []string{"type", "state", "transferred_to*"}
	case stateExpectingTransfer:
		return []string{"type", "state", "storage*", "transfer_from*", "container"}
	}
	return nil
}

// readExports reads and checks the exports map.
func (l *loader) readExports() {
	exports := l.view.member("exports")
	if exports == nil {
		return
	}
	for _, m := range exports.value.members {
		if m.value.kind != tableKind {
			l.report.errorf(m.value.pos, "wrong-type", "exports.%s is %s, want a table", m.key, m.value.describe())
			continue
		}
		e := Export{
			Class:         m.key,
			Type:          m.value.get("type").string(),
			State:         m.value.get("state").string(),
			Storage:       m.value.get("storage").string(),
			RenamedTo:     m.value.get("renamed_to").string(),
			TransferredTo: m.value.get("transferred_to").string(),
			TransferFrom:  m.value.get("transfer_from").string(),
			Pos:           m.pos,
		}
		if e.Type == typeDurableObject && e.State == "" && m.value.get("state") == nil {
			e.State = stateCreated
		}
		if l.checkExport(e, m.value) {
			l.config.Exports = append(l.config.Exports, e)
		}
	}
	l.checkNotBoth(exports.pos)
}

// checkNotBoth reports two ways of declaring classes in one configuration.
func (l *loader) checkNotBoth(pos Position) {
	for _, e := range l.config.Exports {
		if e.Type == typeDurableObject && len(l.config.Migrations) > 0 {
			l.report.errorf(pos, "migrations-and-exports", "\"exports\" declares Durable Objects beside \"migrations\"").
				detail("migrations at line %d; a project has one or the other", l.config.Migrations[0].Pos.Line).
				hint("keep migrations for a project that is deployed with them, else keep exports")
			return
		}
	}
}

// checkExport reports what is wrong with one export, and says whether it is
// complete enough to be used.
func (l *loader) checkExport(e Export, n *node) bool {
	path := "exports." + e.Class
	switch e.Type {
	case typeWorker:
		checker{l.report, l.view.fields}.value(n, table(optional("type", text()), optional("cache",
			table(required("enabled", truth())))), path)
		return true
	case typeDurableObject:
		return l.checkObjectExport(e, n, path)
	}
	l.wrongWord(n.get("type"), n.pos, path+".type", []string{typeDurableObject, typeWorker})
	return false
}

func (l *loader) checkObjectExport(e Export, n *node, path string) bool {
	allowed := exportKeys(e.State)
	if allowed == nil {
		l.wrongWord(n.get("state"), n.pos, path+".state",
			[]string{stateCreated, stateDeleted, stateRenamed, stateTransferred, stateExpectingTransfer})
		return false
	}
	whole := l.checkAllowed(e, n, path, allowed)
	if !whole {
		return false
	}
	if n.get("storage") != nil && e.Storage != "sqlite" && e.Storage != "legacy-kv" {
		l.wrongWord(n.get("storage"), n.pos, path+".storage", []string{"sqlite", "legacy-kv"})
		return false
	}
	return l.checkRenamedTo(e, n.get("renamed_to"), path)
}

// checkAllowed reports keys that the export's state forbids or lacks, and says
// whether it has all it needs.
func (l *loader) checkAllowed(e Export, n *node, path string, allowed []string) bool {
	for _, m := range n.members {
		if slices.Contains(allowed, m.key) || slices.Contains(allowed, m.key+"*") {
			continue
		}
		l.report.errorf(m.pos, "forbidden-key", "%q has no place beside state %q", path+"."+m.key, e.State).
			hint("keys of this state: %s", strings.ReplaceAll(strings.Join(allowed, ", "), "*", ""))
	}
	whole := true
	for _, key := range allowed {
		key, required := strings.CutSuffix(key, "*")
		switch v := n.get(key); {
		case required && v.empty():
			l.report.errorf(n.pos, "missing-key", "%s has no %q, which state %q needs", path, key, e.State)
			whole = false
		case v != nil && v.kind != stringKind:
			l.report.errorf(v.pos, "wrong-type", "%q is %s, want a string", path+"."+key, v.describe())
			whole = false
		case required && v.text == "":
			l.report.errorf(v.pos, "wrong-value", "%q is empty", path+"."+key)
			whole = false
		}
	}
	return whole
}

// checkRenamedTo reports a new name no class can have.
func (l *loader) checkRenamedTo(e Export, to *node, path string) bool {
	switch {
	case e.State != stateRenamed:
	case to.text == e.Class:
		l.report.errorf(to.pos, "wrong-value", "%q is the class itself", path+".renamed_to")
		return false
	case !identifier(to.text):
		l.report.errorf(to.pos, "wrong-value", "%q is %q, which no class can be called", path+".renamed_to", to.text)
		return false
	}
	return true
}

// wrongWord reports a value that is none of some words, or is not there.
func (l *loader) wrongWord(n *node, otherwise Position, path string, words []string) {
	if n == nil {
		l.report.errorf(otherwise, "missing-key", "%q is missing, want %s", path, quoted(words))
		return
	}
	if n.kind != stringKind {
		l.report.errorf(n.pos, "wrong-type", "%q is %s, want %s", path, n.describe(), quoted(words))
		return
	}
	checker{l.report, nil}.word(n, words, path)
}

// identifier says whether a string can name a class, for all but exotic names.
func identifier(s string) bool {
	for i, c := range s {
		switch {
		case c == '_', c == '$', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', i > 0 && '0' <= c && c <= '9':
		default:
			return false
		}
	}
	return s != ""
}
