package web

import (
	"crypto/rand"
	"math/big"

	"github.com/dodev/dodev/emulator/engine"
)

// usualChecks is how often a number is tested for being prime.
const usualChecks = 20

// nodePrime (bits, safe, add, rem) gives a prime, undefined when none is found.
func nodePrime(c engine.Call) error {
	bits, safe := c.Int(1), c.Bool(2)
	add, rem := new(big.Int).SetBytes(c.Bytes(3)), new(big.Int).SetBytes(c.Bytes(4))
	if p := findPrime(bits, safe, add, rem); p != nil {
		c.Return(engine.Bytes(p.FillBytes(make([]byte, (bits+7)/8))))
	}
	return nil
}

// candidates bounds how many numbers are tried for each bit: a search that will
// not end must not hold up an isolate.
const candidates = 2000

// findPrime finds a prime that leaves rem when divided by add, unless add is
// zero. Of a safe one the half is prime, too.
func findPrime(bits int, safe bool, add, rem *big.Int) *big.Int {
	if bits < 2 {
		return nil
	}
	if !safe && add.Sign() == 0 {
		p, err := rand.Prime(rand.Reader, bits)
		if err != nil {
			return nil
		}
		return p
	}
	one := big.NewInt(1)
	span := new(big.Int).Lsh(one, uint(bits-1))
	for range candidates * bits {
		p, err := rand.Int(rand.Reader, span)
		if err != nil {
			return nil
		}
		p.Add(p, span) // of as many bits as was asked for
		if add.Sign() != 0 {
			p.Sub(p, new(big.Int).Mod(p, add))
			p.Add(p, rem)
		} else {
			p.SetBit(p, 0, 1)
		}
		if p.BitLen() != bits || safe && !new(big.Int).Rsh(p, 1).ProbablyPrime(0) || !p.ProbablyPrime(usualChecks) {
			continue
		}
		if !safe || new(big.Int).Rsh(p, 1).ProbablyPrime(usualChecks) {
			return p
		}
	}
	return nil
}

// nodeCheckPrime (number, checks).
func nodeCheckPrime(c engine.Call) error {
	c.Return(engine.Bool(new(big.Int).SetBytes(c.Bytes(1)).ProbablyPrime(c.Int(2))))
	return nil
}
