import assert from "node:assert";
import punycode from "node:punycode";
import querystring from "node:querystring";
import { StringDecoder } from "node:string_decoder";
import url from "node:url";

function decoders() {
  const utf8 = new StringDecoder("utf8");
  assert.strictEqual(utf8.write(Buffer.from([0xe2, 0x82])), "");
  assert.deepStrictEqual([utf8.lastNeed, utf8.lastTotal], [1, 3]);
  assert.strictEqual(utf8.write(Buffer.from([0xac, 0x41])), "€A");
  assert.strictEqual(utf8.end(Buffer.from([0xe2])), "\ufffd");
  assert.strictEqual(utf8.write(Buffer.from([0x80, 0x41])), "\ufffdA");
  const wide = new StringDecoder("utf16le");
  assert.strictEqual(wide.write(Buffer.from([0x3d, 0xd8, 0x4d])) + wide.write(Buffer.from([0xdc])), "👍".slice(0, 0) + "\ud83d\udc4d");
  const base64 = new StringDecoder("base64");
  assert.strictEqual(base64.write(Buffer.from("ab")) + base64.write(Buffer.from("c")) + base64.end(Buffer.from("d")), "YWJjZA==");
  assert.strictEqual(new StringDecoder("hex").write(Buffer.from("ab")), "6162");
  assert.strictEqual(new StringDecoder().encoding, "utf8");
  assert.throws(() => new StringDecoder("nope"), { code: "ERR_UNKNOWN_ENCODING" });
}

function queries() {
  assert.deepStrictEqual({ ...querystring.parse("a=1&b=2&a=3&c&=d&e=f=g&h=%20+x&%zz=1") }, { a: ["1", "3"], b: "2", c: "", "": "d", e: "f=g", h: "  x", "%zz": "1" });
  assert.strictEqual(querystring.stringify({ a: 1, b: ["x", "y z"], c: true, d: null, e: undefined, f: "é&=" }), "a=1&b=x&b=y%20z&c=true&d=&e=&f=%C3%A9%26%3D");
  assert.strictEqual(querystring.stringify({ a: 1, b: 2 }, ";", ":"), "a:1;b:2");
  assert.deepStrictEqual({ ...querystring.parse("a:1;b:2", ";", ":") }, { a: "1", b: "2" });
  assert.deepStrictEqual(Object.keys(querystring.parse("a=1&b=2&c=3", null, null, { maxKeys: 2 })), ["a", "b"]);
  assert.strictEqual(querystring.escape("a b&c"), "a%20b%26c");
  assert.strictEqual(querystring.unescape("%E4%ZZ%41"), Buffer.from([0xe4]).toString() + "%ZZA");
  assert.deepStrictEqual({ ...querystring.parse("") }, {});
  assert.strictEqual(querystring.encode, querystring.stringify);
}

const parsed = (text, ...rest) => {
  const { protocol, slashes, auth, host, port, hostname, hash, search, query, pathname, path, href } = url.parse(text, ...rest);
  return [protocol, slashes, auth, host, port, hostname, hash, search, typeof query === "object" && query ? { ...query } : query, pathname, path, href];
};

function urls() {
  assert.deepStrictEqual(parsed("http://user:pass@Host.com:8080/p/a/t/h?query=string#hash"), ["http:", true, "user:pass", "host.com:8080", "8080", "host.com", "#hash", "?query=string", "query=string", "/p/a/t/h", "/p/a/t/h?query=string", "http://user:pass@host.com:8080/p/a/t/h?query=string#hash"]);
  assert.deepStrictEqual(parsed("/path?x=1&y=2", true), [null, null, null, null, null, null, null, "?x=1&y=2", { x: "1", y: "2" }, "/path", "/path?x=1&y=2", "/path?x=1&y=2"]);
  assert.deepStrictEqual(parsed("https://example.com"), ["https:", true, null, "example.com", null, "example.com", null, null, null, "/", "/", "https://example.com/"]);
  assert.deepStrictEqual(parsed("//host/path", false, true), [null, true, null, "host", null, "host", null, null, null, "/path", "/path", "//host/path"]);
  assert.deepStrictEqual(parsed("mailto:a@b.c"), ["mailto:", null, "a", "b.c", null, "b.c", null, null, null, null, null, "mailto:a@b.c"]);
  assert.deepStrictEqual(parsed("redis://localhost:6379/0"), ["redis:", true, null, "localhost:6379", "6379", "localhost", null, null, null, "/0", "/0", "redis://localhost:6379/0"]);
  assert.deepStrictEqual(parsed("a b"), [null, null, null, null, null, null, null, null, null, "a%20b", "a%20b", "a%20b"]);
  assert.strictEqual(url.format({ protocol: "http", host: "a.com", pathname: "x", query: { q: "1 2" }, hash: "h" }), "http://a.com/x?q=1%202#h");
  assert.strictEqual(url.format(new URL("http://u:p@測試.com/a?b#c"), { auth: false, fragment: false, unicode: true }), "http://測試.com/a?b");
  assert.strictEqual(url.resolve("/one/two/three", "four"), "/one/two/four");
  assert.strictEqual(url.resolve("http://example.com/", "/one"), "http://example.com/one");
  assert.strictEqual(url.resolve("http://example.com/one", "/two"), "http://example.com/two");
  assert.strictEqual(url.resolve("http://example.com/a/b/c?d", "../e?f"), "http://example.com/a/e?f");
  assert.strictEqual(url.resolve("http://example.com/a", "https://other.org/b"), "https://other.org/b");
  assert.strictEqual(url.resolve("http://example.com/a", "//other.org/b"), "http://other.org/b");
  assert.strictEqual(url.resolve("http://example.com/a?b", "#c"), "http://example.com/a?b#c");
  assert.strictEqual(url.fileURLToPath("file:///a%20b/c"), "/a b/c");
  assert.throws(() => url.fileURLToPath("http://a"), { code: "ERR_INVALID_URL_SCHEME" });
  assert.strictEqual(url.pathToFileURL("/a b/c#d?e%").href, "file:///a%20b/c%23d%3Fe%25");
  assert.strictEqual(url.domainToASCII("español.com"), "xn--espaol-zwa.com");
  assert.strictEqual(url.domainToUnicode("xn--espaol-zwa.com"), "español.com");
  const options = url.urlToHttpOptions(new URL("https://a:b@测试.com:81/p?q#h"));
  assert.deepStrictEqual([options.hostname, options.port, options.path, options.auth, options.hash], ["xn--0zwm56d.com", 81, "/p?q", "a:b", "#h"]);
  assert.throws(() => url.parse(5), { code: "ERR_INVALID_ARG_TYPE" });
  assert.strictEqual(url.URL, URL);
}

function domains() {
  assert.strictEqual(punycode.encode("mañana"), "maana-pta");
  assert.strictEqual(punycode.decode("maana-pta"), "mañana");
  assert.strictEqual(punycode.toASCII("mañana.com"), "xn--maana-pta.com");
  assert.strictEqual(punycode.toUnicode("xn--maana-pta.com"), "mañana.com");
  assert.strictEqual(punycode.encode("☃-⌘"), "--dqo34k");
  assert.deepStrictEqual(punycode.ucs2.decode("a\ud834\udf06"), [0x61, 0x1d306]);
}

export default function () {
  decoders();
  queries();
  urls();
  domains();
}
