package emulator

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/registry"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
)

// Events between two servers of dodev's are HTTP requests to a port of the
// loopback interface. What is not the body lies in one header: an envelope on
// the way there, a reply on the way back.
const (
	peerProtocol   = 1
	envelopeHeader = "Dodev-Envelope"
	replyHeader    = "Dodev-Reply"
	maxEnvelope    = 1 << 20
)

// An envelope says what an event is and where it goes.
type envelope struct {
	Secret     string
	Script     string
	Entrypoint string
	Props      []byte
	Class      string
	Object     string
	ObjectName string

	// A request; the body may be none.
	Method, URL, Headers, CF string
	HasBody                  bool

	// A call, whose arguments are the body.
	Call   bool
	Path   string
	IsCall bool
}

// A reply is an answer without the body, which is that of a response, the
// structured clone of a value, or that of what was thrown.
type reply struct {
	Status              int
	StatusText, Headers string
	Raw                 bool

	Failed, Thrown       bool
	Class, Props         string
	Name, Message, Stack string
	Reset                bool
}

// peers are this server's connections to others.
type peers struct {
	e         *Emulator
	registry  *registry.Registry
	secret    string
	server    *http.Server
	served    chan struct{}
	transport *http.Transport
	ctx       context.Context
	cancel    context.CancelFunc
}

// openPeers lets other servers reach the Workers, and the Workers those of
// other servers, by what is in a folder.
func openPeers(e *Emulator, dir string) (*peers, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for other servers: %w", err)
	}
	p := &peers{e: e, secret: hex.EncodeToString(secret), served: make(chan struct{}), transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}
	p.registry, err = registry.Open(dir, registry.Peer{Protocol: peerProtocol, Address: listener.Addr().String(), Secret: p.secret})
	if err != nil {
		listener.Close()
		return nil, err
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), MaxHeaderBytes: 2 * maxEnvelope, ReadHeaderTimeout: 30 * time.Second}
	go func() {
		_ = p.server.Serve(listener)
		close(p.served)
	}()
	return p, nil
}

func (p *peers) close() {
	p.registry.Close()
	p.cancel()
	_ = p.server.Close()
	<-p.served
	p.transport.CloseIdleConnections()
}

// ---- out ----

// Fetch implements worker.Elsewhere.
func (p *peers) Fetch(a worker.Address, r worker.Request, done func(worker.Answer)) bool {
	peer, failure := p.find(a.Script)
	switch {
	case failure != nil:
		done(failed(failure))
		return true
	case peer == nil:
		return false
	}
	env := p.envelope(peer, a)
	env.Method, env.URL, env.Headers, env.CF = r.Method, r.URL, r.Headers, r.CF
	var body io.Reader
	switch pipe := p.e.pipes.Get(r.Pipe); {
	case pipe != nil:
		env.HasBody, body = true, pipe.Reader(p.ctx)
	case r.Body.Kind() == engine.KindString:
		env.HasBody, body = true, bytes.NewReader([]byte(r.Body.Text()))
	case r.Body.Kind() == engine.KindBytes:
		env.HasBody, body = true, bytes.NewReader(r.Body.Bytes())
	}
	go p.exchange(peer, env, body, done)
	return true
}

// Call implements worker.Elsewhere.
func (p *peers) Call(a worker.Address, path string, isCall bool, args []byte, done func(worker.Answer)) bool {
	peer, failure := p.find(a.Script)
	switch {
	case failure != nil:
		done(failed(failure))
		return true
	case peer == nil:
		return false
	}
	if err := plain(args, a.Script); err != nil {
		done(failed(err))
		return true
	}
	env := p.envelope(peer, a)
	env.Call, env.Path, env.IsCall = true, path, isCall
	go p.exchange(peer, env, bytes.NewReader(args), done)
	return true
}

// find looks for the server of a Worker. The failure says why one that there
// is cannot be called.
func (p *peers) find(script string) (peer *registry.Peer, failure *engine.Throw) {
	entry, ok := p.registry.Find(script)
	switch {
	case !ok:
		return nil, nil
	case entry.Dodev == nil:
		return nil, engine.Error("Worker %q runs in another tool, which dodev cannot call. Run both with dodev.", script)
	case entry.Dodev.Protocol != peerProtocol:
		return nil, engine.Error("Worker %q is not compatible with this version of the dev server. Please update all Worker instances to the same version.", script)
	}
	return entry.Dodev, nil
}

func failed(t *engine.Throw) worker.Answer {
	return worker.Answer{Err: &worker.CallError{Throw: *t, Name: t.Class, Message: t.Message}}
}

func (p *peers) envelope(peer *registry.Peer, a worker.Address) envelope {
	env := envelope{Secret: peer.Secret, Script: a.Script, Entrypoint: a.Name, Props: a.Props, Class: a.Class}
	if a.Class != "" {
		env.Object, env.ObjectName = a.Object.ID.String(), a.Object.Name
	}
	return env
}

// exchange sends an event and passes its answer on.
func (p *peers) exchange(peer *registry.Peer, env envelope, body io.Reader, done func(worker.Answer)) {
	answer, err := p.send(peer, env, body)
	if err != nil {
		answer = failed(engine.Error("Worker %q did not answer: %s", env.Script, err))
	}
	done(answer)
}

func (p *peers) send(peer *registry.Peer, env envelope, body io.Reader) (worker.Answer, error) {
	text, err := json.Marshal(env)
	if err != nil {
		return worker.Answer{}, err
	}
	upgrade := !env.Call && web.HeadersFromHost(env.Headers).Get("Upgrade") != ""
	method := http.MethodPost
	if upgrade {
		method, body = http.MethodGet, nil
	}
	r, err := http.NewRequestWithContext(p.ctx, method, "http://"+peer.Address+"/", body)
	if err != nil {
		return worker.Answer{}, err
	}
	r.Header.Set(envelopeHeader, base64.StdEncoding.EncodeToString(text))
	if upgrade {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
	}
	res, err := p.transport.RoundTrip(r)
	if err != nil {
		return worker.Answer{}, err
	}
	return p.read(env, res)
}

// read makes an answer of a response.
func (p *peers) read(env envelope, res *http.Response) (worker.Answer, error) {
	var out reply
	text, err := base64.StdEncoding.DecodeString(res.Header.Get(replyHeader))
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		res.Body.Close()
		return worker.Answer{}, fmt.Errorf("it answered with status %d", res.StatusCode)
	}
	if !env.Call && !out.Failed {
		answer := &worker.Response{Status: out.Status, StatusText: out.StatusText, Headers: out.Headers, Raw: out.Raw}
		if conn, ok := res.Body.(io.ReadWriteCloser); ok && res.StatusCode == http.StatusSwitchingProtocols {
			ours, theirs := web.NewWire()
			theirs.Opened(env.URL)
			answer.Socket = p.e.wires.Add(theirs)
			go web.Couple(p.ctx, conn, bufio.NewReader(conn), ours, web.ConnOptions{Client: true})
			return worker.Answer{Response: answer}, nil
		}
		pipe := p.e.pipes.New()
		pipe.WhenCancelled(func(*engine.Throw) { res.Body.Close() })
		answer.Pipe = pipe.ID()
		go func() {
			fill(p.ctx, pipe, res.Body)
			res.Body.Close()
		}()
		return worker.Answer{Response: answer}, nil
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return worker.Answer{}, err
	}
	if !out.Failed {
		return worker.Answer{Value: data}, nil
	}
	failure := &worker.CallError{
		Throw: engine.Throw{Class: out.Class, Message: out.Message, Props: out.Props},
		Name:  out.Name, Message: out.Message, Stack: out.Stack, Reset: out.Reset,
	}
	if out.Thrown {
		failure.Thrown = data
	}
	return worker.Answer{Err: failure}, nil
}

// ---- in ----

// serve answers an event of another server.
func (p *peers) serve(w http.ResponseWriter, r *http.Request) {
	var env envelope
	text, err := base64.StdEncoding.DecodeString(r.Header.Get(envelopeHeader))
	if err != nil || json.Unmarshal(text, &env) != nil || env.Secret != p.secret {
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	}
	a := worker.Address{Entrypoint: worker.Entrypoint{Script: env.Script, Name: env.Entrypoint, Props: env.Props}, Class: env.Class}
	if env.Class != "" {
		id, err := object.Decode(env.Object)
		if err != nil {
			http.Error(w, "Bad Request", http.StatusBadRequest)
			return
		}
		a.Object = object.Ref{Namespace: object.NewNamespace(env.Script, env.Class).UniqueKey(), ID: id, Name: env.ObjectName}
	}
	answers := make(chan worker.Answer, 1)
	if env.Call {
		args, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		p.e.realm.Call(a, env.Path, env.IsCall, args, func(a worker.Answer) { answers <- a })
	} else {
		_ = http.NewResponseController(w).EnableFullDuplex()
		p.e.realm.Fetch(r.Context(), a, p.request(r, env), func(a worker.Answer) { answers <- a })
	}
	select {
	case answer := <-answers:
		p.reply(w, answer, env.Script)
	case <-r.Context().Done():
		go p.e.discard(answers)
	case <-p.ctx.Done():
	}
}

func (p *peers) request(r *http.Request, env envelope) worker.Request {
	out := worker.Request{Method: env.Method, URL: env.URL, Headers: env.Headers, CF: env.CF}
	if env.HasBody {
		pipe := p.e.pipes.New()
		out.Pipe = pipe.ID()
		go fill(r.Context(), pipe, r.Body)
	}
	return out
}

// reply sends an answer back.
func (p *peers) reply(w http.ResponseWriter, a worker.Answer, script string) {
	if a.Err == nil && a.Response == nil {
		if err := plain(a.Value, script); err != nil {
			a = failed(err)
		}
	}
	var out reply
	var body []byte
	switch {
	case a.Err != nil:
		out = reply{
			Failed: true, Thrown: a.Err.Thrown != nil, Class: a.Err.Throw.Class, Props: a.Err.Throw.Props,
			Name: a.Err.Name, Message: a.Err.Message, Stack: a.Err.Stack, Reset: a.Err.Reset,
		}
		body = a.Err.Thrown
	case a.Response != nil:
		p.respond(w, a.Response)
		return
	default:
		body = a.Value
	}
	setReply(w, out)
	_, _ = w.Write(body)
}

func setReply(w http.ResponseWriter, out reply) {
	text, err := json.Marshal(out)
	if err != nil {
		return
	}
	w.Header().Set(replyHeader, base64.StdEncoding.EncodeToString(text))
	w.Header().Set("Content-Type", "application/octet-stream")
}

// respond sends a response back, or makes the connection its socket.
func (p *peers) respond(w http.ResponseWriter, r *worker.Response) {
	setReply(w, reply{Status: r.Status, StatusText: r.StatusText, Headers: r.Headers, Raw: r.Raw})
	if r.Socket == 0 {
		body := p.e.body(r)
		defer body.Close()
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		copyFlushing(w, body)
		return
	}
	end := p.e.wires.Take(r.Socket)
	if end == nil {
		return
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		end.Abort()
		return
	}
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n%s: %s\r\n\r\n", replyHeader, w.Header().Get(replyHeader))
	if rw.Flush() != nil {
		end.Abort()
		conn.Close()
		return
	}
	web.Couple(p.ctx, conn, rw.Reader, end, web.ConnOptions{})
}

// copyFlushing sends each part of a body as soon as it is there.
func copyFlushing(w http.ResponseWriter, body io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
		}
		if err != nil {
			return
		}
	}
}

// plain says why a message cannot cross to another server: only data can, no
// references.
func plain(message []byte, script string) *engine.Throw {
	if !worker.Refers(message) {
		return nil
	}
	return engine.Error("Functions, stubs and streams cannot cross between the dev servers of Worker %q and its caller. Run both in one dodev.", script)
}
