//go:build !unix

package main

// constrain does nothing where tests constrain no process.
func constrain() {}
