package web

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	"strings"
	"sync"

	"github.com/dodev/dodev/emulator/engine"
)

// nodeAgree (pkcs8, spki) computes a shared secret, undefined when the keys do
// not fit together.
func nodeAgree(c engine.Call) error {
	private, err := parseNodePrivate(c.Bytes(1))
	if err != nil {
		return nil
	}
	public, err := parseNodePublic(c.Bytes(2))
	if err != nil {
		return nil
	}
	switch own := private.(type) {
	case *dhKey:
		if other, ok := public.(*dhKey); ok && own.p.Cmp(other.p) == 0 && own.g.Cmp(other.g) == 0 {
			c.Return(engine.Bytes(dhSecret(own.p, own.x, other.y)))
		}
	case *ecdsa.PrivateKey:
		if other, ok := public.(*ecdsa.PublicKey); ok && own.Curve == other.Curve {
			x, _ := own.Curve.ScalarMult(other.X, other.Y, own.D.Bytes())
			c.Return(engine.Bytes(x.FillBytes(make([]byte, coordinate(own.Curve)))))
		}
	case *ecdh.PrivateKey:
		if other, ok := public.(*ecdh.PublicKey); ok {
			if secret, err := own.ECDH(other); err == nil {
				c.Return(engine.Bytes(secret))
			}
		}
	}
	return nil
}

// ---- on curves ----

// coordinate is how long a coordinate of a curve's points is.
func coordinate(curve elliptic.Curve) int { return (curve.Params().BitSize + 7) / 8 }

// nodeECDHGenerate (curve) gives a private key.
func nodeECDHGenerate(c engine.Call) error {
	key, err := ecdsa.GenerateKey(nodeCurves[c.String(1)], rand.Reader)
	if err != nil {
		return err
	}
	c.Return(engine.Bytes(key.D.Bytes()))
	return nil
}

// nodeECDHPublic (curve, private, compressed) gives the point of a private key,
// undefined for a key that is not valid.
func nodeECDHPublic(c engine.Call) error {
	curve, d := nodeCurves[c.String(1)], new(big.Int).SetBytes(c.Bytes(2))
	if d.Sign() == 0 || d.Cmp(curve.Params().N) >= 0 {
		return nil
	}
	x, y := curve.ScalarBaseMult(d.Bytes())
	c.Return(engine.Bytes(writePoint(curve, x, y, c.Bool(3))))
	return nil
}

func writePoint(curve elliptic.Curve, x, y *big.Int, compressed bool) []byte {
	if compressed {
		return elliptic.MarshalCompressed(curve, x, y)
	}
	return elliptic.Marshal(curve, x, y)
}

// The first byte of a point says how it is written.
const (
	pointCompressed = 2
	pointHybrid     = 6
)

// readPoint reads a point in any of the three forms, nil when it is none.
func readPoint(curve elliptic.Curve, b []byte) (x, y *big.Int) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[0]&^1 == pointCompressed {
		return elliptic.UnmarshalCompressed(curve, b)
	}
	return elliptic.Unmarshal(curve, b)
}

// nodeECDHConvert (curve, point, compressed) writes a point in another form.
func nodeECDHConvert(c engine.Call) error {
	curve := nodeCurves[c.String(1)]
	if x, y := readPoint(curve, c.Bytes(2)); x != nil {
		c.Return(engine.Bytes(writePoint(curve, x, y, c.Bool(3))))
	}
	return nil
}

// nodeECDHSecret (curve, private, point) gives a shared secret, undefined for
// what is no point.
func nodeECDHSecret(c engine.Call) error {
	curve := nodeCurves[c.String(1)]
	x, y := readPoint(curve, c.Bytes(3))
	if x == nil {
		return nil
	}
	x, _ = curve.ScalarMult(x, y, c.Bytes(2))
	c.Return(engine.Bytes(x.FillBytes(make([]byte, coordinate(curve)))))
	return nil
}

// ---- in groups ----

// The groups of RFC 3526, which follow from pi: section 3 to 7 give for each its
// size and a number.
var dhGroups = map[string]struct {
	bits uint
	add  int64
}{
	"modp14": {2048, 124476}, "modp15": {3072, 1690314}, "modp16": {4096, 240904}, "modp17": {6144, 929484}, "modp18": {8192, 4743158},
}

// dhFill is how many bits of a group's prime are set at either end.
const dhFill = 64

// widestGroup is the size of the largest group.
const widestGroup = 8192

// groupPrime is 2^n - 2^(n-64) - 1 + 2^64 (floor(2^(n-130) pi) + add), of pi
// times 2^(8192-130).
func groupPrime(pi *big.Int, bits uint, add int64) *big.Int {
	middle := new(big.Int).Rsh(pi, widestGroup-bits)
	middle.Add(middle, big.NewInt(add))
	middle.Lsh(middle, dhFill)
	one := big.NewInt(1)
	p := new(big.Int).Lsh(one, bits)
	p.Sub(p, new(big.Int).Lsh(one, bits-dhFill))
	p.Sub(p, one)
	return p.Add(p, middle)
}

// piTimes is the integer part of pi times 2^bits, by Machin's formula.
func piTimes(bits uint) *big.Int {
	const guard = 64
	scale := new(big.Int).Lsh(big.NewInt(1), bits+guard)
	arctan := func(inverse int64) *big.Int {
		sum, square := new(big.Int), big.NewInt(inverse*inverse)
		term := new(big.Int).Div(scale, big.NewInt(inverse))
		for n := int64(1); term.Sign() != 0; n += 2 {
			part := new(big.Int).Div(term, big.NewInt(n))
			if n%4 == 1 {
				sum.Add(sum, part)
			} else {
				sum.Sub(sum, part)
			}
			term.Div(term, square)
		}
		return sum
	}
	pi := new(big.Int).Mul(arctan(5), big.NewInt(16))
	pi.Sub(pi, new(big.Int).Mul(arctan(239), big.NewInt(4)))
	return pi.Rsh(pi, guard)
}

var groupPrimes = sync.OnceValue(func() map[string]*big.Int {
	primes := map[string]*big.Int{}
	const less = 130
	pi := piTimes(widestGroup - less)
	for name, group := range dhGroups {
		primes[name] = groupPrime(pi, group.bits, group.add)
	}
	return primes
})

// nodeDHGroup (name) gives the prime of a group.
func nodeDHGroup(c engine.Call) error {
	if p := groupPrimes()[strings.ToLower(c.String(1))]; p != nil {
		c.Return(engine.Bytes(p.Bytes()))
	}
	return nil
}

// nodeDHPrime (bits, generator) gives a safe prime that the generator suits,
// undefined when there is none to be found.
func nodeDHPrime(c engine.Call) error {
	add, rem := int64(2), int64(1)
	switch c.Int(2) {
	case 2:
		add, rem = 24, 11
	case 5:
		add, rem = 10, 3
	}
	if p := findPrime(c.Int(1), true, big.NewInt(add), big.NewInt(rem)); p != nil {
		c.Return(engine.Bytes(p.Bytes()))
	}
	return nil
}

// What is wrong with a group, by OpenSSL's numbers.
const (
	dhNotPrime        = 1
	dhNotSafe         = 2
	dhUncheckable     = 4
	dhUnsuitable      = 8
	dhGeneratorTwo    = 2
	dhGeneratorFive   = 5
	dhSuitableForTwo  = 11 // modulo 24
	dhSuitableForFive = 3  // or 7, modulo 10
)

// nodeDHCheck (prime, generator) says what is wrong with a group.
func nodeDHCheck(c engine.Call) error {
	p, g := new(big.Int).SetBytes(c.Bytes(1)), new(big.Int).SetBytes(c.Bytes(2))
	wrong := 0
	modulo := func(n int64) int64 { return new(big.Int).Mod(p, big.NewInt(n)).Int64() }
	switch {
	case g.IsInt64() && g.Int64() == dhGeneratorTwo:
		if modulo(24) != dhSuitableForTwo {
			wrong |= dhUnsuitable
		}
	case g.IsInt64() && g.Int64() == dhGeneratorFive:
		if m := modulo(10); m != dhSuitableForFive && m != 7 {
			wrong |= dhUnsuitable
		}
	default:
		wrong |= dhUncheckable
	}
	c.Return(engine.Int(wrong | primeFaults(p)))
	return nil
}

// primeFaults tells whether a number is a safe prime. Those of groups are known
// to be, and large.
func primeFaults(p *big.Int) int {
	for _, known := range groupPrimes() {
		if known.Cmp(p) == 0 {
			return 0
		}
	}
	if !p.ProbablyPrime(0) {
		return dhNotPrime
	}
	if !new(big.Int).Rsh(p, 1).ProbablyPrime(0) {
		return dhNotSafe
	}
	return 0
}

// nodeDHGenerate (prime, generator, private) gives private and public key, one
// after the other and each as long as the prime. A private key that was given is
// kept.
func nodeDHGenerate(c engine.Call) error {
	p, g, x := new(big.Int).SetBytes(c.Bytes(1)), new(big.Int).SetBytes(c.Bytes(2)), new(big.Int).SetBytes(c.Bytes(3))
	if x.Sign() == 0 {
		var err error
		if x, err = randomExponent(p); err != nil {
			return err
		}
	}
	size := (p.BitLen() + 7) / 8
	if x.BitLen() > 8*size {
		return nil
	}
	out := make([]byte, 2*size)
	x.FillBytes(out[:size])
	new(big.Int).Exp(g, x, p).FillBytes(out[size:])
	c.Return(engine.Bytes(out))
	return nil
}

func randomExponent(p *big.Int) (*big.Int, error) {
	one := big.NewInt(1)
	most := new(big.Int).Sub(p, big.NewInt(3))
	if most.Sign() <= 0 {
		return one, nil
	}
	x, err := rand.Int(rand.Reader, most)
	if err != nil {
		return nil, err
	}
	return x.Add(x, one), nil
}

// nodeDHPublicFits (prime, public) tells how a public key fits into a group: -1
// for one that is too small, 1 for one that is too large, else 0.
func nodeDHPublicFits(c engine.Call) error {
	p, y := new(big.Int).SetBytes(c.Bytes(1)), new(big.Int).SetBytes(c.Bytes(2))
	one := big.NewInt(1)
	fits := 0
	if y.Cmp(one) <= 0 {
		fits = -1
	} else if y.Cmp(new(big.Int).Sub(p, one)) >= 0 {
		fits = 1
	}
	c.Return(engine.Int(fits))
	return nil
}

// nodeDHSecret (prime, private, public) gives a shared secret.
func nodeDHSecret(c engine.Call) error {
	number := func(i int) *big.Int { return new(big.Int).SetBytes(c.Bytes(i)) }
	c.Return(engine.Bytes(dhSecret(number(1), number(2), number(3))))
	return nil
}

// dhSecret is as long as the prime.
func dhSecret(p, x, y *big.Int) []byte {
	return new(big.Int).Exp(y, x, p).FillBytes(make([]byte, (p.BitLen()+7)/8))
}

// nodeGenerateDH (prime, generator) gives PKCS #8.
func nodeGenerateDH(c engine.Call) error {
	p, g := new(big.Int).SetBytes(c.Bytes(1)), new(big.Int).SetBytes(c.Bytes(2))
	if p.Sign() == 0 {
		return nil
	}
	x, err := randomExponent(p)
	if err != nil {
		return err
	}
	returnBytes(c, normalPrivate(&dhKey{p: p, g: g, x: x}))
	return nil
}
