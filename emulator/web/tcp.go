package web

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// connections are the TCP connections that scripts of one isolate have opened,
// by the operations that opened them.
type connections struct {
	*host
	open map[int]*connection
}

// A connection carries bytes between a socket and two pipes until both
// directions have ended, it is closed, or its owner is gone.
type connection struct {
	ctx    context.Context // of the owner
	cancel context.CancelFunc
	id     int
	op     *loop.Op // waits for the end, nil when nobody does

	mu    sync.Mutex
	conn  net.Conn        // nil until it is there
	lines *sync.WaitGroup // the two directions
	sent  chan struct{}   // closed when all was sent
}

// registerTCP adds the functions of host/tcp.ts.
func (h *host) registerTCP() {
	t := &connections{host: h, open: map[int]*connection{}}
	for name, fn := range map[string]engine.Func{
		"tcpOpen":     t.dial,
		"tcpClosed":   t.closed,
		"tcpStartTls": t.startTLS,
		"tcpClose":    t.close,
	} {
		h.vm.Func(name, fn)
	}
}

// dialTimeout is how long a connection may take to open.
const dialTimeout = 30 * time.Second

func (t *connections) dial(c engine.Call) error {
	address, err := t.routeTCP(c.String(0))
	if err != nil {
		return err
	}
	secure, reads, writes := c.Bool(1), t.opts.Pipes.Get(c.Int(2)), t.opts.Pipes.Get(c.Int(3))
	host, _, err := net.SplitHostPort(c.String(0))
	if err != nil {
		return engine.TypeError("Specified address could not be parsed.")
	}
	op := t.loop.Begin(loop.Fetch)
	op.Describe(func() (string, string) { return "connect " + c.String(0), "" })
	k := &connection{id: op.ID()}
	k.ctx, k.cancel = context.WithCancel(t.ownerContext())
	t.open[k.id] = k
	c.Return(engine.Int(k.id))
	dial := func(ctx context.Context) (net.Conn, error) {
		if address == blocked {
			return nil, errBlocked
		}
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil || !secure {
			return conn, err
		}
		return t.handshake(ctx, conn, host)
	}
	owner := t.loop.Owner()
	t.loop.Send(func() {
		t.out.pass(owner, op, func() { go t.begin(k, op, reads, writes, dial) })
	})
	return nil
}

// mailPort is one that the platform connects to for nobody.
const mailPort = "25"

// blocked stands for an address that nobody may connect to.
const blocked = ""

var errBlocked = errors.New("the platform connects to no mail server")

// routeTCP applies what the options say of an address.
func (t *connections) routeTCP(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", engine.TypeError("Specified address could not be parsed.")
	}
	opts := t.opts.Fetch
	to := opts.Outbound[address]
	if to == nil {
		to = opts.Outbound[host]
	}
	switch {
	case to != nil:
		return hostPort(to, port), nil
	case port == mailPort:
		return blocked, nil
	case opts.Offline:
		return "", engine.Error("connection to %s refused: dodev is offline, and no --outbound was given for %s", address, address)
	}
	return address, nil
}

// hostPort is where a URL leads, with a port for one that names none.
func hostPort(to *url.URL, port string) string {
	if to.Port() != "" {
		port = to.Port()
	}
	return net.JoinHostPort(to.Hostname(), port)
}

// handshake begins TLS with a server of a name.
func (h *host) handshake(ctx context.Context, conn net.Conn, serverName string) (net.Conn, error) {
	secure := tls.Client(conn, &tls.Config{ServerName: serverName, RootCAs: h.opts.Fetch.Roots})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// begin completes op, an opening, with the address of the other side, and
// carries bytes from then on.
func (t *connections) begin(k *connection, op *loop.Op, reads, writes *Pipe, open func(context.Context) (net.Conn, error)) {
	ctx, cancel := context.WithTimeout(k.ctx, dialTimeout)
	conn, err := open(ctx)
	cancel()
	if err != nil {
		drop(reads, writes)
		k.cancel()
		op.Done(func() {
			delete(t.open, k.id)
			t.reject(op, err)
		})
		return
	}
	if !k.start(conn, reads, writes, func() { t.loop.Post(func() { t.end(k) }) }) {
		drop(reads, writes)
	}
	op.Done(func() { t.settle(op, engine.String(conn.RemoteAddr().String())) })
}

// drop gives up both pipes of a connection that is not to be.
func drop(reads, writes *Pipe) {
	if reads != nil {
		reads.Fail(engine.Error("Stream was cancelled."))
	}
	if writes != nil {
		writes.Cancel(connectionLost())
	}
}

// start carries bytes in both directions, and calls done when both have ended.
// It reports false when the connection was closed before.
func (k *connection) start(conn net.Conn, reads, writes *Pipe, done func()) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ctx.Err() != nil || reads == nil || writes == nil {
		_ = conn.Close()
		return false
	}
	stop := context.AfterFunc(k.ctx, func() { _ = conn.Close() })
	lines, sent := &sync.WaitGroup{}, make(chan struct{})
	k.conn, k.lines, k.sent = conn, lines, sent
	lines.Go(func() { carry(k.ctx, quietly{conn, k}, reads) })
	lines.Go(func() {
		defer close(sent)
		k.send(conn, writes)
	})
	go func() {
		lines.Wait()
		stop()
		k.mu.Lock()
		over := k.lines == lines // not handed over to TLS
		k.mu.Unlock()
		if over {
			_ = conn.Close()
			done()
		}
	}()
	return true
}

// A quietly reads a connection. Closing it here, or going on over TLS, ends it.
type quietly struct {
	net.Conn
	k *connection
}

func (q quietly) Read(p []byte) (int, error) {
	n, err := q.Conn.Read(p)
	if err != nil && q.k.isOver(q.Conn) {
		err = io.EOF
	}
	return n, err
}

// isOver tells whether a connection is no longer this one's.
func (k *connection) isOver(conn net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ctx.Err() != nil || k.conn != conn
}

// send writes what comes out of a pipe, and then ends that direction.
func (k *connection) send(conn net.Conn, writes *Pipe) {
	for {
		data, err := writes.Next(k.ctx)
		if err != nil {
			break
		}
		if _, err := conn.Write(data); err != nil {
			writes.Cancel(connectionLost())
			return
		}
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok && !k.isOver(conn) {
		_ = half.CloseWrite()
	}
}

// end tells whoever waits that a connection has ended.
func (t *connections) end(k *connection) {
	k.cancel()
	delete(t.open, k.id)
	if op := k.op; op != nil {
		op.Done(func() { t.settle(op) })
	}
}

func (t *connections) closed(c engine.Call) error {
	op := t.loop.Begin(loop.Fetch)
	c.Return(engine.Int(op.ID()))
	k := t.open[c.Int(0)]
	if k == nil {
		op.Done(func() { t.settle(op) })
		return nil
	}
	k.op = op
	return nil
}

// close ends a connection after what was sent.
func (t *connections) close(c engine.Call) error {
	k := t.open[c.Int(0)]
	if k == nil {
		return nil
	}
	delete(t.open, k.id)
	op := k.op
	t.loop.Send(func() {
		go k.finish()
		if op != nil {
			op.Cancel()
		}
	})
	return nil
}

// lastWords is for how long a closed connection may go on sending.
const lastWords = 5 * time.Second

// finish lets a connection send what it has been given, and ends it.
func (k *connection) finish() {
	k.mu.Lock()
	sent := k.sent
	k.mu.Unlock()
	if sent != nil {
		select {
		case <-sent:
		case <-time.After(lastWords):
		}
	}
	k.cancel()
}

func (t *connections) startTLS(c engine.Call) error {
	k := t.open[c.Int(0)]
	serverName, reads, writes := c.String(1), t.opts.Pipes.Get(c.Int(2)), t.opts.Pipes.Get(c.Int(3))
	op := t.loop.Begin(loop.Fetch)
	c.Return(engine.Int(op.ID()))
	if k == nil {
		t.loop.Send(func() {
			drop(reads, writes)
			op.Done(func() { t.reject(op, connectionLost()) })
		})
		return nil
	}
	taken := k.take() // at once: the end of what is written before is not the connection's
	t.loop.Send(func() {
		go t.begin(k, op, reads, writes, func(ctx context.Context) (net.Conn, error) {
			conn, err := taken()
			if err != nil {
				return nil, err
			}
			return t.handshake(ctx, conn, serverName)
		})
	})
	return nil
}

// take takes the connection from its pipes. The function it gives waits until
// what they held is sent.
func (k *connection) take() func() (net.Conn, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	conn, lines := k.conn, k.lines
	k.conn, k.lines = nil, nil
	return func() (net.Conn, error) {
		if conn == nil {
			return nil, connectionLost()
		}
		_ = conn.SetReadDeadline(time.Unix(1, 0)) // wakes who reads
		lines.Wait()
		return conn, conn.SetReadDeadline(time.Time{})
	}
}
