package web

import (
	"github.com/dodev/dodev/emulator/engine"
)

// What node:crypto asks of Go is one function of the host with many names, so
// that isolates which never ask pay for one. src/host/node_crypto.ts says what
// each takes and gives; arguments are counted from the one after the name.
//
// Keys cross as bytes: a private one as PKCS #8, a public one as
// SubjectPublicKeyInfo. What is malformed gives undefined, and the script says
// so in the platform's words.
var nodeCryptoOps = map[string]engine.Func{
	"readPrivate": nodeReadPrivate,
	"readPublic":  nodeReadPublic,
	"readJwk":     nodeReadJWK,
	"publicOf":    nodePublicOf,
	"tellKey":     nodeTellKey,
	"write":       nodeWriteKey,
	"writeJwk":    nodeWriteJWK,
	"sameKey":     nodeSameKey,
	"generate":    nodeGenerateKey,
	"generateDh":  nodeGenerateDH,

	"sign":   nodeSign,
	"verify": nodeVerify,
	"rsa":    nodeRSA,

	"cipher":     nodeCipher,
	"gcmStream":  nodeGCMStream,
	"gcmTag":     nodeGCMTag,
	"chachaSeal": nodeChachaSeal,
	"chachaOpen": nodeChachaOpen,

	"agree":        nodeAgree,
	"ecdhGenerate": nodeECDHGenerate,
	"ecdhPublic":   nodeECDHPublic,
	"ecdhConvert":  nodeECDHConvert,
	"ecdhSecret":   nodeECDHSecret,
	"dhGroup":      nodeDHGroup,
	"dhPrime":      nodeDHPrime,
	"dhCheck":      nodeDHCheck,
	"dhGenerate":   nodeDHGenerate,
	"dhPublicFits": nodeDHPublicFits,
	"dhSecret":     nodeDHSecret,

	"prime":      nodePrime,
	"checkPrime": nodeCheckPrime,

	"certificate":         nodeCertificate,
	"certificateIssued":   nodeCertificateIssued,
	"certificateVerified": nodeCertificateVerified,
	"certificateMatches":  nodeCertificateMatches,
	"spkac":               nodeSPKAC,
}

func nodeCrypto(c engine.Call) error {
	op, ok := nodeCryptoOps[c.String(0)]
	if !ok {
		return engine.Error("no operation %s", c.String(0))
	}
	return op(c)
}

// returnBytes gives bytes, undefined for nil.
func returnBytes(c engine.Call, b []byte) {
	if b != nil {
		c.Return(engine.Bytes(b))
	}
}
