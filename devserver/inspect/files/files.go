// Package files lets an inspector see into a state folder that no server of ours
// has: one that was left behind, or that the real runtime uses at this moment.
//
// Reading takes no lock that would keep a server from starting. What changes
// something first locks the namespace, as a server does, and is refused while
// another process has it.
package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// A Folder is an Inspector of a state folder. It is safe for concurrent use.
type Folder struct {
	project inspect.Project
	dir     string // the state folder
	spaces  []inspect.Namespace
	first   string // script of the first Worker
	book    *names.Book
	read    Reading

	looking sync.Mutex // held while an index is read, or asked who has it open
}

var _ inspect.Inspector = (*Folder)(nil)

// Open makes an Inspector of the state folder of a project, whose Workers'
// configurations tell of classes and bindings; it needs none. Nothing is read
// before somebody asks.
func Open(project inspect.Project, stateDir string, configs ...*config.Config) *Folder {
	project.Live, project.URL = false, ""
	f := &Folder{project: project, dir: stateDir, book: names.Open(names.Dir(stateDir))}
	for _, cfg := range configs {
		f.first = cmp.Or(f.first, cfg.Name)
		for _, c := range cfg.Classes() {
			ns := inspect.Namespace{
				Key: object.NewNamespace(cfg.Name, c.Name).UniqueKey(), Script: cfg.Name, Class: c.Name, Bindings: []string{}, SQLite: c.SQLite, Known: true,
			}
			for _, b := range cfg.Bindings {
				if b.Class == c.Name && (b.ScriptName == "" || b.ScriptName == cfg.Name) {
					ns.Bindings = append(ns.Bindings, b.Name)
				}
			}
			f.spaces = append(f.spaces, ns)
		}
	}
	return f
}

// Close lets go of what was opened.
func (f *Folder) Close() error { return f.book.Close() }

func (f *Folder) root() string { return filepath.Join(f.dir, "v3", "do") }

func (f *Folder) folder(namespace string) string { return filepath.Join(f.root(), namespace) }

// ReadOnly says why nothing can be changed at the moment, "" when it can as far
// as one sees.
func (f *Folder) ReadOnly() string {
	f.looking.Lock()
	defer f.looking.Unlock()
	for _, ns := range f.namespaces() {
		if sqlite.InUse(f.folder(ns.Key)) {
			return "wrangler dev or another process uses the files"
		}
	}
	return ""
}

// namespaces are those of the configurations, then those that only have a
// folder.
func (f *Folder) namespaces() []inspect.Namespace {
	out := slices.Clone(f.spaces)
	entries, _ := os.ReadDir(f.root()) // one that is not there has none
	for _, e := range entries {
		known := slices.ContainsFunc(out, func(ns inspect.Namespace) bool { return ns.Key == e.Name() })
		if e.IsDir() && !known {
			out = append(out, inspect.Unknown(e.Name()))
		}
	}
	return out
}

// Snapshot implements inspect.Viewer.
func (f *Folder) Snapshot(ctx context.Context) (inspect.Snapshot, error) {
	s := inspect.Snapshot{Project: f.project, Namespaces: f.namespaces(), Objects: []inspect.Object{}}
	s.Project.ReadOnly = f.ReadOnly()
	for _, ns := range s.Namespaces {
		objects, err := f.objects(ctx, ns)
		if err != nil {
			return s, err
		}
		s.Objects = append(s.Objects, objects...)
	}
	slices.SortFunc(s.Objects, func(a, b inspect.Object) int {
		return cmp.Or(strings.Compare(a.Class, b.Class), strings.Compare(cmp.Or(a.Name, a.ID), cmp.Or(b.Name, b.ID)))
	})
	return s, nil
}

// Find implements inspect.Viewer.
func (f *Folder) Find(ctx context.Context, what inspect.Finding) (inspect.Target, error) {
	s, err := f.Snapshot(ctx)
	if err != nil {
		return inspect.Target{}, err
	}
	return s.Find(what)
}

// objects are those of a namespace that have a file or an alarm.
func (f *Folder) objects(ctx context.Context, ns inspect.Namespace) ([]inspect.Object, error) {
	sizes, err := f.sizes(ns.Key)
	if err != nil {
		return nil, err
	}
	alarms, err := f.alarms(ns.Key)
	if err != nil {
		return nil, err
	}
	for id := range alarms {
		if _, stored := sizes[id]; !stored {
			sizes[id] = 0
		}
	}
	var out []inspect.Object
	for id, size := range sizes {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		o := inspect.Object{
			Ref: inspect.Ref{Namespace: ns.Key, ID: id}, Script: ns.Script, Class: ns.Class, ID: id, State: inspect.Stored, SizeBytes: size,
			Jurisdiction: inspect.JurisdictionOf(ns.Script, ns.Class, id),
		}
		if len(ns.Bindings) > 0 {
			o.Binding = ns.Bindings[0]
		}
		if a, ok := alarms[id]; ok {
			at := a.At.UTC()
			o.NextAlarm = &at
		}
		o.Name = f.name(o.Ref, alarms[id].Name, size > 0)
		o.Label = o.LabelIn(f.first)
		out = append(out, o)
	}
	return out, nil
}

// sizes are those of the files of a namespace's objects.
func (f *Folder) sizes(namespace string) (map[string]int64, error) {
	out := map[string]int64{}
	entries, err := os.ReadDir(f.folder(namespace))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	for _, e := range entries { // in ascending order: a log follows its database
		id, kind, _ := strings.Cut(e.Name(), ".")
		if _, there := out[id]; len(id) != 64 || kind != "sqlite" && (kind != "sqlite-wal" || !there) {
			continue
		}
		if info, err := e.Info(); err == nil {
			out[id] += info.Size()
		}
	}
	return out, nil
}

// alarms are those of a namespace by id.
func (f *Folder) alarms(namespace string) (map[string]sqlite.Alarm, error) {
	out := map[string]sqlite.Alarm{}
	folder := f.folder(namespace)
	if info, err := os.Stat(filepath.Join(folder, "metadata.sqlite")); err != nil || info.Size() == 0 {
		return out, nil
	}
	f.looking.Lock()
	defer f.looking.Unlock()
	index, err := sqlite.OpenIndex(folder, sqlite.Options{ReadOnly: true})
	if err != nil {
		return nil, locked(err)
	}
	defer index.Close()
	all, err := index.All()
	if err != nil {
		if noTable(err) {
			return out, nil
		}
		return nil, locked(err)
	}
	for _, a := range all {
		out[a.ID] = a
	}
	return out, nil
}

// noTable says that a namespace never had an alarm.
func noTable(err error) bool { return strings.Contains(err.Error(), "no such table") }

// name is what an object is called: as the alarm's entry has it, as we remember
// it, or as the other tool left it in the object's file.
func (f *Folder) name(ref inspect.Ref, alarm string, stored bool) string {
	id, err := object.Decode(ref.ID)
	if err != nil {
		return ""
	}
	k := object.Key{Namespace: ref.Namespace, ID: id}
	if name := cmp.Or(alarm, f.book.Name(k)); name != "" || !stored {
		return name
	}
	db := f.reading(ref)
	defer db.Close()
	name, ok, err := db.Name()
	if !ok || err != nil {
		return ""
	}
	f.book.Note(object.Ref{Namespace: k.Namespace, ID: k.ID, Name: name})
	return name
}

// reading is an object's database, for looking at.
func (f *Folder) reading(ref inspect.Ref) *sqlite.Object {
	return sqlite.OpenObject(sqlite.ObjectPath(f.folder(ref.Namespace), ref.ID), sqlite.Options{ReadOnly: true})
}

// locked says politely that another process has the files.
func locked(err error) error {
	if errors.Is(err, sqlite.ErrLocked) {
		return &inspect.Error{Code: inspect.Locked, Message: err.Error()}
	}
	return err
}

// Object implements inspect.Viewer.
func (f *Folder) Object(ctx context.Context, ref inspect.Ref) (inspect.Object, error) {
	for _, ns := range f.namespaces() {
		if ns.Key != ref.Namespace {
			continue
		}
		objects, err := f.objects(ctx, ns)
		if err != nil {
			return inspect.Object{}, err
		}
		for _, o := range objects {
			if o.Ref == ref {
				return o, nil
			}
		}
	}
	return inspect.Object{}, &inspect.Error{Code: inspect.NotFound, Message: "no object " + ref.String()}
}

// Alarms implements inspect.Viewer.
func (f *Folder) Alarms(ctx context.Context) ([]inspect.Alarm, error) {
	s, err := f.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	out := []inspect.Alarm{}
	for _, o := range s.Objects {
		if o.NextAlarm != nil {
			out = append(out, inspect.Alarm{Ref: o.Ref, Object: o.Label, At: *o.NextAlarm})
		}
	}
	slices.SortStableFunc(out, func(a, b inspect.Alarm) int { return a.At.Compare(b.At) })
	return out, nil
}

// Sockets implements inspect.Viewer: only a server has any.
func (f *Folder) Sockets(context.Context, inspect.Ref) ([]inspect.Socket, error) {
	return []inspect.Socket{}, nil
}
