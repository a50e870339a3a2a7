package clone

import "math/big"

// TypeName names the type of v for people: "string", "null", "bigint",
// "object", "Array", "Map", "Uint8Array", and an error by its class.
func TypeName(v Value) string {
	switch v := v.(type) {
	case Undefined:
		return "undefined"
	case Null:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case *big.Int:
		return "bigint"
	case string:
		return "string"
	case *Object:
		return "object"
	case *Error:
		return v.Class
	}
	return typeName(v)
}
