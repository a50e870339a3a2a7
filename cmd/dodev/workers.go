package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// configPaths finds the configurations of the Workers to serve together; the
// first is that of the Worker that gets the requests.
//
// They are those that -c names; else the one of dir or of a folder above it. A
// dir that has none, but whose folders have, stands for all of those: the
// first is then the one -c names, or the only one that no other is bound to.
func (a *app) configPaths(dir, env string) ([]string, error) {
	named := a.flags.config
	folders := foldersOfWorkers(dir)
	if len(folders) > 0 && len(named) <= 1 {
		return a.firstOf(dir, folders, env)
	}
	if len(named) < 2 {
		path, err := a.configPath(dir)
		return []string{path}, err
	}
	var paths []string
	for _, name := range named {
		path, err := inFolder(dir, name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(paths, path) {
			return nil, misuse{fmt.Errorf("-c names %s twice", name)}
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// inFolder is a path of the command line, which is relative to dir.
func inFolder(dir, path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	return filepath.Abs(filepath.Join(dir, path))
}

// foldersOfWorkers are the configurations of the folders in dir, none when dir,
// or a folder above it, has one itself.
func foldersOfWorkers(dir string) []string {
	if _, err := config.Find(dir); err == nil {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" {
			continue
		}
		if path, err := config.Find(filepath.Join(dir, e.Name())); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// firstOf puts the configuration first that -c names, else the only one whose
// Worker no other is bound to.
func (a *app) firstOf(dir string, paths []string, env string) ([]string, error) {
	first := ""
	if len(a.flags.config) > 0 {
		path, err := inFolder(dir, a.flags.config[0])
		if err != nil {
			return nil, err
		}
		first = path
	} else {
		free, err := unbound(paths, config.Options{Env: env, Environ: a.environ})
		if err != nil {
			return nil, err
		}
		if len(free) != 1 {
			return nil, misuse{hinted{
				errors.New(dir + " has several Workers that could get the requests: " + strings.Join(relativeTo(dir, paths), ", ")),
				"name the one with -c, for instance -c " + relativeTo(dir, paths)[0],
			}}
		}
		first = free[0]
	}
	rest := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == first })
	return append([]string{first}, rest...), nil
}

// unbound are the configurations whose Workers no other Worker is bound to.
func unbound(paths []string, opts config.Options) ([]string, error) {
	names, bound := map[string]string{}, map[string]bool{}
	for _, path := range paths {
		cfg, _, err := config.Load(path, opts)
		if err != nil {
			return nil, err
		}
		names[path] = cfg.Name
		for _, s := range cfg.Services {
			bound[s.Service] = bound[s.Service] || s.Service != cfg.Name
		}
		for _, b := range cfg.Bindings {
			bound[b.ScriptName] = bound[b.ScriptName] || b.ScriptName != ""
		}
	}
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return bound[names[p]] }), nil
}

func relativeTo(dir string, paths []string) []string {
	var out []string
	for _, p := range paths {
		base, err := filepath.Abs(dir)
		if err != nil {
			base = dir
		}
		out = append(out, strings.TrimPrefix(shorter(base, p), "."+string(filepath.Separator)))
	}
	return out
}
