package clone

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// golden are the bytes the real runtime stored for values of every kind.
func golden(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/values.json")
	if err != nil {
		t.Fatal(err)
	}
	var encoded map[string]string
	if err := json.Unmarshal(text, &encoded); err != nil {
		t.Fatal(err)
	}
	values := map[string][]byte{}
	for name, s := range encoded {
		values[name] = fromHex(t, s)
	}
	return values
}

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestStoredValuesSurviveDecodingAndEncoding(t *testing.T) {
	for name, data := range golden(t) {
		t.Run(name, func(t *testing.T) {
			var e Encoder
			if err := Decode(data, &e); err != nil {
				t.Fatal(err)
			}
			if got := e.Bytes(); string(got) != string(data) {
				t.Errorf("encoded again\n got %x\nwant %x", got, data)
			}
		})
	}
}
