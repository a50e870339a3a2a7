import path, { posix, win32, join, sep } from "node:path";
import assert from "node:assert";

const cases = {
  "posix.normalize": [
    ["/foo/bar//baz/asdf/quux/..", "/foo/bar/baz/asdf"], ["", "."], ["./", "./"], ["../../a/..", "../.."],
    ["/../../a/", "/a/"], ["a//b//../b", "a/b"], ["///", "/"], ["..", ".."], [".", "."], ["/..", "/"], ["a/..", "."],
    ["./a/b/../c/", "a/c/"], ["../a/../../b", "../../b"],
  ],
  "posix.join": [
    [["/foo", "bar", "baz/asdf", "quux", ".."], "/foo/bar/baz/asdf"], [[], "."], [["", ""], "."], [["a", "", "b"], "a/b"],
    [["a/", "/b"], "a/b"], [["..", "a"], "../a"], [["/", "..", "a"], "/a"], [["", "/a"], "/a"], [[" ", "."], " "],
  ],
  "posix.resolve": [
    [["/var/lib", "../", "file/"], "/var/file"], [["/var/lib", "/../", "file/"], "/file"], [["/a", "b", "../c"], "/a/c"],
    [["/", "", "a"], "/a"],
  ],
  "posix.dirname": [
    ["/a/b/", "/a"], ["/a/b", "/a"], ["/a", "/"], ["", "."], ["/", "/"], ["////", "/"], ["//a", "//"], ["foo", "."],
    ["a/b", "a"], ["a//b", "a/"], ["./a", "."],
  ],
  "posix.basename": [
    ["/a/b.html", "b.html"], [["/a/b.html", ".html"], "b"], [["b.html", "b.html"], ""], [["a/b.html", "b.html"], "b.html"], ["/a/b//", "b"], ["", ""],
    ["/", ""], [["aaa.bbb", "bb"], "aaa.b"], [["a/b/", "b"], "b"], ["\\a\\b", "\\a\\b"], [["/aaa/bbb", "a/bbb"], "bbb"],
  ],
  "posix.extname": [
    ["index.html", ".html"], ["index.coffee.md", ".md"], ["index.", "."], ["index", ""], [".index", ""], [".index.md", ".md"],
    ["..", ""], ["...", "."], ["/a.b/c", ""], ["file.ext/", ".ext"], ["..file..", "."], ["", ""],
  ],
  "posix.relative": [
    [["/data/orandea/test/aaa", "/data/orandea/impl/bbb"], "../../impl/bbb"], [["/a/b", "/a/b"], ""], [["/a", "/a/b/c"], "b/c"],
    [["/a/b/c", "/a"], "../.."], [["/foo/bar", "/foo/barbaz"], "../barbaz"], [["/", "/a"], "a"],
  ],
  "posix.isAbsolute": [["/a", true], ["a", false], ["", false], ["C:\\", false]],
  "posix.parse": [
    ["/home/user/dir/file.txt", { root: "/", dir: "/home/user/dir", base: "file.txt", ext: ".txt", name: "file" }],
    ["file", { root: "", dir: "", base: "file", ext: "", name: "file" }],
    ["/", { root: "/", dir: "/", base: "", ext: "", name: "" }],
    ["./a.b/", { root: "", dir: ".", base: "a.b", ext: ".b", name: "a" }],
    ["/foo", { root: "/", dir: "/", base: "foo", ext: "", name: "foo" }],
    ["", { root: "", dir: "", base: "", ext: "", name: "" }],
    [".bashrc", { root: "", dir: "", base: ".bashrc", ext: "", name: ".bashrc" }],
  ],
  "posix.format": [
    [{ root: "/ignored", dir: "/home/user", base: "f.txt" }, "/home/user/f.txt"], [{ root: "/", base: "f", ext: "x" }, "/f"],
    [{ root: "/", name: "f", ext: ".x" }, "/f.x"], [{ name: "f", ext: "x" }, "f.x"], [{}, ""],
  ],
  "win32.normalize": [
    ["C:\\temp\\\\foo\\bar\\..\\", "C:\\temp\\foo\\"], ["C:////temp\\\\/\\/\\/foo/bar", "C:\\temp\\foo\\bar"], ["", "."],
    ["C:", "C:."], ["C:..\\a", "C:..\\a"], ["\\\\server\\share\\a\\..", "\\\\server\\share\\"], ["/a/../..", "\\"],
    ["a\\..\\..\\b", "..\\b"], ["C:\\", "C:\\"], ["//server/share", "\\\\server\\share\\"], ["./fixtures///b/../b/c.js", "fixtures\\b\\c.js"],
  ],
  "win32.join": [
    [["C:\\a", "..", "b"], "C:\\b"], [["c:.", "/"], "c:.\\"], [["//foo", "bar"], "\\\\foo\\bar\\"], [["/", "/foo"], "\\foo"],
    [["//", "foo"], "\\foo"], [["a", "b/c"], "a\\b\\c"], [[], "."], [["\\", "foo/bar"], "\\foo\\bar"],
  ],
  "win32.resolve": [
    [["c:/blah\\blah", "d:/games", "c:../a"], "c:\\blah\\a"], [["c:/ignore", "d:\\a/b\\c/d", "\\e.exe"], "d:\\e.exe"],
    [["//server/share", "..", "relative\\"], "\\\\server\\share\\relative"], [["c:/", "//dir"], "c:\\dir"],
    [["C:\\foo\\tmp.3\\", "..\\tmp.3\\cycles\\root.js"], "C:\\foo\\tmp.3\\cycles\\root.js"],
  ],
  "win32.dirname": [
    ["c:\\", "c:\\"], ["c:\\foo", "c:\\"], ["c:\\foo\\bar\\", "c:\\foo"], ["c:", "c:"], ["c:foo", "c:"], ["c:foo\\bar", "c:foo"],
    ["\\\\unc\\share", "\\\\unc\\share"], ["\\\\unc\\share\\foo", "\\\\unc\\share\\"], ["dir\\file", "dir"], ["", "."], ["/a/b/", "/a"],
    ["foo", "."], ["\\", "\\"],
  ],
  "win32.basename": [
    ["C:\\dir\\base.ext", "base.ext"], ["C:", ""], ["C:base", "base"], [["C:\\foo.html", ".html"], "foo"], ["a/b\\c\\\\", "c"],
  ],
  "win32.extname": [["a\\b.c", ".c"], ["a.b\\c", ""], [".file", ""], ["..", ""]],
  "win32.relative": [
    [["c:/blah\\blah", "d:/games"], "d:\\games"], [["c:/aaaa/bbbb", "c:/aaaa"], ".."], [["c:/aaaa", "c:/AAAA/cccc"], "cccc"],
    [["c:/aaaa/bbbb", "c:/cccc"], "..\\..\\cccc"], [["\\\\foo\\bar", "\\\\foo\\bar\\baz"], "baz"], [["C:\\foo\\bar", "C:\\foo\\bar"], ""],
  ],
  "win32.isAbsolute": [["C:\\", true], ["C:/a", true], ["C:a", false], ["\\\\s", true], ["/a", true], ["a", false]],
  "win32.parse": [
    ["C:\\path\\dir\\index.html", { root: "C:\\", dir: "C:\\path\\dir", base: "index.html", ext: ".html", name: "index" }],
    ["C:", { root: "C:", dir: "C:", base: "", ext: "", name: "" }], ["C:a", { root: "C:", dir: "C:", base: "a", ext: "", name: "a" }],
    ["\\\\s\\share\\f", { root: "\\\\s\\share\\", dir: "\\\\s\\share\\", base: "f", ext: "", name: "f" }],
    ["a\\b", { root: "", dir: "a", base: "b", ext: "", name: "b" }], ["\\", { root: "\\", dir: "\\", base: "", ext: "", name: "" }],
  ],
  "win32.format": [[{ dir: "C:\\a", base: "b" }, "C:\\a\\b"], [{ root: "C:\\", base: "b" }, "C:\\b"]],
  "win32.toNamespacedPath": [["C:\\a", "\\\\?\\C:\\a"], ["\\\\s\\h\\a", "\\\\?\\UNC\\s\\h\\a"]],
};

export default function () {
  assert.strictEqual(sep, "/");
  assert.strictEqual(join, posix.join);
  assert.strictEqual(path.posix, posix);
  assert.strictEqual(posix.win32, win32);
  assert.deepStrictEqual([posix.delimiter, win32.sep, win32.delimiter], [":", "\\", ";"]);
  const both = { posix, win32 };
  for (const [name, rows] of Object.entries(cases)) {
    const [flavour, method] = name.split(".");
    for (const [args, want] of rows) {
      const got = both[flavour][method](...[].concat(args));
      assert.deepStrictEqual(got, want, `${name}(${JSON.stringify(args)}): got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
    }
  }
  assert.throws(() => path.join("a", 5), {
    code: "ERR_INVALID_ARG_TYPE", message: 'The "path" argument must be of type string. Received type number (5)',
  });
  assert.throws(() => path.format(null), { code: "ERR_INVALID_ARG_TYPE" });
}
