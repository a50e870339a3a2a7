package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write generated files anew")

// TestReferenceDescribesTheCommands compares docs/reference/cli.md with what
// the commands say of themselves; -update writes it.
func TestReferenceDescribesTheCommands(t *testing.T) {
	got := formatReference(newRootCmd(system()))
	file := filepath.Join("..", "..", "docs", "reference", "cli.md")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.ReplaceAll(string(text), "\r\n", "\n") != got {
		t.Errorf("docs/reference/cli.md is not what the commands say (%v); run go test ./cmd/dodev -run TestReference -update", err)
	}
}

func formatReference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("<!-- Made of the commands: go test ./cmd/dodev -run TestReference -update -->\n\n# The command line\n\n")
	fmt.Fprintf(&b, "%s\n\nResults go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 misused.\n", root.Long)
	b.WriteString("\nFlags of all commands:\n\n")
	formatFlags(&b, root.PersistentFlags())
	for _, cmd := range root.Commands() {
		formatCommand(&b, cmd)
	}
	return b.String()
}

func formatCommand(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.IsAvailableCommand() {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n", cmd.CommandPath())
	if cmd.Runnable() {
		fmt.Fprintf(b, "    %s\n\n", strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	}
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	formatText(b, text)
	if cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		b.WriteString("\n")
		formatFlags(b, cmd.LocalNonPersistentFlags())
	}
	if cmd.Example != "" {
		b.WriteString("\nExamples:\n\n")
		for line := range strings.SplitSeq(strings.TrimRight(cmd.Example, "\n"), "\n") {
			b.WriteString(strings.TrimRight("    "+strings.TrimPrefix(line, "  "), " ") + "\n")
		}
	}
	for _, sub := range cmd.Commands() {
		formatCommand(b, sub)
	}
}

// formatText writes prose, and as they are the lines that are indented.
func formatText(b *strings.Builder, text string) {
	prose := true
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if indented := strings.HasPrefix(line, "  "); indented == prose && line != "" {
			prose = !indented
			b.WriteString("\n")
		}
		if !prose && line != "" {
			line = "  " + line
		}
		b.WriteString(line + "\n")
	}
}

func formatFlags(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | |\n|---|---|\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		spelling := "--" + f.Name
		if f.Shorthand != "" {
			spelling = "-" + f.Shorthand + ", " + spelling
		}
		if name != "" {
			spelling += " " + name
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", spelling, strings.ReplaceAll(usage, "|", `\|`))
	})
}
