package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/live"
	"github.com/dodev/dodev/emulator"
)

// A control is where a running server answers those who look into it.
type control struct {
	live     *live.Live
	server   *http.Server
	served   chan error
	withdraw func()
}

// openControl lets people look into the emulator that answers at url. It listens
// on the loopback alone, and leaves address and token in the project's state
// folder, also when the data is elsewhere.
func (s *session) openControl(emu *emulator.Emulator, l *live.Live, url string) (*control, error) {
	l.Attach(emu)
	l.AttachProject(sessionProject{s})
	c := &control{live: l, withdraw: func() {}, served: make(chan error, 1)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		close(c.served)
		return c, err
	}
	token := inspect.NewToken()
	c.server = &http.Server{Handler: inspect.NewHandler(l, token), ReadHeaderTimeout: 10 * time.Second}
	go func() { c.served <- c.server.Serve(listener) }()
	c.withdraw, err = inspect.Publish(s.foundBy, inspect.Address{
		URL: "http://" + listener.Addr().String(), Token: token, PID: os.Getpid(), Version: readVersions().Dodev,
		Serves: url, Apart: s.opts.inMemory || s.stateDir != s.foundBy,
	})
	if err != nil {
		c.withdraw = func() {}
		return c, fmt.Errorf("say where to look into the server: %w", err)
	}
	return c, nil
}

// close ends what looks into the server.
func (c *control) close() {
	c.withdraw()
	c.live.Close()
	if c.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if c.server.Shutdown(ctx) != nil {
			c.server.Close()
		}
	}
	<-c.served
}

// inspected is the project as those see it who look into it.
func (s *session) inspected(builds []devserver.Build, url string) inspect.Project {
	p := inspect.Project{
		Version: readVersions().Dodev, Name: builds[0].Config.Name, Config: s.configs[0], Env: s.opts.config.Env, URL: url, State: s.stateDir, Started: s.began.UTC(),
		Folders: map[string]string{},
	}
	for _, b := range builds {
		p.Folders[b.Config.Name] = filepath.Dir(b.Config.Path)
	}
	if s.opts.inMemory {
		p.State = inspect.InMemory
	}
	return p
}

// tellReload has those know of a reload who look into the server.
func tellReload(l *live.Live, r devserver.Reload) {
	out := inspect.Reload{OK: r.Err == nil, Files: []string{}, Objects: r.Info.Objects, Sockets: r.Info.Sockets}
	for _, file := range r.Files {
		out.Files = append(out.Files, filepath.ToSlash(file))
	}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	var held *heldError
	if errors.As(r.Err, &held) {
		out.Held = append([]string{}, held.plan.Pending...)
	}
	l.Reloaded(out)
}
