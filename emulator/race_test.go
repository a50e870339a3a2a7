//go:build race

package emulator_test

// underRace says that the race detector watches, under which the engine is many
// times slower: tests that are about numbers do less then.
const underRace = true
