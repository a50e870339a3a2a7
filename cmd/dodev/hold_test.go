package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// holder is a process that has a database open as the real runtime has while it
// runs, and may have written to it, until its standard input ends.
func holder() {
	if err := hold(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func hold(args []string) error {
	conn, err := sqlite.OpenConn(args[0], sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	script := "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; SELECT count(*) FROM sqlite_schema;" + strings.Join(args[1:], ";")
	if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
		return errors.Join(err, conn.Close())
	}
	fmt.Println("held")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, conn.Close())
}

type holdersKey struct{}

// holdCmd has another process open a database, write to it, and keep it open.
func holdCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: hold DATABASE [STATEMENT...]")
	}
	args[0] = ts.MkAbs(args[0])
	cmd := exec.Command(program(ts, "holder"), args...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	ts.Check(err)
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	release := func() {
		_ = stdin.Close()
		_ = cmd.Wait() // a second time it says so
	}
	ts.Defer(release)
	held := ts.Value(holdersKey{}).(*[]func())
	*held = append(*held, release)
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		ts.Fatalf("hold %s: %q, %v", args[0], line, err)
	}
}

// releaseCmd ends what hold began.
func releaseCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: release")
	}
	held := ts.Value(holdersKey{}).(*[]func())
	for _, release := range *held {
		release()
	}
	*held = nil
}
