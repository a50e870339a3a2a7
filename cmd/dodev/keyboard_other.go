//go:build !unix && !windows

package main

import (
	"errors"
	"os"
)

// singleKeys is not possible here.
func singleKeys(int) (restore func(), err error) {
	return nil, errors.New("no single keys on this system")
}

// readKeys is not possible here.
func readKeys(*os.File) (keySource, error) {
	return nil, errors.New("no single keys on this system")
}
