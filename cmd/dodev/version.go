package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newVersionCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print what this binary is made of",
		Example: "  dodev version --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printVersion(cmd.OutOrStdout(), app.flags.json)
		},
	}
}

// versions are what a bug report needs.
type versions struct {
	Dodev   string `json:"dodev"`
	Engine  string `json:"engine"`
	SQLite  string `json:"sqlite"`
	Bundler string `json:"bundler"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

func printVersion(w io.Writer, asJSON bool) error {
	v := readVersions()
	if asJSON {
		return json.NewEncoder(w).Encode(v)
	}
	_, err := fmt.Fprintf(w, "dodev   %s\nengine  %s\nsqlite  %s\nbundler %s\ngo      %s\nsystem  %s\n", v.Dodev, v.Engine, v.SQLite, v.Bundler, v.Go, v.System)
	return err
}

func readVersions() versions {
	v := versions{Dodev: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Dodev = shortVersion(info)
	v.Engine = "quickjs " + moduleVersion(info, "modernc.org/libquickjs")
	v.SQLite = moduleVersion(info, "modernc.org/sqlite")
	v.Bundler = "esbuild " + moduleVersion(info, "github.com/evanw/esbuild")
	return v
}

// shortVersion is a release as "0.3.0", anything else as "dev", with the commit
// where it is known.
func shortVersion(info *debug.BuildInfo) string {
	version := strings.TrimPrefix(info.Main.Version, "v")
	if version != "" && version[0] >= '0' && version[0] <= '9' && !strings.ContainsAny(version, "-+") {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 7 {
			return "dev-" + s.Value[:7]
		}
	}
	return "dev"
}

func moduleVersion(info *debug.BuildInfo, path string) string {
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}
