package inspect

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// An Address is where a server answers, and the token it asks for.
type Address struct {
	URL     string `json:"url"` // "http://127.0.0.1:39201"
	Token   string `json:"token"`
	PID     int    `json:"pid"`
	Version string `json:"version"`          // of dodev
	Serves  string `json:"serves,omitempty"` // where the project answers: "http://127.0.0.1:8787"
	// Apart says that the server leaves the data of the state folder alone, as
	// one does that keeps its own in memory. Another may run beside it.
	Apart bool `json:"apart,omitempty"`
}

// NewToken makes a token that nobody guesses.
func NewToken() string { return rand.Text() + rand.Text() }

// AddressFile is where the server of a state folder says how to reach it, and
// where one does that has its data apart.
func AddressFile(stateDir string, apart bool) string {
	name := "control.json"
	if apart {
		name = "control-apart.json"
	}
	return filepath.Join(stateDir, "dodev", name)
}

// Publish writes where a server answers into a state folder, in a file that only
// the user can read. The returned function removes it, unless another server has
// taken its place, and the folders that were made for it.
func Publish(stateDir string, a Address) (withdraw func(), err error) {
	file := AddressFile(stateDir, a.Apart)
	text, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", file, err)
	}
	made := unmade(filepath.Dir(file))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	// A file of its own, so that nobody had it open when it got its content.
	temporary, err := os.CreateTemp(filepath.Dir(file), "control-*") // 0600
	if err != nil {
		return nil, err
	}
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(temporary.Name()))
	}
	return func() {
		if now, err := ReadAddress(stateDir, a.Apart); err == nil && now.Token == a.Token {
			_ = os.Remove(file)
			for _, dir := range made {
				_ = os.Remove(dir) // unless there is something in it by now
			}
		}
	}, nil
}

// unmade are the folders on the way to dir that are not there, the deepest
// first.
func unmade(dir string) []string {
	var out []string
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			return out
		}
		out = append(out, dir)
		dir = filepath.Dir(dir)
	}
}

// ReadAddress reads what Publish wrote. The error matches fs.ErrNotExist when no
// such server runs.
func ReadAddress(stateDir string, apart bool) (Address, error) {
	file := AddressFile(stateDir, apart)
	text, err := os.ReadFile(file)
	if err != nil {
		return Address{}, err
	}
	var a Address
	if err := json.Unmarshal(text, &a); err != nil {
		return Address{}, fmt.Errorf("read %s: %w", file, err)
	}
	return a, nil
}

// Find makes a client of the server that uses a state folder, else of one that
// runs the project with its data apart. Without one, or when it does not answer,
// client is nil and there is no error.
func Find(ctx context.Context, stateDir string) (client *Client, err error) {
	for _, apart := range []bool{false, true} {
		if client, err = find(ctx, stateDir, apart); client != nil || err != nil {
			return client, err
		}
	}
	return nil, nil
}

func find(ctx context.Context, stateDir string, apart bool) (*Client, error) {
	a, err := ReadAddress(stateDir, apart)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	client := NewClient(a)
	if _, err := client.Alarms(ctx); CodeOf(err) == Gone || CodeOf(err) == Forbidden {
		return nil, nil // of a server that was killed
	}
	return client, nil
}
