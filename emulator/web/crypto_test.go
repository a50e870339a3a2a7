package web

import (
	"crypto/aes"
	"crypto/x509"
	"testing"
)

// hexOf gives the tests' bodies a way to show bytes.
const hexOf = `const hex = b => new Uint8Array(b).toHex(), bytes = s => new TextEncoder().encode(s), fails = p => p.then(v => "no error", e => e.name + ": " + e.message); `

func TestCryptoBasics(t *testing.T) {
	runCases(t, []jsCase{
		{"digests", hexOf + `return Promise.all(["SHA-256", "sha-1", { name: "MD5" }].map(a => crypto.subtle.digest(a, bytes("abc")).then(hex)))`,
			`["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "a9993e364706816aba3e25717850c26c9cd0d89d", "900150983cd24fb0d6963f7d28e17f72"]`},
		{"an unknown digest", hexOf + `return fails(crypto.subtle.digest("SHA-3", bytes("")))`, `"NotSupportedError: Unrecognized or unimplemented digest algorithm requested."`},
		{"random values fill the view", `const a = new Uint32Array(8); return [crypto.getRandomValues(a) === a, a.some(x => x !== 0)]`, `[true, true]`},
		{"random values want integers", `try { crypto.getRandomValues(new Float32Array(1)) } catch (e) { return [e.name, e.message, e.code] }`, `["TypeMismatchError", "ArrayBufferView argument to getRandomValues() must be an integer-typed view.", 17]`},
		{"random values want 64 KiB at most", `try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return [e.name, e.message] }`, `["QuotaExceededError", "getRandomValues() only accepts buffers of size <= 64K but provided 65537 bytes."]`},
		{"UUIDs", `return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`, `true`},
		{"timingSafeEqual", `const f = crypto.subtle.timingSafeEqual.bind(crypto.subtle); try { f(new Uint8Array(1), new Uint8Array(2)) } catch (e) { return [f(new Uint8Array([1]), new Uint8Array([1])), f(new Uint8Array([1]), new Uint8Array([2])), e.name, e.message] }`,
			`[true, false, "TypeError", "Input buffers must have the same byte length."]`},
		{"digest streams", hexOf + `const d = new crypto.DigestStream("SHA-256"); const w = d.getWriter(); w.write(bytes("a")); w.write(bytes("bc")); await w.close(); return [hex(await d.digest), Number(d.bytesWritten)]`,
			`["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3]`},
		{"crypto settles within microtasks", `let done = false; crypto.subtle.digest("SHA-1", new Uint8Array(1)).then(() => { done = true }); for (let i = 0; i < 10 && !done; i++) await null; return done`, `true`},
	})
}

func TestSecretKeys(t *testing.T) {
	runCases(t, []jsCase{
		{"HMAC", hexOf + `const k = await crypto.subtle.importKey("raw", bytes("k"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]); const s = await crypto.subtle.sign("HMAC", k, bytes("m")); return [hex(s), await crypto.subtle.verify("HMAC", k, s, bytes("m")), await crypto.subtle.verify("HMAC", k, s, bytes("n")), k.algorithm, k.usages, k.type]`,
			`["b60090e3052297aeb5a080889ce2fc4bca957e756faeb4df7d31800ca1e771ec", true, false, {"name": "HMAC", "hash": {"name": "SHA-256"}, "length": 8}, ["sign", "verify"], "secret"]`},
		{"JSON Web Keys", hexOf + `const k = await crypto.subtle.importKey("raw", bytes("key"), { name: "HMAC", hash: "SHA-512" }, true, ["sign"]); const j = await crypto.subtle.exportKey("jwk", k); const again = await crypto.subtle.importKey("jwk", j, { name: "HMAC", hash: "SHA-512" }, true, ["sign"]); return [j, hex(await crypto.subtle.exportKey("raw", again))]`,
			`[{"kty": "oct", "k": "a2V5", "alg": "HS512", "key_ops": ["sign"], "ext": true}, "6b6579"]`},
		{"keys refuse what they are not for", hexOf + `const k = await crypto.subtle.importKey("raw", bytes("k"), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]); return [await fails(crypto.subtle.verify("HMAC", k, bytes(""), bytes(""))), await fails(crypto.subtle.exportKey("raw", k)), await fails(crypto.subtle.encrypt("AES-GCM", k, bytes(""))), await fails(crypto.subtle.importKey("raw", bytes("k"), "HMAC", false, ["sign"])), await fails(crypto.subtle.importKey("raw", bytes("k"), { name: "HMAC", hash: "SHA-1" }, false, ["encrypt"])), await fails(crypto.subtle.importKey("raw", bytes("k"), "FOO", false, []))]`,
			`["InvalidAccessError: Requested key usage \"verify\" does not match any usage listed in this CryptoKey.", "InvalidAccessError: Attempt to export non-extractable HMAC key.", "InvalidAccessError: Requested algorithm \"AES-GCM\" does not match this CryptoKey's algorithm \"HMAC\".", "TypeError: Missing field \"hash\" in \"algorithm\".", "SyntaxError: Attempt to import secret HMAC key with invalid usage \"encrypt\".", "NotSupportedError: Unrecognized key import algorithm \"FOO\" requested."]`},
		// McGrew and Viega's test case 4.
		{"AES-GCM", hexOf + `const h = s => Uint8Array.fromHex(s); const k = await crypto.subtle.importKey("raw", h("feffe9928665731c6d6a8f9467308308"), "AES-GCM", false, ["encrypt", "decrypt"]); const p = { name: "AES-GCM", iv: h("cafebabefacedbaddecaf888"), additionalData: h("feedfacedeadbeeffeedfacedeadbeefabaddad2") }; const c = await crypto.subtle.encrypt(p, k, h("d9313225f88406e5a55909c5aff5269a")); const short = await crypto.subtle.encrypt({ ...p, tagLength: 32 }, k, bytes("hello")); return [hex(c).slice(0, 32), hex(await crypto.subtle.decrypt(p, k, c)), short.byteLength, hex(await crypto.subtle.decrypt({ ...p, tagLength: 32 }, k, short)), await fails(crypto.subtle.decrypt({ ...p, additionalData: undefined }, k, c))]`,
			`["42831ec2217774244b7221b784d0d49c", "d9313225f88406e5a55909c5aff5269a", 9, "68656c6c6f", "OperationError: Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or another algorithm-specific reason. Input length was 16, output length expected to be 16 for AES-GCM"]`},
		// NIST SP 800-38A, F.2.1 and F.5.1.
		{"AES-CBC and AES-CTR", hexOf + `const h = s => Uint8Array.fromHex(s); const raw = h("2b7e151628aed2a6abf7158809cf4f3c"), text = h("6bc1bee22e409f96e93d7e117393172a"); const cbc = await crypto.subtle.importKey("raw", raw, "AES-CBC", false, ["encrypt", "decrypt"]), ctr = await crypto.subtle.importKey("raw", raw, "AES-CTR", false, ["encrypt"]); const p = { name: "AES-CBC", iv: h("000102030405060708090a0b0c0d0e0f") }; const c = await crypto.subtle.encrypt(p, cbc, text); const counter = h("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"); const run = length => crypto.subtle.encrypt({ name: "AES-CTR", counter, length }, ctr, new Uint8Array(64)).then(hex); const [a, b] = [await run(128), await run(64)]; return [hex(c).slice(0, 32), hex(await crypto.subtle.decrypt(p, cbc, c)), hex(await crypto.subtle.encrypt({ name: "AES-CTR", counter, length: 128 }, ctr, text)), a === b, (await run(8)).slice(0, 64) === a.slice(0, 64), await fails(run(1))]`,
			`["7649abac8119b246cee98e9b12e9197d", "6bc1bee22e409f96e93d7e117393172a", "874d6191b620e3261bef6864990db6ce", true, false, "OperationError: Counter block values will repeat."]`},
		// RFC 3394 section 4.1.
		{"AES-KW", hexOf + `const h = s => Uint8Array.fromHex(s); const kek = await crypto.subtle.importKey("raw", h("000102030405060708090a0b0c0d0e0f"), "AES-KW", false, ["wrapKey", "unwrapKey"]); const k = await crypto.subtle.importKey("raw", h("00112233445566778899aabbccddeeff"), "AES-GCM", true, ["encrypt"]); const w = await crypto.subtle.wrapKey("raw", k, kek, "AES-KW"); const u = await crypto.subtle.unwrapKey("raw", w, kek, "AES-KW", "AES-GCM", true, ["encrypt"]); return [hex(w), hex(await crypto.subtle.exportKey("raw", u))]`,
			`["1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5", "00112233445566778899aabbccddeeff"]`},
		// RFC 5869 A.1, and RFC 7914 section 11.
		{"HKDF and PBKDF2", hexOf + `const h = s => Uint8Array.fromHex(s); const a = await crypto.subtle.importKey("raw", h("0b".repeat(22)), "HKDF", false, ["deriveBits"]), b = await crypto.subtle.importKey("raw", bytes("passwd"), "PBKDF2", false, ["deriveBits", "deriveKey"]); const p = { name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 1 }; const k = await crypto.subtle.deriveKey(p, b, { name: "AES-GCM", length: 256 }, true, ["encrypt"]); return [hex(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: h("000102030405060708090a0b0c"), info: h("f0f1f2f3f4f5f6f7f8f9") }, a, 128)), hex(await crypto.subtle.deriveBits(p, b, 128)), k.algorithm, hex(await crypto.subtle.exportKey("raw", k)).slice(0, 32)]`,
			`["3cb25f25faacd57a90434f64d0362f2a", "55ac046e56e3089fec1691c22544b605", {"name": "AES-GCM", "length": 256}, "55ac046e56e3089fec1691c22544b605"]`},
	})
}

func TestKeyPairs(t *testing.T) {
	const roundTrip = `const there = async (alg, params, data = bytes("data")) => {
  const pair = await crypto.subtle.generateKey(alg, true, ["sign", "verify"]);
  const again = async (key, format) => crypto.subtle.importKey(format, await crypto.subtle.exportKey(format, key), alg, true, key.usages);
  const out = [];
  for (const [priv, pub] of [["pkcs8", "spki"], ["jwk", "jwk"]]) {
    const s = await crypto.subtle.sign(params, await again(pair.privateKey, priv), data);
    const key = await again(pair.publicKey, pub);
    out.push(await crypto.subtle.verify(params, key, s, data), await crypto.subtle.verify(params, key, s, bytes("other")));
  }
  return out;
}; `
	runCases(t, []jsCase{
		{"ECDSA", hexOf + roundTrip + `return Promise.all(["P-256", "P-384", "P-521"].map(namedCurve => there({ name: "ECDSA", namedCurve }, { name: "ECDSA", hash: "SHA-256" })))`,
			`[[true, false, true, false], [true, false, true, false], [true, false, true, false]]`},
		{"Ed25519", hexOf + roundTrip + `return there("Ed25519", "Ed25519")`, `[true, false, true, false]`},
		{"RSA signatures", hexOf + roundTrip + `const rsa = name => ({ name, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }); return [await there(rsa("RSASSA-PKCS1-v1_5"), "RSASSA-PKCS1-v1_5"), await there(rsa("RSA-PSS"), { name: "RSA-PSS", saltLength: 32 })]`,
			`[[true, false, true, false], [true, false, true, false]]`},
		{"RSA-OAEP", hexOf + `const pair = await crypto.subtle.generateKey({ name: "RSA-OAEP", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, false, ["encrypt", "decrypt"]); const c = await crypto.subtle.encrypt("RSA-OAEP", pair.publicKey, bytes("hi")); return [hex(await crypto.subtle.decrypt("RSA-OAEP", pair.privateKey, c)), pair.publicKey.extractable, pair.privateKey.extractable, pair.publicKey.algorithm.modulusLength, [...pair.publicKey.algorithm.publicExponent]]`,
			`["6869", true, false, 1024, [1, 0, 1]]`},
		{"ECDH and X25519", hexOf + `const both = async (alg) => { const [a, b] = [await crypto.subtle.generateKey(alg, true, ["deriveBits"]), await crypto.subtle.generateKey(alg, true, ["deriveBits"])]; const raw = await crypto.subtle.importKey("raw", await crypto.subtle.exportKey("raw", b.publicKey), alg, true, []); const name = alg.name ?? alg; const [x, y] = [await crypto.subtle.deriveBits({ name, public: raw }, a.privateKey, 256), await crypto.subtle.deriveBits({ name, public: a.publicKey }, b.privateKey, 256)]; return hex(x) === hex(y) }; return [await both({ name: "ECDH", namedCurve: "P-256" }), await both("X25519")]`,
			`[true, true]`},
		{"a key on another curve", hexOf + `const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, true, ["sign"]); return fails(crypto.subtle.importKey("spki", await crypto.subtle.exportKey("spki", publicKey), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]))`,
			`"DataError: Key is not on curve \"P-256\"."`},
	})
}

func FuzzJSONWebKeys(f *testing.F) {
	for _, seed := range []string{
		`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`, `{"kty":"EC","crv":"P-256","d":"AQ"}`, `{"kty":"OKP","crv":"X25519","d":"AA"}`,
		`{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ","p":"","q":"AA","dp":"AA"}`, `{"kty":"RSA","n":"AQ","e":"AQAB"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		der, err := parseJWK([]byte(text))
		if err != nil {
			return
		}
		_, private := x509.ParsePKCS8PrivateKey(der)
		_, public := x509.ParsePKIXPublicKey(der)
		if private != nil && public != nil {
			t.Errorf("%s is read as a key that cannot be read again: %v, %v", text, private, public)
		}
	})
}

func FuzzCBCPadding(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("text"))
	f.Fuzz(func(t *testing.T, key, text []byte) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return
		}
		iv := make([]byte, aes.BlockSize)
		want := string(text)
		sealed := cbc(block, true, iv, text)
		if got := cbc(block, false, iv, sealed); string(got) != want {
			t.Errorf("%x came back as %x", want, got)
		}
		cbc(block, false, iv, append([]byte(want), make([]byte, aes.BlockSize)...))
		unwrapKey(block, []byte(want))
	})
}
