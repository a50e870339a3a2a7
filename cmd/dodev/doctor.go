package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

func newDoctorCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "doctor",
		Short:   "Say what is wrong with this project or machine",
		Example: "  dodev doctor\n  dodev doctor --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks, err := examine(app)
			if err != nil {
				return err
			}
			return printChecks(cmd.OutOrStdout(), app.painter(app.stdout), app.flags.json, checks)
		},
	}
}

// A check is one thing that was looked at.
type check struct {
	Name   string `json:"name"`
	Result string `json:"result"` // ok, warning or failed
	Text   string `json:"text"`
}

// examine looks at the project, its state folder and the port, each only as far
// as what comes before allows.
func examine(app *app) ([]check, error) {
	path, err := app.configPath(".")
	if err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	project := devserver.NewProject(devserver.ProjectOptions{
		ConfigPath: path, Config: config.Options{Env: app.flags.env, Environ: app.environ}, Library: bundle.Patterns(),
	})
	defer project.Close()
	build, err := project.Build()
	checks := []check{examineProject(here, path, build, err)}
	state, err := app.stateDir(path)
	if err != nil {
		return nil, err
	}
	checks = append(checks, examineState(here, state))
	if build.Config != nil {
		checks = append(checks, examinePort(build.Config.Dev))
	}
	return checks, nil
}

func examineProject(here, path string, build devserver.Build, err error) check {
	c := check{Name: "project", Result: "ok"}
	var lines []string
	for _, d := range build.Diagnostics {
		c.Result = "warning"
		lines = append(lines, d.Format(here))
	}
	var known config.Diagnostics
	switch {
	case errors.As(err, &known):
		c.Result = "failed"
	case err != nil:
		c.Result, lines = "failed", append(lines, err.Error())
	case len(lines) == 0:
		lines = []string{fmt.Sprintf("%s builds, %s", shorter(here, path), size(codeSize(build.Bundle)))}
	}
	c.Text = strings.Join(lines, "\n")
	return c
}

func codeSize(b *bundle.Bundle) int64 {
	total := int64(0)
	for _, m := range b.Modules {
		total += int64(len(m.Source))
	}
	return total
}

// examineState tries to write where the state folder is or will be.
func examineState(here, state string) check {
	at := state
	for {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		at = filepath.Dir(at)
	}
	f, err := os.CreateTemp(at, ".dodev-doctor-*")
	if err != nil {
		return check{"state", "failed", err.Error()}
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return check{"state", "failed", err.Error()}
	}
	return check{"state", "ok", shorter(here, state) + " can be written"}
}

func examinePort(dev config.Dev) check {
	at := devserver.Address{IP: dev.IP, Port: dev.Port}
	if at.Port == 0 {
		at.Port = devserver.DefaultPort
	}
	l, err := devserver.Listen(at)
	if err != nil {
		if dev.Port == 0 {
			return check{"port", "warning", err.Error() + ", so the next free one is taken"}
		}
		return check{"port", "failed", err.Error()}
	}
	l.Close()
	return check{"port", "ok", devserver.URL(l, false) + " is free"}
}

// printChecks shows checks. The error says that one has failed.
func printChecks(w io.Writer, p painter, asJSON bool, checks []check) error {
	var err error
	for _, c := range checks {
		if c.Result == "failed" {
			err = errReported
		}
	}
	if asJSON {
		return errors.Join(json.NewEncoder(w).Encode(checks), err)
	}
	for _, c := range checks {
		mark := map[string]string{"ok": p.green("ok     "), "warning": p.amber("warning"), "failed": p.red("failed ")}[c.Result]
		fmt.Fprintf(w, "%s  %-8s %s\n", mark, c.Name, strings.ReplaceAll(c.Text, "\n", "\n"+strings.Repeat(" ", 18)))
	}
	return err
}
