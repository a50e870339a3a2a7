//go:build bench && linux

package main

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const benchListeners = 200

// echoes is a load of messages on hibernating sockets of as many objects, each
// sent when the one before it has come back.
func echoes(t *testing.T, url string) float64 {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var count atomic.Int64
	var wait sync.WaitGroup
	sockets := dial(ctx, t, url, "/socket?name=echo-", benchConnections)
	stop := time.Now().Add(benchRound)
	for _, ws := range sockets {
		wait.Go(func() {
			for time.Now().Before(stop) {
				if ws.Write(ctx, websocket.MessageText, []byte("hello")) != nil {
					return
				}
				if _, _, err := ws.Read(ctx); err != nil {
					return
				}
				count.Add(1)
			}
		})
	}
	wait.Wait()
	hangUp(sockets)
	return float64(count.Load()) / benchRound.Seconds()
}

// broadcasts is a load of messages that one object sends to all its sockets;
// what is counted are those that arrive.
func broadcasts(t *testing.T, url string) float64 {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var count atomic.Int64
	var wait sync.WaitGroup
	sockets := dial(ctx, t, url, "/socket?name=room&", benchListeners)
	arrived := make(chan struct{}, benchListeners)
	for _, ws := range sockets {
		wait.Go(func() {
			for {
				if _, _, err := ws.Read(ctx); err != nil {
					return
				}
				count.Add(1)
				arrived <- struct{}{}
			}
		})
	}
	stop := time.Now().Add(benchRound)
	for time.Now().Before(stop) && ctx.Err() == nil {
		if sockets[0].Write(ctx, websocket.MessageText, []byte("all")) != nil {
			break
		}
		for range benchListeners {
			select {
			case <-arrived:
			case <-ctx.Done():
			}
		}
	}
	hangUp(sockets)
	wait.Wait()
	return float64(count.Load()) / benchRound.Seconds()
}

// dial opens n sockets at paths that end in their numbers.
func dial(ctx context.Context, t *testing.T, url, path string, n int) []*websocket.Conn {
	sockets := make([]*websocket.Conn, n)
	for i := range sockets {
		ws, _, err := websocket.Dial(ctx, strings.Replace(url, "http", "ws", 1)+path+strconv.Itoa(i), nil)
		if err != nil {
			t.Fatalf("%s: %v", url, err)
		}
		sockets[i] = ws
	}
	return sockets
}

func hangUp(sockets []*websocket.Conn) {
	for _, ws := range sockets {
		_ = ws.CloseNow()
	}
}
