package main

import (
	"strings"
	"testing"
)

func TestARowOfATableIsALineWhateverIsInIt(t *testing.T) {
	rows := table{heads: []string{"NAME", "STATE"}}
	rows.add("line\nbreak", "idle")
	rows.add("\x1b[2Jclear", "idle")
	rows.add("世界", "idle")
	var out strings.Builder
	if err := rows.print(&out, false); err != nil {
		t.Fatal(err)
	}
	want := "NAME        STATE\nline⏎break  idle\n␛[2Jclear   idle\n世界        idle\n"
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
