package bundle

import "strings"

// ObjectClasses lists the exported classes that extend DurableObject, at however
// many removes, in the order of the exports.
//
// It reads what the bundler has printed, where each name of a module means one
// thing. A class that comes out of a call is none that it knows of.
func (b *Bundle) ObjectClasses() (classes []string) {
	l := lineage{bases: map[string][]string{}, exported: map[string]string{}, durable: map[string]bool{}}
	for i := range b.Modules {
		if m := &b.Modules[i]; m.Kind == ESModule {
			l.read(string(m.Source))
		}
	}
	for _, name := range b.Exports {
		local := name
		if other, ok := l.exported[name]; ok {
			local = other
		}
		if l.extends(local, 0) {
			classes = append(classes, name)
		}
	}
	return classes
}

// A lineage is which classes extend which.
type lineage struct {
	bases    map[string][]string // the names in what a class extends, or is another name of
	exported map[string]string   // local names by exported ones
	durable  map[string]bool     // names that mean DurableObject itself, "DurableObject2" or "cf.DurableObject"
}

// longestLine bounds how many classes are between one and DurableObject.
const longestLine = 100

func (l *lineage) extends(name string, depth int) bool {
	if l.durable[name] {
		return true
	}
	for _, base := range l.bases[name] {
		if depth < longestLine && base != name && l.extends(base, depth+1) {
			return true
		}
	}
	return false
}

// read reads a module.
func (l *lineage) read(source string) {
	for name, local := range parseModule(source).exported {
		l.exported[name] = local
	}
	ts := tokens(source)
	for i := range ts {
		switch {
		case ts[i].text == "import" && (i == 0 || ts[i-1].text != "."):
			l.imports(source, ts[i+1:])
		case ts[i].text == "class" && i+2 < len(ts):
			l.class(ts, i)
		case i+3 < len(ts) && i > 0 && ts[i].isName() && ts[i+1].text == "=" && ts[i+2].isName() && (ts[i+3].text == ";" || ts[i+3].text == ","):
			l.bases[ts[i].text] = append(l.bases[ts[i].text], ts[i+2].text) // var Room = Base;
		}
	}
}

// imports reads what follows "import": the names that cloudflare:workers gives.
func (l *lineage) imports(source string, ts []token) {
	var names [][2]string // local, and what it means
	for i := 0; i < len(ts) && ts[i].text != ";"; i++ {
		t := ts[i]
		switch {
		case t.text == literal && strings.HasPrefix(source[t.at+1:], "cloudflare:workers"):
			for _, n := range names {
				if n[1] == "DurableObject" {
					l.durable[n[0]] = true
				} else if n[1] == "*" {
					l.durable[n[0]+".DurableObject"] = true
				}
			}
			return
		case t.text == literal || t.text == "(":
			return
		case t.text == "as" && i > 0 && i+1 < len(ts):
			names = append(names, [2]string{ts[i+1].text, ts[i-1].text})
		case t.text == "DurableObject":
			names = append(names, [2]string{t.text, t.text})
		}
	}
}

// class reads "class Room extends Base {" at i, or "Room = class …".
func (l *lineage) class(ts []token, i int) {
	var names []string
	if i > 1 && ts[i-1].text == "=" && ts[i-2].isName() {
		names = append(names, ts[i-2].text)
	}
	j := i + 1
	if ts[j].isName() && ts[j].text != "extends" {
		names = append(names, ts[j].text)
		j++
	}
	if ts[j].text != "extends" {
		return
	}
	var bases []string
	for j++; j < len(ts) && ts[j].text != "{"; j++ {
		if !ts[j].isName() {
			continue
		}
		base := ts[j].text
		if j+2 < len(ts) && ts[j+1].text == "." {
			base += "." + ts[j+2].text
			j += 2
		}
		bases = append(bases, base)
	}
	for _, name := range names {
		l.bases[name] = append(l.bases[name], bases...)
	}
}
