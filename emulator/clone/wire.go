package clone

import (
	"strings"

	"github.com/dodev/dodev/emulator/engine"
)

// Versions of the format that differ in what follows a tag.
const (
	latestVersion          = 15
	oldestVersion          = 9
	versionHoles           = 11 // undefined in a dense array is no longer a hole
	versionStrings         = 12 // strings inside regular expressions and boxes have a tag
	versionHostTag         = 13 // host objects have a tag
	versionViewFlags       = 14 // views end with flags
	versionHeaderless      = 13 // what the platform takes data without a header for
	headerTag         byte = 0xff
)

// Tags begin a value, or end one that has parts.
const (
	tagPadding           byte = 0
	tagObjectCount       byte = '?'
	tagHole              byte = '-'
	tagUndefined         byte = '_'
	tagNull              byte = '0'
	tagTrue              byte = 'T'
	tagFalse             byte = 'F'
	tagInt32             byte = 'I'
	tagUint32            byte = 'U'
	tagDouble            byte = 'N'
	tagBigInt            byte = 'Z'
	tagUTF8String        byte = 'S'
	tagOneByteString     byte = '"'
	tagTwoByteString     byte = 'c'
	tagRef               byte = '^'
	tagBeginObject       byte = 'o'
	tagEndObject         byte = '{'
	tagBeginSparse       byte = 'a'
	tagEndSparse         byte = '@'
	tagBeginDense        byte = 'A'
	tagEndDense          byte = '$'
	tagDate              byte = 'D'
	tagBoxedTrue         byte = 'y'
	tagBoxedFalse        byte = 'x'
	tagBoxedNumber       byte = 'n'
	tagBoxedBigInt       byte = 'z'
	tagBoxedString       byte = 's'
	tagRegExp            byte = 'R'
	tagBeginMap          byte = ';'
	tagEndMap            byte = ':'
	tagBeginSet          byte = '\''
	tagEndSet            byte = ','
	tagBuffer            byte = 'B'
	tagResizableBuffer   byte = '~'
	tagTransferredBuffer byte = 't'
	tagSharedBuffer      byte = 'u'
	tagView              byte = 'V'
	tagHost              byte = '\\'
	tagError             byte = 'r'
)

// Tags inside a value that begins with tagError.
const (
	errorMessage byte = 'm'
	errorStack   byte = 's'
	errorCause   byte = 'c'
	errorEnd     byte = '.'
)

// hostError is the host tag under which the platform writes native errors.
const hostError = 10

// errorName is the type number of an error whose name is none of the native
// ones and follows as a value.
const errorName = 0

// errorTypes are the names of native errors by the number the platform gives
// their type.
var errorTypes = [...]string{
	1:  "Error",
	2:  "TypeError",
	3:  "RangeError",
	4:  "ReferenceError",
	5:  "SyntaxError",
	6:  "WasmCompileError",
	7:  "WasmLinkError",
	8:  "WasmRuntimeError",
	9:  "WasmSuspendError",
	10: "EvalError",
	11: "URIError",
	12: "AggregateError",
	13: "SuppressedError",
}

// errorType is the number of the type named name, or errorName.
func errorType(name string) uint32 {
	for i, n := range errorTypes {
		if n == name && n != "" {
			return uint32(i)
		}
	}
	return errorName
}

// sinkClass reports whether a Sink knows class; an error of another one is an
// Error with that name.
func sinkClass(class string) bool {
	return class == "AggregateError" || class == "Error" || v8ErrorTag(class) != 0
}

// v8ErrorTag is the tag of an error class in V8's own form, 0 for Error and
// for classes V8 does not tell apart.
func v8ErrorTag(class string) byte {
	switch class {
	case "EvalError":
		return 'E'
	case "RangeError":
		return 'R'
	case "ReferenceError":
		return 'F'
	case "SyntaxError":
		return 'S'
	case "TypeError":
		return 'T'
	case "URIError":
		return 'U'
	}
	return 0
}

// v8ErrorClass is the inverse of v8ErrorTag, "" for other tags.
func v8ErrorClass(tag byte) string {
	switch tag {
	case 'E':
		return "EvalError"
	case 'R':
		return "RangeError"
	case 'F':
		return "ReferenceError"
	case 'S':
		return "SyntaxError"
	case 'T':
		return "TypeError"
	case 'U':
		return "URIError"
	}
	return ""
}

// viewTags are the tags of view kinds.
var viewTags = [...]byte{
	engine.Int8Array:         'b',
	engine.Uint8Array:        'B',
	engine.Uint8ClampedArray: 'C',
	engine.Int16Array:        'w',
	engine.Uint16Array:       'W',
	engine.Int32Array:        'd',
	engine.Uint32Array:       'D',
	engine.Float16Array:      'h',
	engine.Float32Array:      'f',
	engine.Float64Array:      'F',
	engine.BigInt64Array:     'q',
	engine.BigUint64Array:    'Q',
	engine.DataView:          '?',
}

// viewKind is the inverse of viewTags.
func viewKind(tag byte) (engine.ViewKind, bool) {
	for kind, t := range viewTags {
		if t == tag {
			return engine.ViewKind(kind), true
		}
	}
	return 0, false
}

// regExpFlags has the flags of a regular expression in the order in which
// JavaScript lists them, with their bits on the wire.
var regExpFlags = [...]struct {
	letter byte
	bit    uint32
}{
	{'d', 1 << 7}, {'g', 1 << 0}, {'i', 1 << 1}, {'m', 1 << 2},
	{'s', 1 << 5}, {'u', 1 << 4}, {'v', 1 << 8}, {'y', 1 << 3},
}

// flagBits are the bits of flags; unknown letters have none.
func flagBits(flags string) (bits uint32) {
	for _, f := range regExpFlags {
		if strings.IndexByte(flags, f.letter) >= 0 {
			bits |= f.bit
		}
	}
	return bits
}

// flagLetters is the inverse of flagBits; it refuses bits that stand for no
// flag, and u together with v, which exclude each other.
func flagLetters(bits uint32) (string, bool) {
	letters := make([]byte, 0, len(regExpFlags))
	rest := bits
	for _, f := range regExpFlags {
		if bits&f.bit != 0 {
			letters = append(letters, f.letter)
			rest &^= f.bit
		}
	}
	const uv = 1<<4 | 1<<8
	return string(letters), rest == 0 && bits&uv != uv
}

// maxIndex is the greatest array index; greater numbers are ordinary names.
const maxIndex = 1<<32 - 2

// arrayIndex reports whether a property name is an array index, and which.
func arrayIndex(name string) (uint32, bool) {
	if name == "" || len(name) > 10 || name[0] == '0' && len(name) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range []byte(name) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return uint32(n), n <= maxIndex
}

// V8 on the platform keeps integers of 31 bits as integers and all other
// numbers as doubles.
const (
	minSmi = -1 << 30
	maxSmi = 1<<30 - 1
)
