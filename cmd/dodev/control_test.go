package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dodev/dodev/devserver/inspect"
)

// controlCmd asks the server's control API for a snapshot, with the token of its
// state folder unless an argument says otherwise, and expects a status.
func controlCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: control STATUS [token=T] [host=H] [method=M] [NAME=VALUE...]")
	}
	stateDir := ts.MkAbs(".wrangler/state")
	address, err := inspect.ReadAddress(stateDir, false)
	ts.Check(err)
	file := inspect.AddressFile(stateDir, false)
	info, err := os.Stat(file)
	ts.Check(err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		ts.Fatalf("others can read %s: %v", file, info.Mode())
	}
	if at, err := url.Parse(address.URL); err != nil || at.Hostname() != "127.0.0.1" {
		ts.Fatalf("it listens at %s: %v", address.URL, err)
	}
	r, err := http.NewRequest(http.MethodPost, address.URL+"/v1/snapshot", strings.NewReader("{}"))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+address.Token)
	r.Header.Set("Content-Type", "application/json")
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "token":
			r.Header.Set("Authorization", "Bearer "+value)
		case "host":
			r.Host = value
		case "method":
			r.Method = value
		default:
			r.Header.Set(name, value)
		}
	}
	res, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if got := fmt.Sprint(res.StatusCode); got != args[0] {
		ts.Fatalf("status %s, want %s: %s", got, args[0], body)
	}
	for name := range res.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			ts.Fatalf("it answers with %s", name)
		}
	}
	fmt.Fprintf(ts.Stdout(), "%s", body)
}
