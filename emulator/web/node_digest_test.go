package web

import (
	"encoding"
	"encoding/hex"
	"testing"
)

func TestDigestResumesFromItsState(t *testing.T) {
	for _, name := range []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256"} {
		whole := newDigest(name)
		whole.Write([]byte("hello world"))

		first, err := digestAt(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		first.Write([]byte("hello "))
		state, err := first.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		second, err := digestAt(name, state)
		if err != nil {
			t.Fatal(err)
		}
		second.Write([]byte("world"))

		if got, want := hex.EncodeToString(second.Sum(nil)), hex.EncodeToString(whole.Sum(nil)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestDigestAtRefusesWhatItCannotResume(t *testing.T) {
	if _, err := digestAt("crc32", nil); err == nil {
		t.Error("an unknown algorithm: got no error")
	}
	if _, err := digestAt("sha256", []byte("nonsense")); err == nil {
		t.Error("a state that is none: got no error")
	}
}
