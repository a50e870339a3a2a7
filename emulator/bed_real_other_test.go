//go:build !unix

package emulator_test

import "testing"

// wrangler is run on unix only, where all that it starts can be ended.
type wrangler struct{}

func realRuntime(*testing.T) (wrangler, bool) { return wrangler{}, false }

func (wrangler) serveBed(*testing.T, bed, bedConfig) *bedServer { panic("it is not there") }
