//go:build !unix

package main

import "errors"

// singleKeys is not possible here.
func singleKeys(int) (restore func(), err error) {
	return nil, errors.New("no single keys on this system")
}
