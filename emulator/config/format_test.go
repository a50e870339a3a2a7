package config_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/emulator/config"
)

func TestFormatIsThePromisedText(t *testing.T) {
	root, err := filepath.Abs("/project")
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, line, column int) config.Position {
		return config.Position{File: filepath.Join(root, name), Line: line, Column: column}
	}
	tests := []struct {
		diagnostic config.Diagnostic
		relativeTo string
		want       string
	}{
		{config.Diagnostic{
			Severity: config.Error, Pos: at("wrangler.jsonc", 14, 21), Message: `class "Room" is bound but not exported`,
			Detail: []string{"src/index.ts exports: Lobby, default"}, Hint: "add `export class Room`, or change class_name to \"Lobby\"",
		}, root, "wrangler.jsonc:14:21: error: class \"Room\" is bound but not exported\n" +
			"  src/index.ts exports: Lobby, default\n" +
			"  hint: add `export class Room`, or change class_name to \"Lobby\""},
		{config.Diagnostic{Pos: at("a/.env", 1, 2), Message: "m"}, root, "a/.env:1:2: warning: m"},
		{config.Diagnostic{Pos: at("..x", 0, 0), Message: "m"}, root, "..x: warning: m"},
		{config.Diagnostic{Pos: at("x", 1, 1), Message: "m"}, filepath.Join(root, "deep"), filepath.Join(root, "x") + ":1:1: warning: m"},
		{config.Diagnostic{Pos: at("x", 1, 1), Message: "m"}, "", filepath.Join(root, "x") + ":1:1: warning: m"},
		{config.Diagnostic{Message: "m"}, root, "warning: m"},
	}
	for _, test := range tests {
		if got := test.diagnostic.Format(test.relativeTo); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}

func TestWarningsAloneAreNoError(t *testing.T) {
	warning := config.Diagnostic{Message: "w"}
	if err := (config.Diagnostics{warning}).Err(); err != nil {
		t.Errorf("got %v", err)
	}
	err := config.Diagnostics{warning, {Severity: config.Error, Message: "e"}}.Err()
	var all config.Diagnostics
	if !errors.As(err, &all) || len(all) != 2 || err.Error() != "error: e" {
		t.Errorf("got %v", err)
	}
}
