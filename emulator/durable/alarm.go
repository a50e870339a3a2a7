package durable

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/object"
)

// An alarm whose handler throws is tried again: six times, after two seconds
// and twice as long each time, and up to a quarter longer.
// https://developers.cloudflare.com/durable-objects/api/alarms/
const (
	alarmTries    = 6
	alarmBackoff  = 2 * time.Second
	alarmJitter   = 0.25
	alarmWallTime = 15 * time.Minute
)

// AlarmInfo is what an alarm handler is told.
type AlarmInfo struct {
	RetryCount int
	Scheduled  time.Time
}

// Schedule notes an alarm that is already stored, such as those found when the
// server starts. Alarms do not run before StartAlarms.
func (m *Objects) Schedule(ref object.Ref, at time.Time) { m.alarms.set(ref, at) }

// Unschedule forgets the alarm of an object that has none any more.
func (m *Objects) Unschedule(ref object.Ref) { m.alarms.forget(ref.Key()) }

// UnscheduleAll forgets the alarms of all objects of a namespace.
func (m *Objects) UnscheduleAll(namespace string) { m.alarms.forgetAll(namespace) }

// StartAlarms lets alarms run; those that are overdue run at once.
func (m *Objects) StartAlarms() { m.alarms.start() }

// NextAlarm is when the object will next be called, for people.
func (m *Objects) NextAlarm(ref object.Ref) (time.Time, bool) { return m.alarms.next(ref.Key()) }

// FireAlarm runs an object's pending alarm now. done is told when the handler
// has ended, or at once, with false, when none is pending.
func (m *Objects) FireAlarm(ref object.Ref, done func(ran bool, err error)) {
	retries, ok := m.alarms.take(ref.Key())
	if !ok {
		done(false, nil)
		return
	}
	m.deliverAlarm(ref, retries, true, done)
}

// alarmRun is one call of an object for its alarm.
type alarmRun struct {
	m       *Objects
	ref     object.Ref
	event   *Event
	retries int
	early   bool // it was asked for, whatever the time
	done    func(ran bool, err error)

	life    *Life // whose handler runs, nil before
	at      time.Time
	changed bool // the alarm was set or deleted while the handler ran
	stop    func()
}

// deliverAlarm sends the alarm event.
func (m *Objects) deliverAlarm(ref object.Ref, retries int, early bool, done func(ran bool, err error)) {
	if done == nil {
		done = func(bool, error) {}
	}
	r := &alarmRun{m: m, ref: ref, retries: retries, early: early, done: done, stop: func() {}}
	r.event = &Event{Name: "alarm", Kind: "alarm", Run: r.run, Fail: r.fail}
	if retries > 0 {
		r.event.Detail = fmt.Sprintf("retry %d", retries)
	}
	m.Deliver(ref, r.event)
}

// run asks the object's own file, which alone knows, and calls the handler.
func (r *alarmRun) run(life *Life) {
	life.loop.Touch(life)
	at, ok, err := life.store.Alarm()
	switch {
	case err != nil:
		r.m.opts.Log(r.ref, err, r.event.followed())
		r.m.alarms.again(r.ref, r.m.opts.Clock.Now().Add(alarmBackoff), r.retries)
	case !ok:
		r.m.drop(r.ref)
	case life.alarm != nil:
		// A new alarm that is due already: it is looked at when the handler ends.
	case !r.early && at.After(life.loop.RealNow()):
		r.m.alarms.again(r.ref, at, 0)
	default:
		r.begin(life, at)
		return
	}
	life.Finish(r.event)
	r.done(false, err)
}

func (r *alarmRun) begin(life *Life, at time.Time) {
	life.alarm, life.skipRetry = r, false
	r.life, r.at = life, at
	r.stop = r.m.opts.Clock.AfterFunc(alarmWallTime, func() { life.o.run(r.tooLong) })
	life.home.Alarm(life, AlarmInfo{RetryCount: r.retries, Scheduled: at}, func(err error) {
		// What becomes of the alarm is an event from outside: it must not be
		// part of a transaction that the handler left behind.
		life.Admit(nil, func() {
			life.loop.Turn(life, (*gate.Section)(nil), func() {
				life.loop.SetSpan(r.event.followed())
				r.returned(err)
			})
		})
	})
}

func (r *alarmRun) tooLong() {
	if r.life.alarm != r || r.life.ended {
		return
	}
	err := engine.Error("Alarm exceeded its allowed execution time")
	err.Props = `{"overloaded":true}`
	r.m.opts.Log(r.ref, err, r.event.followed())
	_ = r.life.Reset(err)
}

// returned settles what becomes of the alarm whose handler has returned.
func (r *alarmRun) returned(err error) {
	l := r.life
	if l.alarm != r || l.ended {
		return
	}
	switch {
	case r.changed:
		l.loop.Touch(l)
		if at, ok, err := l.store.Alarm(); err == nil && ok {
			r.m.alarms.again(r.ref, at, 0)
		}
	case err == nil || r.retries >= alarmTries:
		if err := l.setAlarm(time.Time{}, false); err != nil {
			_ = l.Reset(err)
			return
		}
	default:
		r.retry()
	}
	if err != nil {
		r.m.opts.Log(r.ref, err, r.event.followed())
	}
	l.loop.SendFor(l, func() { r.end(err) })
}

func (r *alarmRun) end(err error) {
	r.stop()
	if r.life.alarm == r {
		r.life.alarm = nil
	}
	r.event.Err = err
	if r.life.Finish(r.event) {
		r.done(true, err)
	}
}

// fail is told when the object was reset, or could not be started.
func (r *alarmRun) fail(err error) {
	r.stop()
	defer r.done(r.life != nil, err)
	if errors.Is(err, ErrClosed) {
		return // the index will tell of it
	}
	at, ok, storeErr := r.m.storedAlarm(r.ref)
	var reset *ResetError
	switch {
	case storeErr != nil:
		r.m.opts.Log(r.ref, storeErr, r.event.followed())
		r.retry()
	case !ok:
		r.m.drop(r.ref)
	case r.life != nil && !at.Equal(r.at):
		r.m.alarms.again(r.ref, at, 0)
	case errors.As(err, &reset) && reset.Update:
		r.m.alarms.again(r.ref, r.m.opts.Clock.Now(), r.retries)
	case r.retries >= alarmTries || (r.life != nil && r.life.skipRetry):
		r.m.abandon(r.ref)
	default:
		r.retry()
	}
}

// retry has the object called again after a while.
func (r *alarmRun) retry() {
	wait := float64(alarmBackoff<<min(r.retries, alarmTries)) * (1 + alarmJitter*rand.Float64())
	r.m.alarms.again(r.ref, r.m.opts.Clock.Now().Add(time.Duration(wait)), r.retries+1)
}

// drop forgets an alarm that the object does not have.
func (m *Objects) drop(ref object.Ref) {
	m.alarms.forget(ref.Key())
	if err := m.opts.Index.Delete(ref); err != nil {
		m.opts.Log(ref, err, nil)
	}
}

// storedAlarm looks into the file of an object that has no life.
func (m *Objects) storedAlarm(ref object.Ref) (at time.Time, ok bool, err error) {
	store := m.opts.OpenStore(ref)
	defer store.Release()
	return store.Alarm()
}

// abandon removes the alarm of an object that has no life: it has failed too
// often.
func (m *Objects) abandon(ref object.Ref) {
	store := m.opts.OpenStore(ref)
	defer store.Release()
	err := store.SetAlarm(time.Time{}, false)
	if err == nil {
		err = store.Commit()
	}
	if err != nil {
		_ = store.Rollback()
		m.opts.Log(ref, err, nil)
	}
	m.drop(ref)
}

// Alarm is the time the alarm is set to, as getAlarm tells it: none while the
// handler runs, unless that has set a new one.
func (l *Life) Alarm() (at time.Time, ok bool, err error) {
	if l.alarm != nil && !l.alarm.changed {
		return time.Time{}, false, nil
	}
	l.loop.Touch(l)
	return l.store.Alarm()
}

// SetAlarm sets the alarm, or with ok false removes it, as part of what the
// turn writes. A time that has passed counts as now.
func (l *Life) SetAlarm(at time.Time, ok bool) error {
	if now := l.loop.RealNow().Truncate(time.Millisecond); ok && at.Before(now) {
		at = now
	}
	if l.alarm != nil {
		l.alarm.changed = true
	}
	if l.o.facet != nil {
		l.alarmRefused = l.alarmRefused || ok
		l.loop.Touch(l)
		return nil
	}
	return l.setAlarm(at, ok)
}

func (l *Life) setAlarm(at time.Time, ok bool) error {
	l.alarmSet = true
	l.loop.Touch(l)
	return l.store.SetAlarm(at, ok)
}

// AlarmRolledBack notes that a transaction, which may have set the alarm, was
// undone.
func (l *Life) AlarmRolledBack() {
	if l.o.facet != nil {
		l.alarmRefused = false
		return
	}
	l.alarmSet = true
	l.loop.Touch(l)
	if l.alarm == nil {
		return
	}
	if at, ok, err := l.store.Alarm(); err == nil && ok && at.Equal(l.alarm.at) {
		l.alarm.changed = false
	}
}

// SkipAlarmRetry has an alarm that the coming reset interrupts not run again.
func (l *Life) SkipAlarmRetry() { l.skipRetry = true }

// commit makes writes durable and keeps the index of alarms right whenever the
// process dies: an entry may be too early, which firing finds out, but never
// too late.
func (l *Life) commit() error {
	if !l.alarmSet {
		return l.store.Commit()
	}
	m, ref := l.o.m, l.o.ref
	at, ok, err := l.store.Alarm()
	if err != nil {
		return err
	}
	indexed, known := m.alarms.known(ref.Key())
	if ok && (!known || at.Before(indexed)) {
		if err := m.opts.Index.Set(ref, at); err != nil {
			return err
		}
		m.alarms.noteIndexed(ref, at)
		indexed, known = at, true
	}
	if err := l.store.Commit(); err != nil {
		if _, had := m.alarms.next(ref.Key()); !had && known {
			m.alarms.again(ref, indexed, 0) // to find out what the file says now
		}
		return err
	}
	l.alarmSet = false
	l.alarmCommitted(at, ok, indexed)
	return nil
}

// alarmCommitted has the index and the schedule follow what was committed.
func (l *Life) alarmCommitted(at time.Time, ok bool, indexed time.Time) {
	m, ref := l.o.m, l.o.ref
	if !ok {
		if _, known := m.alarms.known(ref.Key()); known {
			m.drop(ref)
		}
		return
	}
	if at.After(indexed) {
		if err := m.opts.Index.Set(ref, at); err != nil {
			m.opts.Log(ref, err, nil)
			at = indexed // firing too early finds out
		}
	}
	if l.alarm == nil || l.alarm.changed {
		m.alarms.set(ref, at)
	}
}
