package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// startEvent is the start-up screen, without its last line.
type startEvent struct {
	version    string
	config     *config.Config
	configPath string // as people know it
	url        string
	stateDir   string // as people know it, "" when nothing is kept
	namespaces []emulator.Namespace
	others     []otherWorker // beside the one that gets the requests
	keys       string
}

// An otherWorker is one that bindings reach.
type otherWorker struct {
	config *config.Config
	path   string // of its configuration, as people know it
}

func (startEvent) severity() severity { return infoLevel }

func (startEvent) trouble() bool { return false }

// A row of the screen: what it is about, and columns of it.
type row struct {
	name  string
	cells []string
}

func (e startEvent) text(p painter) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s   %s   %s\n\n", p.bold("dodev "+e.version), e.config.Name, p.dim(e.configPath))
	fmt.Fprintf(&b, "  %s\n", p.accent(e.url))
	rows := e.rows()
	width := 9
	for _, r := range rows {
		width = max(width, len(r.name))
	}
	columns := columnWidths(rows)
	for _, r := range rows {
		line := fmt.Sprintf("  %s  ", p.dim(fmt.Sprintf("%-*s", width, r.name)))
		for i, cell := range r.cells {
			line += fmt.Sprintf("%-*s", columns[i], cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if e.keys != "" {
		fmt.Fprintf(&b, "\n  %s\n", p.dim(e.keys))
	}
	return b.String()
}

// columnWidths aligns the columns of rows that have more than one.
func columnWidths(rows []row) []int {
	widths := make([]int, 3)
	for _, r := range rows {
		for i, cell := range r.cells {
			if len(r.cells) > 1 {
				widths[i] = max(widths[i], len(cell)+3)
			}
		}
	}
	return widths
}

func (e startEvent) rows() []row {
	rows := append([]row{{"state", []string{e.state()}}}, e.bindings(e.config)...)
	for _, o := range e.others {
		rows = append(rows, row{"Worker", []string{o.config.Name + "   " + o.path}})
		rows = append(rows, e.bindings(o.config)...)
	}
	return rows
}

// bindings are the rows for what a Worker has in env.
func (e startEvent) bindings(cfg *config.Config) []row {
	var rows []row
	for _, ns := range e.namespaces {
		if ns.Worker != "" && ns.Worker != cfg.Name {
			continue
		}
		name := ns.Binding
		if name == "" {
			name = "(unbound)"
		}
		rows = append(rows, row{name, []string{className(ns, cfg.Name), storage(ns.SQLite), contents(ns)}})
	}
	for _, s := range cfg.Services {
		rows = append(rows, row{s.Name, []string{strings.TrimSuffix("service "+s.Service+"#"+s.Entrypoint, "#")}})
	}
	if vars := variables(cfg.Vars); vars != "" {
		rows = append(rows, row{"vars", []string{vars}})
	}
	return rows
}

func (e startEvent) state() string {
	if e.stateDir == "" {
		return "in memory, gone when this ends"
	}
	objects, bytes, seen := 0, int64(0), map[string]bool{}
	for _, ns := range e.namespaces {
		if key := ns.Script + "-" + ns.Class; !seen[key] {
			seen[key] = true
			objects += ns.Objects
			bytes += ns.Bytes
		}
	}
	text := e.stateDir
	if objects > 0 {
		text += fmt.Sprintf("   %s, %s", count(objects, "object"), size(bytes))
	}
	return text
}

func className(ns emulator.Namespace, script string) string {
	if ns.Script != "" && ns.Script != script {
		return ns.Class + " of " + ns.Script
	}
	return ns.Class
}

func storage(sqlite bool) string {
	if sqlite {
		return "sqlite"
	}
	return "key-value"
}

func contents(ns emulator.Namespace) string {
	var parts []string
	if ns.Objects > 0 {
		parts = append(parts, count(ns.Objects, "object"))
	}
	if ns.Alarms > 0 {
		parts = append(parts, count(ns.Alarms, "alarm"))
	}
	return strings.Join(parts, ", ")
}

// variables names the variables, and the file of those that are secret. Values
// are never shown.
func variables(vars []config.Var) string {
	var names []string
	for _, v := range vars {
		name := v.Name
		if v.Secret {
			name += " (" + v.Source + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// startJSON is a startEvent for programs.
type startJSON struct {
	Time     string        `json:"time"`
	Type     string        `json:"type"` // start
	Version  string        `json:"version"`
	Name     string        `json:"name"`
	Config   string        `json:"config"`
	StateDir string        `json:"stateDir,omitempty"`
	Bindings []bindingJSON `json:"bindings"`
	Vars     []string      `json:"vars"`
	// Workers are the configurations of those beside this one, by name.
	Workers map[string]string `json:"workers,omitempty"`
}

// bindingJSON is a namespace.
type bindingJSON struct {
	Worker  string `json:"worker,omitempty"` // that has the binding, when there are several
	Binding string `json:"binding,omitempty"`
	Class   string `json:"class"`
	Script  string `json:"script"`
	Storage string `json:"storage"`
	Objects int    `json:"objects"`
	Bytes   int64  `json:"sizeBytes"`
	Alarms  int    `json:"alarms"`
}

func (e startEvent) json() any {
	out := startJSON{
		Time: isoTime(time.Now()), Type: "start", Version: e.version, Name: e.config.Name, Config: e.config.Path,
		StateDir: e.stateDir, Bindings: []bindingJSON{}, Vars: []string{},
	}
	for _, o := range e.others {
		if out.Workers == nil {
			out.Workers = map[string]string{}
		}
		out.Workers[o.config.Name] = o.config.Path
	}
	for _, ns := range e.namespaces {
		worker := ns.Worker
		if len(e.others) == 0 {
			worker = ""
		}
		out.Bindings = append(out.Bindings, bindingJSON{
			Worker: worker, Binding: ns.Binding, Class: ns.Class, Script: ns.Script, Storage: storage(ns.SQLite),
			Objects: ns.Objects, Bytes: ns.Bytes, Alarms: ns.Alarms,
		})
	}
	for _, v := range e.config.Vars {
		out.Vars = append(out.Vars, v.Name)
	}
	return out
}

// readyWidth is where the last line of the screen ends.
const readyWidth = 75

// readyEvent is the last line of start-up, which scripts wait for.
type readyEvent struct {
	url  string
	took time.Duration
}

func (readyEvent) severity() severity { return errorLevel }

func (readyEvent) trouble() bool { return false }

func (e readyEvent) text(p painter) string {
	line := "Ready on " + e.url
	if !p {
		return line + "\n"
	}
	took := fmt.Sprintf("%.0f ms", inMilliseconds(e.took))
	return p.green("Ready") + " on " + p.accent(e.url) + strings.Repeat(" ", max(2, readyWidth-len(line))) + p.dim(took) + "\n\n"
}

// readyJSON is a readyEvent for programs.
type readyJSON struct {
	Time string  `json:"time"`
	Type string  `json:"type"` // ready
	URL  string  `json:"url"`
	Ms   float64 `json:"ms"`
}

func (e readyEvent) json() any {
	return readyJSON{Time: isoTime(time.Now()), Type: "ready", URL: e.url, Ms: inMilliseconds(e.took)}
}

// shorter is a path as people write it in a folder: relative when it is inside.
func shorter(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return "." + string(filepath.Separator) + rel
}
