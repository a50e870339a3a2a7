//go:build bench && linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// This file measures dodev whole, beside today's tool on the same project in
// the same run. Run it with .ci/bench; DODEV_INTEROP names a folder with
// wrangler and node, without which dodev is measured alone.
//
// All contenders run at once and are loaded in turn, round after round: a machine
// that is busy with something else is so for each of them, and the medians can
// be compared.

const (
	benchConnections = 64
	benchRounds      = 5
	benchRound       = time.Second
)

// A contender is a tool being measured.
type contender struct {
	name string
	// command starts the tool on a project at a port.
	command func(project, state string, port int) *exec.Cmd
	// fixed says that the tool does not reload.
	fixed bool
}

// A running contender.
type running struct {
	url  string
	cmd  *exec.Cmd
	out  *bytes.Buffer
	done chan struct{}
}

func TestWholeAgainstTodaysTool(t *testing.T) {
	contenders := []contender{dodevSubject(t)}
	if dir := os.Getenv("DODEV_INTEROP"); dir != "" {
		contenders = append(contenders, wranglerSubject(dir), workerdSubject(t, dir))
	}
	report(t, contenders, measure(t, contenders))
}

func dodevSubject(t *testing.T) contender {
	binary := filepath.Join(t.TempDir(), "dodev")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cache := "XDG_CACHE_HOME=" + t.TempDir() // not shared with other builds, which would clear it
	return contender{name: "dodev", command: func(project, state string, port int) *exec.Cmd {
		cmd := exec.Command(binary, "serve", project, "--port", strconv.Itoa(port), "--persist-to", state)
		cmd.Env = append(os.Environ(), cache)
		return cmd
	}}
}

func wranglerSubject(dir string) contender {
	node := filepath.Join(dir, "node_modules", "node", "bin", "node")
	cli := filepath.Join(dir, "node_modules", "wrangler", "bin", "wrangler.js")
	return contender{name: "wrangler dev", command: func(project, state string, port int) *exec.Cmd {
		cmd := exec.Command(node, cli, "dev", "--port", strconv.Itoa(port), "--persist-to", state, "--show-interactive-dev-session=false")
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "CI=1", "WRANGLER_SEND_METRICS=false", "PATH="+filepath.Dir(node)+":"+os.Getenv("PATH"))
		return cmd
	}}
}

// workerdConfig runs the bundled project on the bare runtime.
const workerdConfig = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .main), (name = "disk", disk = (path = "%s", writable = true)) ],
  sockets = [ (name = "http", address = "127.0.0.1:%d", http = (), service = "main") ],
);
const main :Workerd.Worker = (
  modules = [ (name = "index.js", esModule = embed "index.js") ],
  compatibilityDate = "2026-10-01",
  bindings = [
    (name = "COUNTER", durableObjectNamespace = "Counter"),
    (name = "PLAIN", durableObjectNamespace = "PlainCounter"),
    (name = "ROOM", durableObjectNamespace = "Room") ],
  durableObjectNamespaces = [
    (className = "Counter", uniqueKey = "bench-Counter", enableSql = true),
    (className = "PlainCounter", uniqueKey = "bench-PlainCounter"),
    (className = "Room", uniqueKey = "bench-Room", enableSql = true) ],
  durableObjectStorage = (localDisk = "disk"),
);
`

// workerdSubject is the runtime without the tool around it. It does not bundle,
// so it is given what dodev's bundler made.
func workerdSubject(t *testing.T, dir string) contender {
	binary, err := filepath.Glob(filepath.Join(dir, "node_modules", "@cloudflare", "workerd-*", "bin", "workerd"))
	if err != nil || len(binary) == 0 {
		t.Fatal("no workerd beside wrangler", err)
	}
	return contender{name: "bare workerd", fixed: true, command: func(project, state string, port int) *exec.Cmd {
		home := t.TempDir()
		cfg, _, err := config.Load(filepath.Join(project, "wrangler.jsonc"), config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		built, ds := bundle.Build(cfg, bundle.Options{})
		if built == nil {
			t.Fatal(ds)
		}
		for name, data := range map[string][]byte{
			"index.js":     built.Modules[0].Source,
			"config.capnp": fmt.Appendf(nil, workerdConfig, state, port),
		} {
			if err := os.WriteFile(filepath.Join(home, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		return exec.Command(binary[0], "serve", filepath.Join(home, "config.capnp"))
	}}
}

// measures, in the order of the report; less is better for those with a unit
// of time or size.
var measures = []struct {
	name, unit string
	less       bool
}{
	{"spawn to first response", "ms", true},
	{"memory after start", "MB", true},
	{"save to new code", "ms", true},
	{"hello", "req/s", false},
	{"increment one object", "req/s", false},
	{"increment one key-value object", "req/s", false},
	{"increment 1,000 objects", "req/s", false},
	{"read one value", "req/s", false},
	{"echo on 64 sockets", "messages/s", false},
	{"broadcast to 200 sockets", "messages/s", false},
	{"2,000 objects touched, errors", "", true},
	{"2,000 objects touched", "s", true},
	{"memory after that", "MB", true},
}

// measure gives for each contender what was measured of it.
func measure(t *testing.T, contenders []contender) []map[string]float64 {
	results := make([]map[string]float64, len(contenders))
	projects := make([]string, len(contenders))
	for i := range contenders {
		results[i], projects[i] = map[string]float64{}, copyProject(t)
	}
	measureStarts(t, contenders, projects, results)

	run := make([]*running, len(contenders))
	for i, s := range contenders {
		run[i] = start(t, s, projects[i], t.TempDir())
		defer run[i].stop()
		time.Sleep(time.Second)
		results[i]["memory after start"] = run[i].memory()
		if !s.fixed {
			results[i]["save to new code"] = median(reloads(t, run[i], projects[i]))
		}
	}
	for _, l := range loads {
		rounds := make([][]float64, len(contenders))
		for range benchRounds {
			for i := range contenders {
				rounds[i] = append(rounds[i], l.run(t, run[i].url))
			}
		}
		for i := range contenders {
			results[i][l.name] = median(rounds[i])
		}
	}
	for i, r := range run {
		began := time.Now()
		results[i]["2,000 objects touched, errors"] = touch(r.url, 2000)
		results[i]["2,000 objects touched"] = time.Since(began).Seconds()
		results[i]["memory after that"] = r.memory()
	}
	return results
}

func measureStarts(t *testing.T, contenders []contender, projects []string, results []map[string]float64) {
	starts := make([][]float64, len(contenders))
	for range 5 {
		for i, s := range contenders {
			began := time.Now()
			r := start(t, s, projects[i], t.TempDir())
			starts[i] = append(starts[i], ms(time.Since(began)))
			r.stop()
		}
	}
	for i := range contenders {
		results[i]["spawn to first response"] = median(starts[i])
	}
}

// A load is something asked of a running contender for a while; what comes of it
// is so much a second.
type load struct {
	name string
	run  func(t *testing.T, url string) float64
}

var loads = []load{
	{"hello", requests(func() string { return "/" })},
	{"increment one object", requests(func() string { return "/increment?name=one" })},
	{"increment one key-value object", requests(func() string { return "/increment?kv&name=one" })},
	{"increment 1,000 objects", requests(func() string { return "/increment?name=" + strconv.Itoa(rand.IntN(1000)) })},
	{"read one value", requests(func() string { return "/read?name=one" })},
	{"echo on 64 sockets", echoes},
	{"broadcast to 200 sockets", broadcasts},
}

func copyProject(t *testing.T) string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "bench"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs a contender until it answers.
func start(t *testing.T, s contender, project, state string) *running {
	port := freePort(t)
	r := &running{url: "http://127.0.0.1:" + strconv.Itoa(port), cmd: s.command(project, state, port), out: &bytes.Buffer{}, done: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.out
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = r.cmd.Wait(); close(r.done) }()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if _, err := get(http.DefaultClient, r.url+"/"); err == nil {
			return r
		}
	}
	r.stop()
	t.Fatalf("%s never answered:\n%s", s.name, r.out)
	return nil
}

func (r *running) stop() {
	_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	<-r.done
}

// memory is what the process and its children hold, in MB of resident memory.
func (r *running) memory() float64 {
	var kb float64
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if len(fields) < 3 || fields[2] != strconv.Itoa(r.cmd.Process.Pid) {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(file), "status"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
				kb += n
			}
		}
	}
	return kb / 1024
}

func get(c *http.Client, url string) (string, error) {
	res, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return string(body), err
}

// reloads saves a change ten times and waits for the new code each time.
func reloads(t *testing.T, r *running, project string) []float64 {
	file := filepath.Join(project, "src", "index.ts")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var took []float64
	for i := range 10 {
		want := "v" + strconv.Itoa(i+1)
		began := time.Now()
		if err := os.WriteFile(file, bytes.ReplaceAll(source, []byte(`"v0"`), []byte(`"`+want+`"`)), 0o666); err != nil {
			t.Fatal(err)
		}
		for {
			if got, err := get(http.DefaultClient, r.url+"/version"); err == nil && got == want {
				break
			}
			if time.Since(began) > 20*time.Second {
				t.Fatalf("new code never came:\n%s", r.out)
			}
			time.Sleep(time.Millisecond)
		}
		took = append(took, ms(time.Since(began)))
		time.Sleep(300 * time.Millisecond)
	}
	return took
}

// requests is a load of requests over kept connections.
func requests(next func() string) func(*testing.T, string) float64 {
	return func(t *testing.T, url string) float64 {
		host := strings.TrimPrefix(url, "http://")
		var count, failed atomic.Int64
		stop := time.Now().Add(benchRound)
		var wait sync.WaitGroup
		for range benchConnections {
			wait.Go(func() {
				if err := ask(host, stop, next, &count); err != nil {
					failed.Add(1)
				}
			})
		}
		wait.Wait()
		if n := failed.Load(); n > 0 {
			t.Logf("%s %s: %d connections failed", url, next(), n)
		}
		return float64(count.Load()) / benchRound.Seconds()
	}
}

// ask sends one request after the other and counts the answers.
func ask(host string, stop time.Time, next func() string, count *atomic.Int64) error {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for time.Now().Before(stop) {
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", next(), host)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", res.StatusCode)
		}
		count.Add(1)
	}
	return nil
}

// touch increments n objects, each once, and counts the errors.
func touch(url string, n int) (failed float64) {
	var wait sync.WaitGroup
	var errs atomic.Int64
	names := make(chan int)
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for name := range names {
				if _, err := get(http.DefaultClient, url+"/increment?name=touch-"+strconv.Itoa(name)); err != nil {
					errs.Add(1)
				}
			}
		}()
	}
	for i := range n {
		names <- i
	}
	close(names)
	wait.Wait()
	return float64(errs.Load())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func report(t *testing.T, contenders []contender, results []map[string]float64) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-36s", "")
	for i, s := range contenders {
		fmt.Fprintf(&b, "%14s", s.name)
		if i > 0 {
			fmt.Fprintf(&b, "%10s", "better")
		}
	}
	b.WriteByte('\n')
	for _, m := range measures {
		fmt.Fprintf(&b, "%-36s", m.name+" "+m.unit)
		for i, r := range results {
			fmt.Fprintf(&b, "%14.1f", r[m.name])
			if i > 0 {
				fmt.Fprintf(&b, "%10s", ratio(results[0][m.name], r[m.name], m.less))
			}
		}
		b.WriteByte('\n')
	}
	t.Log(b.String())
}

// ratio is how many times better ours is than theirs.
func ratio(ours, theirs float64, less bool) string {
	if ours == 0 || theirs == 0 {
		return ""
	}
	if less {
		return fmt.Sprintf("%.1f×", theirs/ours)
	}
	return fmt.Sprintf("%.1f×", ours/theirs)
}
