package web

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// echo serves connections until the test ends: it answers in capitals, says EOF
// at the end, and hangs up at once on one that says bye.
func echo(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerLoudly(conn)
		}
	}()
	return listener.Addr().String()
}

func answerLoudly(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 1024)
	for {
		n, err := conn.Read(buf)
		switch {
		case err != nil:
			_, _ = io.WriteString(conn, "EOF")
			return
		case string(buf[:n]) == "bye":
			_, _ = io.WriteString(conn, "BYE")
			return
		case string(buf[:n]) == "reset":
			_ = conn.(*net.TCPConn).SetLinger(0)
			return
		}
		_, _ = io.WriteString(conn, strings.ToUpper(string(buf[:n])))
	}
}

// tcpHelp is what the modules of these tests begin with.
const tcpHelp = `
	const { connect } = await import("cloudflare:sockets");
	const bytes = (text) => new TextEncoder().encode(text);
	const said = async (run) => { try { return (await run()) ?? "ok" } catch (e) { return e.name + ": " + e.message } };
	const all = async (readable) => { let text = ""; for await (const chunk of readable) text += new TextDecoder().decode(chunk); return text };
`

func TestSocketsReachServers(t *testing.T) {
	address := echo(t)
	for _, c := range []jsCase{
		{"bytes and text come back", `const s = connect(%q), w = s.writable.getWriter(); await w.write(bytes("hi")); const r = s.readable.getReader();
			const { value } = await r.read(); r.releaseLock(); await w.write(" you"); await w.close(); return [new TextDecoder().decode(value), await all(s.readable), await said(() => s.closed)]`,
			`["HI", " YOUEOF", "ok"]`},
		{"opened tells the other side", `return (await connect(%q).opened).remoteAddress.replace(/\d+$/, "")`, `"127.0.0.1:"`},
		{"the other side's end closes both", `const s = connect(%q), w = s.writable.getWriter(); await w.write("bye"); return [await all(s.readable), await said(() => s.closed), await said(() => w.write("x"))]`,
			`["BYE", "ok", "TypeError: This WritableStream has been closed."]`},
		{"half open, it can be written to", `const s = connect(%q, { allowHalfOpen: true }), w = s.writable.getWriter(); await w.write("bye"); return [await all(s.readable), await said(() => w.close())]`, `["BYE", "ok"]`},
		{"close ends both directions", `const s = connect(%q); await s.opened; return [await said(() => s.close()), await said(() => s.closed), await said(() => s.readable.getReader().read()), await said(() => s.writable.getWriter().write("x")), await said(() => s.close())]`,
			`["ok", "ok", "TypeError: This ReadableStream belongs to an object that is closing.", "TypeError: This WritableStream belongs to an object that is closing.", "ok"]`},
		{"a reader learns of close", `const s = connect(%q), r = s.readable.getReader(), read = said(() => r.read()); await s.opened; await s.close(); return read`, `"TypeError: This socket has been closed."`},
		{"a reset is an error", `const s = connect(%q), w = s.writable.getWriter(); await w.write("reset"); return [await said(() => all(s.readable)), await said(() => w.write("x"))]`,
			`["Error: Network connection lost.", "Error: Network connection lost."]`},
		{"a server without TLS is refused", `const s = connect(%q, { secureTransport: "on" }); return [await said(() => s.opened), await said(() => s.closed)]`,
			`["Error: proxy request failed, cannot connect to the specified address", "Error: proxy request failed, cannot connect to the specified address"]`},
		{"a connection is typed", `const s = connect(%q); return [String(s), s.constructor.name, s.upgraded, s.secureTransport, Object.keys(s).length]`, `["[object Socket]", "Socket", false, "off", 0]`},
	} {
		c.body = tcpHelp + fmt.Sprintf(c.body, address)
		runCases(t, []jsCase{c})
	}
}

func TestSocketsRefuseWhatThePlatformRefuses(t *testing.T) {
	const spec = "Specified address "
	for _, c := range []struct{ arguments, want string }{
		{``, "TypeError: Cannot initialize N7workerd3api13SocketAddressE with required members from an undefined or null value."},
		{`null`, "TypeError: Cannot initialize N7workerd3api13SocketAddressE with required members from an undefined or null value."},
		{`""`, "TypeError: " + spec + "is missing hostname."},
		{`5`, "TypeError: " + spec + "is missing port."},
		{`"localhost"`, "TypeError: " + spec + "is missing port."},
		{`"http://localhost:1/"`, "TypeError: " + spec + "is missing port."},
		{`"localhost:x"`, "TypeError: " + spec + "could not be parsed."},
		{`"localhost:70000"`, "TypeError: " + spec + "could not be parsed."},
		{`"local host:1"`, "TypeError: " + spec + "could not be parsed."},
		{`"::1:1"`, "TypeError: " + spec + "could not be parsed."},
		{`"a@localhost:1"`, "TypeError: " + spec + "is empty string, contains unsupported characters or is too long."},
		{`"localhost:1/abc"`, "TypeError: " + spec + "is empty string, contains unsupported characters or is too long."},
		{`{ hostname: "localhost", port: -1 }`, "TypeError: The value cannot be converted because it is negative and this API expects a positive number."},
		{`"localhost:1", 5`, "TypeError: Failed to execute 'connect' on 'SocketsModule': parameter 2 is not of type 'SocketOptions'."},
		{`"localhost:1", { secureTransport: "zzz" }`, "TypeError: Unsupported value in secureTransport socket option: zzz"},
		{`"localhost:1", { highWaterMark: "x" }`, "TypeError: The value cannot be converted because it is not an integer."},
	} {
		runCases(t, []jsCase{{"connect(" + c.arguments + ")", tcpHelp + "return said(() => connect(" + c.arguments + "))", fmt.Sprintf("%q", c.want)}})
	}
	runCases(t, []jsCase{
		{"TLS later needs the option", tcpHelp + `const s = connect("127.0.0.1:1"); return said(() => s.startTls())`,
			`"TypeError: The ` + "`secureTransport` socket option must be set to 'starttls' for startTls to be used." + `"`},
		{"port 25 is closed to everybody", tcpHelp + `return said(() => connect("127.0.0.1:25").opened)`,
			`"Error: proxy request failed, cannot connect to the specified address"`},
		{"what is refused ends its streams", tcpHelp + `const s = connect("127.0.0.1:25"); return [await said(() => all(s.readable)), await said(() => s.closed), await said(() => s.close())]`,
			`["Error: Stream was cancelled.", "Error: proxy request failed, cannot connect to the specified address", "ok"]`},
	})
}

func TestSocketsGoWhereTheOptionsSay(t *testing.T) {
	address := echo(t)
	is := newIsolate(t, Options{Fetch: FetchOptions{Offline: true, Outbound: map[string]*url.URL{"db.example": {Scheme: "tcp", Host: address}}}})
	got := is.eval(t, tcpHelp+`
		const s = connect("db.example:5432"), w = s.writable.getWriter();
		await w.write("moved"); await w.close();
		return [await all(s.readable), await said(() => connect("other.example:1"))]`)
	want := `["MOVEDEOF", "Error: connection to other.example:1 refused: dodev is offline, and no --outbound was given for other.example:1"]`
	if !sameJSON(t, got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestASocketGoesOnOverTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				buf := make([]byte, 8)
				if _, err := io.ReadFull(conn, buf); err != nil {
					return
				}
				_, _ = io.WriteString(conn, "go")
				answerLoudly(tls.Server(conn, certified.TLS))
			}()
		}
	}()
	is := newIsolate(t, Options{Fetch: FetchOptions{Roots: roots}})
	got := is.eval(t, tcpHelp+fmt.Sprintf(`
		const upgraded = async (options) => {
			const plain = connect(%q, { secureTransport: "starttls" });
			await plain.writable.getWriter().write("STARTTLS");
			const r = plain.readable.getReader(), { value } = await r.read();
			const s = plain.startTls(options), w = s.writable.getWriter();
			await w.write("quiet"); await w.close();
			return [new TextDecoder().decode(value), s.secureTransport, await all(s.readable), await said(() => plain.closed)];
		};
		return [await upgraded({ expectedServerHostname: "example.com" }), await said(() => upgraded({ expectedServerHostname: "other.example" }))]`, listener.Addr()))
	want := `[["go", "on", "QUIETEOF", "ok"], "Error: jsg.Error: proxy request failed, cannot connect to the specified address"]`
	if !sameJSON(t, got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
