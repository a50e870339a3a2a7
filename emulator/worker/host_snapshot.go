package worker

import (
	"bytes"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/sqlite"
)

// snapshot takes one when what the turn has written is committed, and gives the
// operation whose result is its number.
func (i *Isolate) snapshot(c engine.Call, life *durable.Life) error {
	if !i.remembers(life) {
		return recoveryError(sqlite.ErrNoHistory, "snapshots")
	}
	bookmark := c.String(1)
	op := i.loop.Begin(loop.Other)
	i.loop.Send(func() {
		if life.Over() {
			return
		}
		number, err := i.w.setup.Realm.Snapshots.take(life.Store().(*Store), bookmark)
		life.Store().Release()
		op.Done(func() {
			if err != nil {
				_ = web.Fail(i.vm, op.ID(), callError(recoveryError(err, "snapshots")).throwFor(false))
				return
			}
			_ = web.Settle(i.vm, op.ID(), engine.Int(number))
		})
	})
	c.Return(engine.Int(op.ID()))
	return nil
}

// A datum is a pair to be stored in what a snapshot leads to.
type datum struct {
	key   string
	value []byte
}

// restoreData adds a pair to what the next restoreSnapshot stores besides.
func (i *Isolate) restoreData(c engine.Call, _ *durable.Life) error {
	key := c.String(1)
	value, err := i.encode(c, 2, engine.ForStorage)
	if err != nil {
		return err
	}
	i.data = append(i.data, datum{key, bytes.Clone(value)})
	c.Return(engine.Int(len(key) + len(value)))
	return nil
}

// restoreSnapshot has the next session of an object begin with a snapshot.
func (i *Isolate) restoreSnapshot(c engine.Call, life *durable.Life) error {
	data := i.data
	i.data = nil
	if !i.remembers(life) {
		return recoveryError(sqlite.ErrNoHistory, "snapshots")
	}
	i.loop.Touch(life)
	undo, err := database(life).ReserveUndo()
	if err == nil {
		err = i.w.setup.Realm.Snapshots.prepare(life.Ref(), c.Int(1), undo, data)
	}
	if err != nil {
		return recoveryError(err, "snapshots")
	}
	c.Return(engine.String(undo))
	return nil
}
