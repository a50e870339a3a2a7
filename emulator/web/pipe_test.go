package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/dodev/dodev/emulator/engine"
)

func TestPipeGivesBytesThenItsEnd(t *testing.T) {
	var pipes Pipes
	p := pipes.New()
	p.Push([]byte("ab"))
	p.Push([]byte("c"))
	p.Close()
	got, err := io.ReadAll(p.Reader(t.Context()))
	if string(got) != "abc" || err != nil {
		t.Errorf("read %q, %v, want abc", got, err)
	}
	if pipes.Get(p.ID()) != nil {
		t.Error("pipe is still known after both ends are done")
	}
}

func TestPipeGivesAnErrorAfterTheBytesBeforeIt(t *testing.T) {
	var pipes Pipes
	p := pipes.New()
	p.Push([]byte("part"))
	p.Fail(engine.RangeError("mid"))
	p.Close()
	got, err := io.ReadAll(p.Reader(t.Context()))
	var throw *engine.Throw
	if string(got) != "part" || !errors.As(err, &throw) || throw.Class != "RangeError" {
		t.Errorf("read %q, %v, want part and a RangeError", got, err)
	}
	if n := pipes.Len(); n != 0 {
		t.Errorf("%d pipes are open, want 0", n)
	}
}

func TestPipeHoldsAWriterThatIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pipes Pipes
		p := pipes.New()
		written := 0
		go func() {
			for range 10 {
				if p.WriteContext(t.Context(), make([]byte, 16<<10)) != nil {
					return
				}
				written += 16 << 10
			}
			p.Close()
		}()
		synctest.Wait()
		if written != pipeCredit {
			t.Errorf("writer got ahead by %d bytes, want %d", written, pipeCredit)
		}
		got, err := io.ReadAll(p.Reader(t.Context()))
		if len(got) != 160<<10 || err != nil {
			t.Errorf("read %d bytes, %v, want %d", len(got), err, 160<<10)
		}
	})
}

func TestPipeCountsWhatIsReserved(t *testing.T) {
	var pipes Pipes
	p := pipes.New()
	p.Reserve(pipeCredit)
	if p.HasRoom() {
		t.Error("there is room although all of it is reserved")
	}
	p.Push(make([]byte, pipeCredit))
	room := false
	p.WhenWritable(func() { room = true })
	if room {
		t.Error("writer may go on before anything was read")
	}
	if _, err := p.Take(); err != nil || !room {
		t.Errorf("writer may go on is %v, %v, want true after the read", room, err)
	}
}

func TestPipeTellsTheWriterWhyItsReaderLeft(t *testing.T) {
	var pipes Pipes
	p := pipes.New()
	var told *engine.Throw
	p.WhenCancelled(func(reason *engine.Throw) { told = reason })
	reason := engine.RangeError("enough")
	p.Cancel(reason)
	p.Cancel(engine.Error("again"))
	if told != reason {
		t.Errorf("writer was told %v, want %v", told, reason)
	}
	if err := p.WriteContext(t.Context(), []byte("x")); !errors.Is(err, reason) {
		t.Errorf("write after cancel gave %v, want %v", err, reason)
	}
	p.Close()
	p.Close()
	if n := pipes.Len(); n != 0 {
		t.Errorf("%d pipes are open, want 0", n)
	}
}

func TestPipeIsGivenUpWithWhoeverHoldsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pipes Pipes
		first, endFirst := context.WithCancelCause(t.Context())
		second, endSecond := context.WithCancelCause(t.Context())
		p := pipes.New()
		p.Hold(first)
		p.Hold(second)
		endFirst(errors.New("passed on before"))
		synctest.Wait()
		if pipes.Get(p.ID()) != p || p.WriteContext(t.Context(), []byte("x")) != nil {
			t.Error("pipe was given up by a holder that had passed it on")
		}
		endSecond(engine.Error("reset"))
		synctest.Wait()
		if err := p.WriteContext(t.Context(), []byte("x")); err == nil || err.Error() != "Error: reset" {
			t.Errorf("write after the holder is gone gave %v, want its cause", err)
		}
		p.Close()
	})
}

func TestPipeReadToItsEndTellsTheWriterNothing(t *testing.T) {
	var pipes Pipes
	p := pipes.New()
	p.Close()
	if _, err := p.Take(); err != io.EOF {
		t.Errorf("read gave %v, want io.EOF", err)
	}
	p.Cancel(engine.Error("late"))
	p.WhenCancelled(func(reason *engine.Throw) { t.Errorf("writer was told %v", reason) })
}

func TestZipWorksByteByByte(t *testing.T) {
	plain := bytes.Repeat([]byte("a stream in pieces "), 500)
	for _, format := range []string{"gzip", "deflate", "deflate-raw"} {
		packed := push(t, newZip(format, false), plain, 100)
		if got := push(t, newZip(format, true), packed, 1); !bytes.Equal(got, plain) {
			t.Errorf("%s: %d bytes came back, want the %d that went in", format, len(got), len(plain))
		}
	}
}

func push(t *testing.T, z zip, data []byte, size int) (out []byte) {
	t.Helper()
	for len(data) > 0 {
		n := min(size, len(data))
		got, err := z.Write(data[:n])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, got...)
		data = data[n:]
	}
	rest, err := z.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return append(out, rest...)
}

func TestZipMayBeClosedUnfinished(t *testing.T) {
	z := newZip("gzip", true)
	if _, err := z.Write([]byte{0x1f}); err != nil {
		t.Fatal(err)
	}
	z.Close()
	z.Close()
}

func FuzzUnpack(f *testing.F) {
	f.Add("gzip", []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 3)
	f.Add("deflate-raw", []byte{3, 0}, 1)
	f.Fuzz(func(t *testing.T, format string, data []byte, cut int) {
		z := newZip(format, true)
		defer z.Close()
		at := max(0, min(cut, len(data)))
		for _, piece := range [][]byte{data[:at], data[at:]} {
			if _, err := z.Write(piece); err != nil {
				return
			}
		}
		z.Finish()
	})
}
