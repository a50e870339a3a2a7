package devserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// DefaultPort is where a project is served unless it asks for another port.
const DefaultPort = 8787

// portsTried is how many ports are tried when none was asked for.
const portsTried = 100

// An Address says where to listen.
type Address struct {
	IP string // "" and "localhost" are this machine only, "*" is every interface
	// Port is the one to take, 0 for any free one.
	Port int
	// Search says that the port was not asked for: when it is taken, the next
	// free one will do.
	Search bool
	// TLS is for https, nil for http.
	TLS *tls.Config
}

// A PortError says that an address cannot be listened to.
type PortError struct {
	IP   string
	Port int
	Err  error
}

func (e *PortError) Error() string {
	switch {
	case errors.Is(e.Err, syscall.EADDRINUSE):
		return fmt.Sprintf("port %d is in use on %s", e.Port, e.IP)
	case errors.Is(e.Err, syscall.EACCES):
		return fmt.Sprintf("port %d needs more rights than this process has", e.Port)
	case errors.Is(e.Err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("this machine has no address %s", e.IP)
	}
	return fmt.Sprintf("listen to %s: %v", net.JoinHostPort(e.IP, strconv.Itoa(e.Port)), e.Err)
}

func (e *PortError) Unwrap() error { return e.Err }

// InUse says that somebody else listens there.
func (e *PortError) InUse() bool { return errors.Is(e.Err, syscall.EADDRINUSE) }

// Listen takes an address. The error is a [PortError].
func Listen(a Address) (net.Listener, error) {
	ip := a.host()
	for port, tries := a.Port, 1; ; port, tries = port+1, tries+1 {
		l, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
		if err == nil {
			if a.TLS != nil {
				l = tls.NewListener(l, a.TLS)
			}
			return l, nil
		}
		failed := &PortError{IP: ip, Port: port, Err: err}
		if !a.Search || !failed.InUse() || tries == portsTried {
			return nil, failed
		}
	}
}

func (a Address) host() string {
	switch a.IP {
	case "", "localhost":
		return "127.0.0.1"
	case "*":
		return "0.0.0.0"
	}
	return a.IP
}

// URL is where a browser on this machine finds a listener.
func URL(l net.Listener, https bool) string {
	scheme := "http"
	if https {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return scheme + "://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
