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
	Version string `json:"version"` // of dodev
}

// NewToken makes a token that nobody guesses.
func NewToken() string { return rand.Text() + rand.Text() }

// AddressFile is where the server of a state folder says how to reach it.
func AddressFile(stateDir string) string { return filepath.Join(stateDir, "dodev", "control.json") }

// Publish writes where a server answers into its state folder, in a file that
// only the user can read. The returned function removes it, unless another
// server has taken its place.
func Publish(stateDir string, a Address) (withdraw func(), err error) {
	file := AddressFile(stateDir)
	text, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", file, err)
	}
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
		if now, err := ReadAddress(stateDir); err == nil && now.Token == a.Token {
			_ = os.Remove(file)
		}
	}, nil
}

// ReadAddress reads what Publish wrote. The error matches fs.ErrNotExist when no
// server uses the state folder.
func ReadAddress(stateDir string) (Address, error) {
	text, err := os.ReadFile(AddressFile(stateDir))
	if err != nil {
		return Address{}, err
	}
	var a Address
	if err := json.Unmarshal(text, &a); err != nil {
		return Address{}, fmt.Errorf("read %s: %w", AddressFile(stateDir), err)
	}
	return a, nil
}

// Find makes a client of the server that uses a state folder. Without one, or
// when it does not answer, client is nil and there is no error.
func Find(ctx context.Context, stateDir string) (client *Client, err error) {
	a, err := ReadAddress(stateDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	client = NewClient(a)
	if _, err := client.Alarms(ctx); CodeOf(err) == Gone || CodeOf(err) == Forbidden {
		return nil, nil // of a server that was killed
	}
	return client, nil
}
