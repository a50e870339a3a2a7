package tui

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

func TestPlacesAreOpenedAsEachEditorHasIt(t *testing.T) {
	for editor, want := range map[string]string{
		"vim": "+44 src/room.ts", "code --wait": "--goto src/room.ts:44:21", "hx": "src/room.ts:44:21", "notepad": "src/room.ts",
	} {
		file, line, column := splitPlace("src/room.ts:44:21")
		if got := strings.Join(atLine(editor, file, line, column), " "); got != want {
			t.Errorf("%s opens %q, want %q", editor, got, want)
		}
	}
	if file, line, _ := splitPlace("src/room.ts:31"); file != "src/room.ts" || line != "31" {
		t.Errorf("src/room.ts:31 is line %s of %s", line, file)
	}
}

func TestPlacesAreInTheFolderOfTheWorkerWhoseCodeItIs(t *testing.T) {
	var opened []string
	adjust := func(o *Options) {
		o.Dir, o.Target = "elsewhere", "ChatRoom/attic"
		o.run = func(cmd *exec.Cmd, done tea.ExecCallback) tea.Cmd {
			opened = cmd.Args
			return func() tea.Msg { return done(nil) }
		}
	}
	fake := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		f.SetProject(func(p *inspect.Project) { p.Folders = map[string]string{"example": filepath.Join("the", "project")} })
		return f
	}
	driveWith(t, fake, 120, 36, adjust, func(d *driver) {
		d.await("TypeError")
		d.press("o")
		if want := filepath.Join("the", "project", "src", "chat-room.ts"); !slices.Contains(opened, want) {
			t.Errorf("opened %q, want %s", opened, want)
		}
	})
}
