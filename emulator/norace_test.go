//go:build !race

package emulator_test

// underRace says that the race detector watches.
const underRace = false
