// Command dodev runs Cloudflare Durable Objects projects on this machine.
//
// There is one file per command. A command's RunE does nothing but call a plain
// function with what the flags said. Errors come back to run, the one place
// that prints them and chooses the exit code.
package main

import (
	"context"
	"os"
)

func main() {
	survive()
	os.Exit(run(context.Background(), system(), os.Args[1:]))
}

// run runs a command line and returns the exit code.
func run(ctx context.Context, app *app, args []string) int {
	root := newRootCmd(app)
	root.SetArgs(args)
	root.SetIn(app.stdin)
	root.SetOut(app.stdout)
	root.SetErr(app.stderr)
	err := root.ExecuteContext(ctx)
	return app.exit(err)
}
