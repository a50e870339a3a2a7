// What HTMLRewriter is asked. answers.json holds what the real runtime answered
// to each; see TestHTMLRewriterAnswersAsTheRealRuntime.

const text = (html) => new Response(html);
const chunked = (chunks) => {
  const encoder = new TextEncoder();
  return new Response(
    new ReadableStream({
      async start(controller) {
        for (const chunk of chunks) controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
        controller.close();
      },
    }),
  );
};
const body = (html) => (Array.isArray(html) ? chunked(html) : text(html));

/** The outcome of an action, whatever it is. */
const said = async (action) => {
  try {
    return await action();
  } catch (error) {
    return `${error?.name}: ${error?.message}`;
  }
};
const rewrite = (html, ...parts) =>
  said(async () => {
    const rewriter = new HTMLRewriter();
    for (const [selector, handlers] of parts) {
      if (selector === null) rewriter.onDocument(handlers);
      else rewriter.on(selector, handlers);
    }
    return await rewriter.transform(body(html)).text();
  });
/** Rewrites an element with a function. */
const element = (html, selector, change) => rewrite(html, [selector, { element: change }]);
/** What a selector matches, by the attribute n or the name. */
const matched = async (html, selector) => {
  const seen = [];
  const out = await rewrite(html, [selector, { element: (e) => void seen.push(e.getAttribute("n") ?? e.tagName) }]);
  return out === (Array.isArray(html) ? html.join("") : html) ? seen.join() : [seen.join(), out];
};
/** What handlers of all kinds are told, in order. */
const told = async (html, selector = "*") => {
  const log = [];
  const handlers = {
    element(e) {
      log.push(`<${e.tagName} ${[...e.attributes].map((a) => a.join("=")).join(" ")}>${e.namespaceURI}${e.removed}`);
      try {
        e.onEndTag((end) => void log.push(`</${end.name}>`));
      } catch (error) {
        log.push(`${error.name}: ${error.message}`);
      }
    },
    comments: (c) => void log.push(`comment ${JSON.stringify(c.text)} ${c.removed}`),
    text: (t) => void log.push(`text ${JSON.stringify(t.text)} ${t.lastInTextNode} ${t.removed}`),
  };
  const out = await rewrite(html, [selector, handlers]);
  return [log, out === (Array.isArray(html) ? html.join("") : html) ? "unchanged" : out];
};
const document_ = async (html) => {
  const log = [];
  const out = await rewrite(html, [
    null,
    {
      doctype: (d) => void log.push(["doctype", d.name, d.publicId, d.systemId]),
      comments: (c) => void log.push(["comment", c.text]),
      text: (t) => void log.push(["text", t.text, t.lastInTextNode]),
      end: (e) => {
        log.push(["end"]);
        e.append("<!-- the end & -->");
        e.append("<!-- html & -->", { html: true });
      },
    },
  ]);
  return [log, out];
};

const list = "<ul n=u><li n=1 class='a b' id=one>1</li><li n=2 data-x=Yes lang=en-US>2<b n=b1>x</b></li><li n=3 class=b>3<b n=b2><i n=i>y</i></b></li></ul><p n=p>z</p>";

export const cases = {
  // ---- selectors ----
  ...Object.fromEntries(
    [
      "*", "li", "LI", "ul li", "ul > li", "ul > b", "li b", "li > b > i", "ul i", ".a", ".b", "li.b", "li.a.b", "#one", "li#one", "[class]", "[data-x]", "[data-x=Yes]", '[data-x="Yes"]',
      "[data-x='yes']", "[data-x='yes' i]", "[data-x='yes' s]", "[class~=b]", "[lang|=en]", "[lang^=en]", "[lang$=US]", "[lang*=n-U]", "[lang^='']", "li:nth-child(2)", "li:nth-child(2n+1)", "li:nth-child(odd)",
      "li:nth-child(even)", "li:first-child", "b:first-child", "p:first-of-type", "li:nth-of-type(3)", "b:nth-of-type(1)", ":not(li)", "li:not(.a)", "li:not(:nth-child(2))", "li, p", "ul, #one b", "li[n='2'] b",
      "ul > li > b", "*.b", "li:not([data-x]):not(.a)", "li:not(.a, .b)", "[DATA-X]", "[n=i]", "ul *", "body li",
    ].map((selector) => [`matches ${selector}`, () => matched(list, selector)]),
  ),
  ...Object.fromEntries(
    [
      "", " ", "li:hover", "li::before", "li + li", "li ~ li", "li >", "> li", "li:last-child", "[", "[a", "[a=", "li:nth-child(x)", ":nth-last-child(1)", "li:not()", "a,", ",a", "1a", "#", ".", "li:empty", ":root", "li || b",
      "svg|a", "*|a", "li:is(.a)", "li:has(b)", "a b >> c", "li:not(b i)", "{", "li:only-child", "a:not(:not(b))", "&",
    ].map((selector) => [`refuses ${selector}`, () => matched(list, selector)]),
  ),
  // ---- what handlers are told ----
  "told simple": () => told("<p a=1 B='2' c>hi<br>you</p>"),
  "told text in chunks": () => told(["<p>he", "llo", " w</p>", "x"], "p"),
  "told split tags": () => told(["<", "p", " a", "=", "'1", "2'", ">x<", "/", "p", ">"], "p"),
  "told comments": () => told("<p><!--a--><!-- b --><!--></p><!---->", "p"),
  "told odd comments": () => told("<p><!a><?b?></x y></ z><!-- -- -></p>-->", "p"),
  "told script": () => told("<script>if (a < b) '</p>' </script><p>x</p>"),
  "told style and title": () => told("<title>a<b>c</title><style>p > a { }</style><textarea><p></textarea>"),
  "told void elements": () => told("<p><img src=x/><br/><input></p>"),
  "told unclosed": () => told("<div><p>a<p>b</div>c"),
  "told stray end tags": () => told("a</p></div><div></span>b</div>"),
  "told svg": () => told("<svg viewBox='0'><circle r=1 /><a/><![CDATA[x<y]]></svg><a/>b"),
  "told math": () => told("<math><mi>x</mi><annotation-xml encoding='text/html'><p>y</p></annotation-xml></math>"),
  "told entities": () => told("<p t='a&amp;b'>x &lt; y &amp; z</p>"),
  "told attributes": () => told("<p a b='' c=\"x'y\" d=e/f g= h i = j A=again \n\tk='l'm=n>x</p>"),
  "told upper case": () => told("<DIV CLASS=Big>x</DIV>"),
  "told unfinished tag": () => told("<p>a</p><div a='b"),
  "told unfinished comment": () => told("<p>a</p><!-- b"),
  "told unfinished end": () => told("<p>a</p"),
  "told less than": () => told("<p>a < b <3 </3> <> </></p>"),
  "told nothing": () => told(""),
  "told plaintext": () => told("<p>a</p><plaintext><p>b</p>"),
  "told noscript and iframe": () => told("<noscript><p>a</p></noscript><iframe><p>b</p></iframe><xmp><b></xmp><noembed><b></noembed><noframes><b></noframes>"),
  "told template": () => told("<template><p>a</p></template>"),
  "told text of children": () => told("<div>a<b>c</b>d</div>", "div"),
  "told nested matches": () => told("<div>a<div>b</div>c</div>", "div"),
  "told utf-8 in pieces": () => told([new Uint8Array([60, 112, 62, 0xc3]), new Uint8Array([0xa9, 60, 47, 112, 62])], "p"),
  "told invalid utf-8": () => told([new Uint8Array([60, 112, 62, 0xff, 0x41, 60, 47, 112, 62])], "p"),
  "told nul": () => told("<p>a\0b</p>", "p"),
  "told crlf": () => told("<p>\r\na\r\n</p>", "p"),
  "told select with text tag": () => told("<select><option>a<textarea>b</textarea></select>"),
  "told table title": () => told("<table><tr><td>x</td></tr></table><title>t</title>"),
  "told frameset": () => told("<frameset><noframes>a</noframes></frameset>"),
  "told select title": () => told("<select><title>a</title></select>"),
  "told table style": () => told("<table><style>a</style></table>"),
  // ---- documents ----
  "document": () => document_("<!DOCTYPE html><!--a--><html><p>b<!--c--></p></html>d"),
  "document ids": () => document_(`<!doctype HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">x`),
  "document system": () => document_(`<!DOCTYPE html SYSTEM 'about:legacy-compat'>`),
  "document odd doctypes": async () => [await document_("<!DOCTYPE>"), await document_("<!doctypehtml>"), await document_("<!DOCTYPE html x>")],
  "document empty": () => document_(""),
  "document doctype is read only": async () => { const log = []; await rewrite("<!DOCTYPE html>", [null, { doctype: (d) => void log.push(typeof d.remove, typeof d.before) }]); return log; },
  "document text": () => rewrite("a<p>b</p>c", [null, { text: (t) => void (t.text && t.replace(t.text.toUpperCase())) }]),
  "document comment": () => rewrite("a<!--b--><p><!--c--></p>", [null, { comments: (c) => void (c.text = `${c.text}!`) }]),
  // ---- changes of elements ----
  "before": () => element("<p>a</p>", "p", (e) => void e.before("<b>&</b>").before("<i>", { html: true }).before("3")),
  "after": () => element("<p>a</p>z", "p", (e) => void e.after("<b>&</b>").after("<i>", { html: true }).after("3")),
  "prepend": () => element("<p>a</p>", "p", (e) => void e.prepend("<b>&\"'").prepend("<i>", { html: true })),
  "append": () => element("<p>a</p>", "p", (e) => void e.append("<b>&").append("<i>", { html: true })),
  "replace": () => element("x<p>a<b>c</b></p>z", "p", (e) => void e.replace("<b>&").replace("<i>", { html: true })),
  "replace and more": () => element("x<p>a</p>z", "p", (e) => void e.before("B").after("A").prepend("P").append("Q").replace("R")),
  "remove": () => element("x<p>a<b>c</b></p>z", "p", (e) => void e.remove()),
  "remove and more": () => element("x<p>a</p>z", "p", (e) => void e.remove().before("B").after("A").prepend("P").append("Q")),
  "removeAndKeepContent": () => element("x<p>a<b>c</b></p>z", "p", (e) => void e.removeAndKeepContent().before("B").after("A").prepend("P").append("Q")),
  "setInnerContent": () => element("x<p>a<b>c</b></p>z", "p", (e) => void e.setInnerContent("<i>").prepend("P").append("Q")),
  "setInnerContent html": () => element("x<p>a<b>c</b></p>z", "p", (e) => void e.prepend("P").append("Q").setInnerContent("<i>", { html: true })),
  "setInnerContent of void": () => element("<img>x", "img", (e) => void e.setInnerContent("<i>").prepend("P").append("Q").after("A").before("B")),
  "remove void": () => element("a<img>x", "img", (e) => void e.remove()),
  "replace void": () => element("a<img>x", "img", (e) => void e.replace("R")),
  "attributes": () => element("<p a=1 B='2' c>x</p>", "p", (e) => void e.setAttribute("a", 'q"&<').setAttribute("New", 5).removeAttribute("c").removeAttribute("nope")),
  "attributes untouched": () => element("<p  a=1   B='2' c >x</p>", "p", () => {}),
  "attributes set same": () => element("<p  a=1   B='2' c >x</p>", "p", (e) => void e.setAttribute("a", "1")),
  "attributes removed": () => element("<p  a=1   B='2' c >x</p>", "p", (e) => void e.removeAttribute("b")),
  "attributes read": () => said(async () => { const r = []; await element("<p a=1 B='2' c d=''>x</p>", "p", (e) => { r.push(e.getAttribute("A"), e.getAttribute("b"), e.getAttribute("c"), e.getAttribute("d"), e.getAttribute("z"), e.hasAttribute("B"), e.hasAttribute("z"), [...e.attributes], e.attributes.constructor.name, e.tagName) }); return r; }),
  "attributes of void": () => element("<img a=1/><img a=1 /><br a>", "*", (e) => void e.setAttribute("b", "2")),
  "attributes self closing svg": () => element("<svg><a b=1/></svg>", "a", (e) => void e.setAttribute("c", "2")),
  "tagName": () => element("x<p a=1>a</p>z", "p", (e) => void (e.tagName = "DIV")),
  "tagName wrong": () => said(async () => { const r = []; for (const name of ["", "1", "a b", "a>", "é", "a/", "<"]) r.push(await element("<p></p>", "p", (e) => void (e.tagName = name))); return r; }),
  "attribute wrong": () => said(async () => { const r = []; for (const name of ["", "a b", "a>", "a=", "a/", "é", "a\"", "\n"]) r.push(await element("<p></p>", "p", (e) => void e.setAttribute(name, "v"))); return r; }),
  "comment wrong": () => rewrite("<p><!--a--></p>", ["p", { comments: (c) => void (c.text = "x-->y") }]),
  "content wrong": () => said(async () => { const r = []; for (const v of [null, undefined, 5, {}, true]) r.push(await element("<p>x</p>", "p", (e) => void e.append(v))); r.push(await element("<p>x</p>", "p", (e) => void e.append())); return r; }),
  "content options": () => said(async () => { const r = []; for (const o of [null, undefined, {}, { html: 1 }, { html: false }]) r.push(await element("<p>x</p>", "p", (e) => void e.append("<b>", o))); return r; }),
  "arguments missing": () => said(async () => { const r = []; for (const m of ["getAttribute", "hasAttribute", "setAttribute", "removeAttribute", "onEndTag", "before"]) r.push(await element("<p>x</p>", "p", (e) => void e[m]())); return r; }),
  "unclosed element": () => element("<div><p>a</div>c", "p", (e) => void e.before("B").after("A").prepend("P").append("Q")),
  "unclosed at end": () => element("<p>a", "p", (e) => void e.before("B").after("A").prepend("P").append("Q")),
  "unclosed removed": () => element("<div><p>a</div>c", "p", (e) => void e.remove()),
  "removed inside": async () => { const log = []; const out = await rewrite("<div>a<p>b<!--c--></p></div>d", ["div", { element: (e) => void e.remove() }], ["p", { element: (e) => void (log.push(`p ${e.removed}`), e.before("X")), text: (t) => void log.push(`t ${t.text} ${t.removed}`), comments: (c) => void log.push(`c ${c.text} ${c.removed}`) }]); return [log, out]; },
  "several handlers": () => rewrite("<p class=a>x</p>", ["p", { element: (e) => void e.before("1").after("1") }], [".a", { element: (e) => void e.before("2").after("2") }], ["*", { element: (e) => void e.append("3") }]),
  "removed seen by the next": () => said(async () => { const r = []; const out = await rewrite("<p>x</p>", ["p", { element: (e) => void e.remove() }], ["p", { element: (e) => void r.push(e.removed) }]); return [r, out]; }),
  "order of handlers": async () => { const log = []; await rewrite("<div><p>x</p></div>", ["p", { element: () => void log.push("p") }], ["div p", { element: () => void log.push("div p") }], ["*", { element: (e) => void log.push(`* ${e.tagName}`), text: (t) => void log.push(`*t ${t.text}`) }], ["p", { text: (t) => void log.push(`pt ${t.text}`) }], [null, { text: (t) => void log.push(`dt ${t.text}`) }]); return log; },
  // ---- end tags ----
  "end tag": () => element("<p>a</p>z", "p", (e) => e.onEndTag((t) => void (t.before("<B>").after("<A>", { html: true }), (t.name = "q")))),
  "end tag removed": () => element("<p>a</p>z", "p", (e) => e.onEndTag((t) => void t.remove())),
  "end tag with element's after": () => element("<p>a</p>z", "p", (e) => { e.after("EA").append("EP"); e.onEndTag((t) => void t.before("TB").after("TA")); }),
  "end tags in order": async () => { const log = []; await element("<p>a</p>", "p", (e) => { e.onEndTag(() => void log.push(1)); e.onEndTag(() => void log.push(2)); }); return log; },
  "end tag of void": () => element("<img>x", "img", (e) => e.onEndTag(() => {})),
  "end tag missing": async () => { const log = []; await element("<div><p>a</div>", "p", (e) => e.onEndTag((t) => void log.push(t.name))); return log; },
  "end tag of removed": async () => { const log = []; const out = await element("<p>a</p>z", "p", (e) => { e.remove(); e.onEndTag((t) => void (log.push(t.name), t.after("A"))); }); return [log, out]; },
  "end tag async": () => element("<p>a</p>z", "p", (e) => e.onEndTag(async (t) => { await null; await new Promise((r) => setTimeout(r, 1)); t.after("A"); })),
  "end tag wrong": () => element("<p>a</p>z", "p", (e) => e.onEndTag(5)),
  // ---- text and comments ----
  "text replaced": () => rewrite("<p>a & b</p>", ["p", { text: (t) => void (t.text && t.replace("<x>")) }]),
  "text before and after": () => rewrite("<p>a</p>", ["p", { text: (t) => void (t.lastInTextNode ? t.after("<E>") : t.before("<S>", { html: true }).after("A")) }]),
  "text removed": () => rewrite("<p>a<b>c</b>d</p>", ["p", { text: (t) => void t.remove() }]),
  "text replaced twice": () => rewrite("<p>a</p>", ["p", { text: (t) => void (t.text && t.replace("1").replace("2").before("B").after("A")) }]),
  "comment changed": () => rewrite("<p><!--a--></p>", ["p", { comments: (c) => void (c.text = "<new>") }]),
  "comment around": () => rewrite("<p><!--a--></p>", ["p", { comments: (c) => void c.before("<B>").after("<A>", { html: true }) }]),
  "comment replaced": () => rewrite("<p><!--a--></p>", ["p", { comments: (c) => void c.replace("<R>") }]),
  "comment removed": () => rewrite("<p><!--a-->x</p>", ["p", { comments: (c) => void c.remove() }]),
  "script text replaced": () => rewrite("<script>a < b</script>", ["script", { text: (t) => void (t.text && t.replace("<x> & y", { html: true })) }]),
  // ---- async and errors ----
  "async handlers": () => element("<p>a</p><p>b</p>", "p", async (e) => { await new Promise((r) => setTimeout(r, 1)); e.append("!"); }),
  "async text": () => rewrite("<p>a</p>", ["p", { async text(t) { await null; if (t.text) t.replace("b"); } }]),
  "sync throw": () => element("<p>a</p>", "p", () => { throw new RangeError("thrown"); }),
  "async throw": () => element("<p>a</p>", "p", async () => { throw new RangeError("rejected"); }),
  "throw of text": () => rewrite("<p>a</p>", ["p", { text() { throw "a string"; } }]),
  "throw in end": () => rewrite("<p>a</p>", [null, { end() { throw new TypeError("at the end"); } }]),
  "after its handler": async () => { let kept; await element("<p>a</p>", "p", (e) => { kept = e; }); return [await said(() => kept.tagName), await said(() => kept.getAttribute("a")), await said(() => kept.append("x")), await said(() => kept.removed)]; },
  "text after its handler": async () => { let kept; await rewrite("<p>a</p>", ["p", { text(t) { kept ??= t; } }]); return [await said(() => kept.text), await said(() => kept.remove())]; },
  "attributes after a change": () => said(async () => { const r = []; await element("<p a=1 b=2 c=3>a</p>", "p", (e) => { for (const [k] of e.attributes) { r.push(k); if (k === "a") e.removeAttribute("a"); } }); return r; }),
  "handlers wrong": () => said(async () => { const r = []; for (const h of [null, undefined, 5, {}, { element: 5 }, { element: null }]) r.push(await rewrite("<p>x</p>", ["p", h])); return r; }),
  "document handlers wrong": () => said(async () => { const r = []; for (const h of [null, undefined, 5, {}, { end: 5 }]) r.push(await rewrite("<p>x</p>", [null, h])); return r; }),
  "handlers are methods": () => said(async () => { class H { n = 0; element(e) { e.append(`${++this.n}`); } } return rewrite("<p></p><p></p>", ["p", new H()]); }),
  "no handlers": () => rewrite("<p a='1'>x"),
  "called without new": () => said(() => HTMLRewriter()),
  "transform what is no response": async () => [await said(() => new HTMLRewriter().transform()), await said(() => new HTMLRewriter().transform("x")), await said(() => new HTMLRewriter().transform({}))],
  "chained": () => { const r = new HTMLRewriter(); return [r.on("p", {}) === r, r.onDocument({}) === r, String(r), r.on.length, r.transform.length]; },
  "used twice": async () => { let n = 0; const r = new HTMLRewriter().on("p", { element: (e) => void e.append(`${++n}`) }); return [await r.transform(new Response("<p></p>")).text(), await r.transform(new Response("<p></p>")).text()]; },
  "response kept": async () => { const r = new HTMLRewriter().transform(new Response("<p>x</p>", { status: 201, statusText: "Made", headers: { "content-length": "8", "content-type": "text/html", x: "y" } })); return [r.status, r.statusText, [...r.headers], await r.text()]; },
  "no body": async () => { const r = new HTMLRewriter().on("p", {}).transform(new Response(null)); return [r.body === null, await r.text()]; },
  "body used": async () => { const r = new Response("<p>"); await r.text(); return said(() => new HTMLRewriter().transform(r)); },
  "the original is used": async () => { const r = new Response("<p>"); new HTMLRewriter().transform(r); return [r.bodyUsed, await said(() => r.text())]; },
  "streamed content": () => element("<p>a</p>", "p", (e) => void e.append(new Response("<s>&").body).prepend(new Response("<t>").body, { html: true })),
  "response content": () => element("<p>a</p>", "p", (e) => void e.replace(new Response("<s>&"), { html: true }).before(new Response("<s>&"))),
  "streamed content that fails": () => element("<p>a</p>", "p", (e) => void e.append(new ReadableStream({ pull(c) { c.error(new RangeError("stream failed")); } }))),
  "charset": () => said(async () => new HTMLRewriter().on("p", { text(t) { if (t.text) t.replace(t.text + "!"); } }).transform(new Response(new Uint8Array([60, 112, 62, 0xe9, 60, 47, 112, 62]), { headers: { "content-type": "text/html; charset=iso-8859-1" } })).arrayBuffer().then((b) => [...new Uint8Array(b)])),
  "charset unknown": () => said(() => new HTMLRewriter().transform(new Response("x", { headers: { "content-type": "text/html; charset=nope" } })).text()),
  "comment in a tag": () => told("<p <!--a-->>b</p>"),
  "quotes": () => element(`<p a="1" b='2"' c=3>x</p>`, "p", (e) => void e.setAttribute("b", `q'"`).setAttribute("d", "x")),
  "classes change": () => rewrite("<p class=a>x</p>", ["p", { element: (e) => void e.setAttribute("class", "b") }], [".b", { element: (e) => void e.append("matched") }]),
  "deep": () => told("<a>".repeat(3) + "x" + "</a>".repeat(3), "a > a"),
  "nth with others between": () => matched("<div><p n=1></p><b n=2></b><p n=3></p>text<p n=4></p></div>", "p:nth-child(2n+1), p:nth-of-type(2)"),
  "types": () => said(async () => { const r = []; await rewrite("<!DOCTYPE html><p>a<!--b--></p>", ["p", { element(e) { r.push(String(e), Object.getOwnPropertyNames(Object.getPrototypeOf(e)).join()); e.onEndTag((t) => void r.push(String(t), Object.getOwnPropertyNames(Object.getPrototypeOf(t)).join())); }, text(t) { if (t.text) r.push(String(t), Object.getOwnPropertyNames(Object.getPrototypeOf(t)).join()); }, comments(c) { r.push(String(c), Object.getOwnPropertyNames(Object.getPrototypeOf(c)).join()); } }], [null, { doctype(d) { r.push(String(d), Object.getOwnPropertyNames(Object.getPrototypeOf(d)).join()); }, end(e) { r.push(String(e), Object.getOwnPropertyNames(Object.getPrototypeOf(e)).join()); } }]); return r; }),
  "return values": () => said(async () => { const r = []; await element("<p a=1>a</p>", "p", (e) => { r.push(e.append("x") === e, e.setAttribute("b", "c") === e, e.removeAttribute("a") === e, e.remove() === e, e.onEndTag(() => {}) === undefined); }); return r; }),

  // ---- more of the same, by size and place ----
  "long text": async () => { const log = []; await rewrite("<p>" + "x".repeat(5000) + "</p>", ["p", { text: (t) => void log.push(t.text.length) }]); return log; },
  "long text beyond ascii": async () => { const log = []; await rewrite("<p>" + "é你".repeat(1500) + "</p>", ["p", { text: (t) => void log.push(t.text.length) }]); return log; },
  "told script with comments": () => told("<script><!-- <script> </script> --> x </script><p>"),
  "told script with an open comment": () => told("<script><!-- a </script>b"),
  "told script in capitals": () => told("<SCRIPT>a</Script >b"),
  "told end tag with attributes": () => told("<p>a</p class=x>b"),
  "told raw text in pieces": () => told(["<style>a<", "/sty", "le>b</st", "yle", ">"], "style"),
  "told comment in pieces": () => told(["<p><!", "-", "-a-", "-", "></p>"], "p"),
  "told doctype in pieces": async () => { const log = []; const out = await rewrite(["<!DOC", "TYPE ht", "ml", ">x"], [null, { doctype: (d) => void log.push(d.name) }]); return [log, out]; },
  "told svg title": () => told("<svg><title><b>x</b></title><style><a></style></svg>"),
  "told svg broken out": () => told("<svg><g><p>x</p></g></svg><title><a></title>"),
  "told cdata outside": () => told("<p><![CDATA[x]]></p>"),
  "told text around comments": () => told("<p>a<!--b-->c</p>"),
  "attribute set in capitals": () => element("<p DATA-X=1>x</p>", "p", (e) => void e.setAttribute("Data-x", "2").setAttribute("Data-Y", "3")),
  "attributes after one was set": () => said(async () => { const r = []; await element("<p a=1 b=2 c=3>a</p>", "p", (e) => { for (const [k, v] of e.attributes) { r.push(k, v); if (k === "a") e.setAttribute("c", "9"); } }); return r; }),
  "attributes iterated by hand": () => said(async () => { const r = []; await element("<p a=1>a</p>", "p", (e) => { const i = e.attributes; r.push(i.next(), i.next(), i[Symbol.iterator]() === i, String(i)); }); return r; }),
  "unclosed elements in each other": () => element("<div n=0><p n=1>a<p n=2>b</div>c", "p", (e) => { const n = e.getAttribute("n"); e.append(`A${n}`).after(`Z${n}`); e.onEndTag((t) => void t.before(`B${n}`).after(`Y${n}`)); }),
  "removed in removed": () => element("<div>a<div>b</div>c</div>d", "div", (e) => void e.remove()),
  "removed, and after it": () => rewrite("<div>a<p>b</p>c</div>d<p>e</p>", ["div", { element: (e) => void e.setInnerContent("new") }], ["p", { element: (e) => void e.append("!") }]),
  "text of removed content": () => rewrite("<div>a</div>d", ["div", { element: (e) => void e.remove(), text: (t) => void t.before("kept?") }]),
  "renamed twice": () => element("<p>a</p>", "p", (e) => { e.tagName = "a"; e.tagName = "b"; e.onEndTag((t) => { t.name = "c"; }); }),
  "tagName read after": () => said(async () => { const r = []; await element("<P>a</P>", "p", (e) => { e.tagName = "DIV"; r.push(e.tagName); e.onEndTag((t) => void r.push(t.name)); }); return r; }),
  "comment of a document end": () => rewrite("a", [null, { end: (e) => void e.append("1").append("2") }]),
  "two documents": () => rewrite("a", [null, { end: (e) => void e.append("1") }], [null, { end: (e) => void e.append("2") }]),
  "selector given an object": () => said(() => new HTMLRewriter().on({}, {}) && "ok"),
  "selector missing": () => said(() => new HTMLRewriter().on() && "ok"),
  "selector wrong at once": () => said(() => new HTMLRewriter().on("p:hover", {}) && "ok"),
  ...Object.fromEntries(
    ["[5]", "[n = '1' x]", "[n?=1]", ".1", "li .", "li [", "li:not", "li:not(", "li:nth-child", "li:nth-child(", "li:nth-child(-n+2)", "li:nth-child( 2n + 1 )", "li:nth-child(n)", "li:nth-child(0)", "li:nth-child(+2)", "[n='1", "\\6c i", "li#\\6fne", ".a.b.c", "li:first-of-type", "LI:FIRST-CHILD", "[lang=EN-us]", "[type=X]", "li,,p", "li)", "li]", "li{}", "a>b", "ul>li>b", "ul\t>\nli", "*:not(*)", "li:not(p, ul)", "[n|=1]", "[*|n]", "[|n=i]", "[a|n]", "|li", "li|*", "-", "--x", "li:NOT(.a)", ":nth-of-type(2)"].map(
      (selector) => [`selects ${selector}`, () => matched(list, selector)],
    ),
  ),
};
