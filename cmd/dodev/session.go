package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/inspect/live"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/registry"
)

// drainTime is how long requests may take to end when the server stops.
const drainTime = 3 * time.Second

// A session is one run of serve.
type session struct {
	app      *app
	opts     serveOptions
	began    time.Time
	workDir  string   // what paths are shown relative to
	configs  []string // the configurations' paths, first that of the Worker that gets the requests
	stateDir string   // where the data is
	foundBy  string   // the state folder by which commands find the server

	journal *journal
	live    *live.Live
	members []*member
	keys    bool // can be pressed
	// withheld are namespaces that wait for migrations, with why.
	withheld map[string]string
	stop     context.CancelFunc

	building sync.Mutex      // guards what follows
	warned   map[string]bool // diagnostics that were shown
	dev      config.Dev      // that the server runs with

	went atomic.Pointer[emulator.ReloadInfo] // when migrations were applied last
}

// serve runs a project until ctx ends or somebody stops it.
func serve(ctx context.Context, app *app, opts serveOptions) error {
	s := &session{app: app, opts: opts, began: time.Now(), warned: map[string]bool{}}
	if err := s.locate(); err != nil {
		return err
	}
	s.journal = newJournal(stream{app.stdout, app.painter(app.stdout)}, stream{app.stderr, app.painter(app.stderr)}, app.flags.json, opts.level)
	defer s.journal.close()

	forget, err := s.beginWithSnapshot()
	if err != nil {
		return err
	}
	defer forget()
	err = s.migrate()
	if errors.Is(err, migrate.ErrStale) { // somebody else did, this very moment
		err = s.migrate()
	}
	if err != nil {
		return err
	}
	ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	keyboard := openKeyboard(app)
	s.keys = keyboard.there()
	defer keyboard.close()
	defer s.catchSignals(keyboard)()

	for i := range s.configs {
		m := s.newMember(i)
		s.members = append(s.members, m)
		defer m.close()
		go func() { <-ctx.Done(); m.project.Close() }() // a build command must not hold up the end
	}
	return s.run(ctx, keyboard)
}

// locate finds what the session is about.
func (s *session) locate() error {
	info, err := os.Stat(s.opts.dir)
	if err != nil {
		return fmt.Errorf("serve %s: %w", s.opts.dir, err)
	}
	if !info.IsDir() {
		return hinted{fmt.Errorf("serve %s: not a folder", s.opts.dir), "give the project's folder; -c names a configuration file"}
	}
	if s.configs, err = s.app.configPaths(s.opts.dir, s.opts.config.Env); err != nil {
		return err
	}
	if s.stateDir, err = s.app.stateDir(s.configs[0]); err != nil {
		return err
	}
	s.foundBy = s.stateDir
	s.workDir, err = os.Getwd()
	return err
}

// probeDir is a folder of dodev's own on the project's file system.
func (s *session) probeDir() string {
	dir := filepath.Join(s.stateDir, "dodev")
	if s.opts.inMemory || os.MkdirAll(dir, 0o755) != nil {
		return ""
	}
	return dir
}

// run starts the project, serves it and stops it.
func (s *session) run(ctx context.Context, keyboard *keyboard) error {
	emu, listener, err := s.start(ctx)
	if err != nil || emu == nil {
		return err
	}
	defer emu.Close()

	url := devserver.URL(listener, s.https())
	look, err := s.openControl(emu, s.live, url)
	if err != nil {
		s.notice(warnLevel, "nobody can look into this server: "+err.Error())
	}
	defer look.close()

	server := devserver.New(devserver.Options{
		Worker: emu, HTTPS: s.https(),
		Answered: func(ex devserver.Exchange) {
			s.journal.add(requestEvent(ex))
			s.live.Answered(live.Answer{
				At: ex.Start, Name: ex.Method + " " + ex.Target, Status: ex.Status, Took: ex.Took, Objects: ex.Objects, Failure: ex.Failure, Span: ex.Span,
			})
		},
		Trouble: func(text string) { s.notice(debugLevel, text) },
	})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var loops sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, m := range s.members {
		if m.watcher != nil {
			reloader := devserver.Reloader{Project: m.project, Worker: taking{s, emu, m}, Watcher: m.watcher, Asked: m.asked, Told: func(r devserver.Reload) { s.reloaded(m, emu, r) }}
			loops.Go(func() { reloader.Run(ctx) })
		}
	}
	asked := s.inspector(ctx, keyboard, &loops)
	migrate := func() { s.askMigrate(func(yes func()) { keyboard.ask(func() { loops.Go(yes) }, s.declined) }) }
	keyboard.listen(keys{inspect: asked, migrate: migrate, reload: s.askReload, evict: func() { s.evict(emu) }, open: func() { s.open(url) }, quit: s.stop, help: s.help})
	s.journal.add(readyEvent{url: url, took: time.Since(s.began)})
	if s.opts.inspect {
		asked()
	}

	select {
	case err = <-served:
	case <-ctx.Done():
		err = s.drain(server, served)
	}
	cancel()
	loops.Wait()
	return errors.Join(err, closing("stop the Worker", emu.Close()))
}

// drain lets requests end.
func (s *session) drain(server *devserver.Server, served <-chan error) error {
	if n := server.Active(); n > 0 {
		s.notice(infoLevel, "stopping when "+count(n, "request")+" ended, Ctrl-C stops at once")
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		s.notice(infoLevel, "cut off what had not ended")
	}
	return <-served
}

func closing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// start builds and opens the project and takes its port. While that fails, on a
// terminal, it waits for the next save; nothing and no error is an end asked for
// meanwhile.
func (s *session) start(ctx context.Context) (*emulator.Emulator, net.Listener, error) {
	for {
		emu, listener, err := s.tryStart()
		if err == nil {
			return emu, listener, nil
		}
		if ctx.Err() != nil {
			return nil, nil, nil
		}
		if !s.mendable(err) {
			return nil, nil, err
		}
		s.journal.add(failureEvent{err: err, at: time.Now(), dir: s.workDir})
		s.notice(warnLevel, "waiting for the next save")
		if !s.nextSave(ctx) {
			return nil, nil, nil
		}
		s.began = time.Now()
	}
}

// mendable says whether a save may mend an error, and somebody is there to save.
func (s *session) mendable(err error) bool {
	var ds config.Diagnostics
	var failure *emulator.Failure
	return s.members[0].watcher != nil && terminal(s.app.stdin) && (errors.As(err, &ds) || errors.As(err, &failure))
}

func (s *session) tryStart() (*emulator.Emulator, net.Listener, error) {
	builds, err := s.build()
	if err != nil {
		return nil, nil, err
	}
	s.dev = builds[0].Config.Dev
	listener, err := s.listen()
	if err != nil {
		return nil, nil, err
	}
	look := live.New(s.inspected(builds, devserver.URL(listener, s.https())))
	s.live = look
	var workers []emulator.Worker
	for _, b := range builds {
		workers = append(workers, emulator.Worker{Config: b.Config, Bundle: b.Bundle})
	}
	emu, err := emulator.Open(emulator.Options{
		Workers: workers, Withheld: s.withheld, StateDir: s.stateDir, InMemory: s.opts.inMemory, Registry: registry.Dir(s.app.getenv),
		Isolates: s.opts.isolates, Limits: s.opts.limits, Strict: s.opts.strict, Outbound: s.opts.outbound, Offline: s.opts.offline,
		Log: func(e emulator.Entry) {
			s.journal.add(entryEvent{e, time.Now()})
			look.Log(e)
		},
	})
	if err != nil {
		listener.Close()
		return nil, nil, err
	}
	s.journal.add(s.screen(builds, emu, devserver.URL(listener, s.https())))
	for _, b := range builds {
		s.warn(b.Diagnostics)
	}
	s.warn(emu.Dangling())
	return emu, listener, nil
}

func (s *session) screen(builds []devserver.Build, emu *emulator.Emulator, url string) startEvent {
	cfg := builds[0].Config
	e := startEvent{
		version: readVersions().Dodev, config: cfg, configPath: shorter(s.workDir, cfg.Path), url: url,
		namespaces: emu.Namespaces(),
	}
	for _, b := range builds[1:] {
		e.others = append(e.others, otherWorker{b.Config, shorter(s.workDir, b.Config.Path)})
	}
	if !s.opts.inMemory {
		e.stateDir = filepath.Join(shorter(s.workDir, s.stateDir), "v3", "do")
	}
	if s.keys {
		e.keys = keyHelp
	}
	return e
}

// listen takes the port that the flags ask for, else the configuration, else
// the usual one or the next that is free.
func (s *session) listen() (net.Listener, error) {
	at := devserver.Address{IP: s.opts.ip, Port: s.opts.port}
	if at.IP == "" {
		at.IP = s.dev.IP
	}
	if !s.opts.portAsked {
		at.Port = s.dev.Port
		if at.Port == 0 {
			at.Port, at.Search = devserver.DefaultPort, true
		}
	}
	if s.https() {
		var err error
		if at.TLS, err = s.certificate(at.IP); err != nil {
			return nil, err
		}
	}
	return devserver.Listen(at)
}

func (s *session) https() bool {
	if s.opts.protocol != "" {
		return s.opts.protocol == "https"
	}
	return s.dev.LocalProtocol == "https"
}

func (s *session) certificate(ip string) (*tls.Config, error) {
	dir := filepath.Join(s.stateDir, "dodev")
	if s.opts.inMemory {
		dir = ""
	}
	return devserver.Certificate(dir, ip, time.Now())
}

// reloaded tells of a reload, and of what it cannot change.
func (s *session) reloaded(m *member, emu *emulator.Emulator, r devserver.Reload) {
	s.building.Lock()
	defer s.building.Unlock()
	dir := filepath.Dir(m.config)
	if len(s.members) > 1 {
		dir = s.workDir
	}
	if r.Build.Bundle != nil {
		m.keep(r.Build, nil) // whatever became of it
	} else {
		m.keep(r.Build, r.Err)
	}
	s.journal.add(reloadEvent{Reload: r, at: time.Now(), dir: dir})
	tellReload(s.live, r)
	if r.Err != nil {
		return // its diagnostics are part of the error
	}
	s.warn(r.Build.Diagnostics)
	s.warn(emu.Dangling())
	if err := errors.Join(s.migrate(), emu.Refresh()); err != nil {
		s.notice(warnLevel, err.Error())
	}
	if m == s.members[0] && r.Build.Config.Dev != s.dev {
		s.dev = r.Build.Config.Dev
		s.notice(warnLevel, "dev settings of the configuration (ip, port, local_protocol) apply after a restart")
	}
}

// warn shows warnings that were not shown before.
func (s *session) warn(ds config.Diagnostics) {
	for _, d := range ds {
		key := d.Format("")
		if d.Severity == config.Warning && !s.warned[key] {
			s.warned[key] = true
			s.journal.add(diagnosticEvent{d, time.Now(), s.workDir})
		}
	}
}

func (s *session) notice(level severity, words string) {
	s.journal.add(noticeEvent{at: time.Now(), level: level, words: words})
}
