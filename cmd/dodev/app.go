package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mattn/go-isatty"

	"github.com/dodev/dodev/emulator/config"
)

// An app is what all commands share: the process they run in and the flags
// that every one of them has.
type app struct {
	stdin          *os.File
	stdout, stderr *os.File
	environ        []string
	flags          commonFlags

	// running says that the command line was understood, so that what goes wrong
	// from here on is no misuse.
	running bool
}

// commonFlags are those of all commands.
type commonFlags struct {
	config    []string
	env       string
	persistTo string
	cwd       string
	json      bool
	noColor   bool
	quiet     bool
	verbose   bool
}

// system is the app of this process.
func system() *app {
	return &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ()}
}

// start begins a command whose flags are read.
func (a *app) start() error {
	if a.flags.quiet && a.flags.verbose {
		return errors.New("--quiet and --verbose exclude each other")
	}
	if a.flags.cwd != "" {
		if err := os.Chdir(a.flags.cwd); err != nil {
			return fmt.Errorf("--cwd: %w", err)
		}
	}
	a.running = true
	return nil
}

// configPath finds the configuration that a command is about: the one that -c
// names, else that of dir or of the nearest folder above it.
func (a *app) configPath(dir string) (string, error) {
	switch len(a.flags.config) {
	case 0:
		path, err := config.Find(dir)
		if err != nil {
			return "", hinted{err, "go to a project's folder, name one, or make one with `dodev init`"}
		}
		return path, nil
	case 1:
		return filepath.Abs(a.flags.config[0])
	}
	return "", misuse{errors.New("this command is about one Worker: give -c once")}
}

// stateDir is where a project's objects live.
func (a *app) stateDir(configPath string) (string, error) {
	if a.flags.persistTo != "" {
		return filepath.Abs(a.flags.persistTo)
	}
	return filepath.Join(filepath.Dir(configPath), ".wrangler", "state"), nil
}

// painter gives the colours of a stream: none where nobody would see them.
func (a *app) painter(stream *os.File) painter {
	return painter(!a.flags.noColor && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb" && terminal(stream))
}

// workDir is the folder that files are shown relative to, "" when unknown.
func workDir() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}

// getenv is a variable of the process's environment.
func (a *app) getenv(name string) string {
	for _, pair := range a.environ {
		if len(pair) > len(name) && pair[len(name)] == '=' && pair[:len(name)] == name {
			return pair[len(name)+1:]
		}
	}
	return ""
}

func terminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}
