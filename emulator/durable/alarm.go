package durable

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/object"
)

// An alarm whose handler throws is tried again: six times, after two seconds
// and twice as long each time, give or take a quarter.
// https://developers.cloudflare.com/durable-objects/api/alarms/
const (
	alarmTries    = 6
	alarmBackoff  = 2 * time.Second
	alarmJitter   = 0.25
	alarmWallTime = 15 * time.Minute
)

// alarmLag keeps an alarm that is due at once from running before the call that
// set it has returned to its caller, as on the platform.
const alarmLag = 5 * time.Millisecond

// AlarmInfo is what an alarm handler is told.
type AlarmInfo struct {
	RetryCount int
	Scheduled  time.Time
}

// alarmState is what an object remembers of its alarm beyond the stored time.
type alarmState struct {
	running bool
	changed bool // set or deleted while the handler ran
	retries int
	noRetry bool // ctx.abort asked not to run it again
}

// alarms calls objects when their alarms are due.
type alarms struct {
	m       *Objects
	mu      sync.Mutex
	times   map[object.Key]due
	disarm  func()
	armed   time.Time
	started bool
	stopped bool
}

type due struct {
	ref object.Ref
	at  time.Time
}

func (a *alarms) init(m *Objects) { a.m, a.times = m, map[object.Key]due{} }

// Schedule notes an alarm that is already stored, such as those found when the
// server starts. Alarms do not run before StartAlarms.
func (m *Objects) Schedule(ref object.Ref, at time.Time) { m.alarms.set(ref, at) }

// StartAlarms lets alarms run; those that are overdue run at once.
func (m *Objects) StartAlarms() {
	m.alarms.mu.Lock()
	defer m.alarms.mu.Unlock()
	m.alarms.started = true
	m.alarms.armLocked()
}

// NextAlarm is when the object will next be called, for people.
func (m *Objects) NextAlarm(ref object.Ref) (time.Time, bool) {
	m.alarms.mu.Lock()
	defer m.alarms.mu.Unlock()
	d, ok := m.alarms.times[ref.Key()]
	return d.at, ok
}

// FireAlarm runs an object's pending alarm now. done is told when the handler
// has ended, or at once, with false, when none is pending.
func (m *Objects) FireAlarm(ref object.Ref, done func(ran bool, err error)) {
	if _, ok := m.NextAlarm(ref); !ok {
		done(false, nil)
		return
	}
	m.alarms.forget(ref)
	m.deliverAlarm(ref, true, done)
}

func (a *alarms) set(ref object.Ref, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times[ref.Key()] = due{ref, at}
	a.armLocked()
}

func (a *alarms) forget(ref object.Ref) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.times, ref.Key())
}

func (a *alarms) armLocked() {
	if !a.started || a.stopped {
		return
	}
	var first time.Time
	for _, d := range a.times {
		if first.IsZero() || d.at.Before(first) {
			first = d.at
		}
	}
	if first.IsZero() || (a.disarm != nil && a.armed.Equal(first)) {
		return
	}
	if a.disarm != nil {
		a.disarm()
	}
	a.armed = first
	// The clock counts in finer steps than alarms do, which are in milliseconds.
	a.disarm = a.m.opts.Clock.AfterFunc(max(first.Sub(a.m.opts.Clock.Now()), alarmLag), a.fire)
}

func (a *alarms) fire() {
	now := a.m.opts.Clock.Now()
	a.mu.Lock()
	a.disarm = nil
	var ready []object.Ref
	for k, d := range a.times {
		if !d.at.After(now) {
			ready = append(ready, d.ref)
			delete(a.times, k)
		}
	}
	a.armLocked()
	a.mu.Unlock()
	for _, ref := range ready {
		a.m.deliverAlarm(ref, false, nil)
	}
}

func (a *alarms) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	if a.disarm != nil {
		a.disarm()
		a.disarm = nil
	}
}

// deliverAlarm sends the alarm event. Early runs it before its time.
func (m *Objects) deliverAlarm(ref object.Ref, early bool, done func(ran bool, err error)) {
	var o *Object
	ended := func(ran bool, err error) {
		if done != nil {
			done(ran, err)
			done = nil
		}
	}
	e := &Event{Name: "alarm"}
	e.Run = func(life *Life) {
		o = life.o
		at, ok, err := life.store.Alarm()
		if err != nil || !ok || o.alarm.running || (!early && at.After(life.loop.RealNow()) && o.alarm.retries == 0) {
			if ok && !o.alarm.running {
				m.alarms.set(ref, at)
			}
			life.Finish(e)
			ended(false, err)
			return
		}
		o.alarm.running, o.alarm.changed = true, false
		info := AlarmInfo{RetryCount: o.alarm.retries, Scheduled: at}
		life.home.Alarm(life, info, func(err error) {
			if !o.alarm.running || life.ended {
				return
			}
			o.alarmEnded(life, err)
			life.Finish(e)
			ended(true, err)
		})
	}
	e.Fail = func(err error) {
		if o != nil && o.alarm.running {
			o.alarm.running = false
			o.retryAlarm()
		} else if err != ErrClosed {
			m.alarms.set(ref, m.opts.Clock.Now().Add(alarmBackoff))
		}
		ended(true, err)
	}
	m.Deliver(ref, e)
}

// alarmEnded settles what becomes of the alarm whose handler has returned.
func (o *Object) alarmEnded(life *Life, err error) {
	o.alarm.running = false
	switch {
	case o.alarm.changed:
		o.alarm.retries = 0
		if at, ok, err := life.store.Alarm(); err == nil && ok {
			o.m.alarms.set(o.ref, at)
		}
	case err == nil:
		o.alarm.retries = 0
		o.clearAlarm(life)
	default:
		o.m.opts.Log(o.ref, err)
		if o.alarm.retries >= alarmTries {
			o.alarm.retries = 0
			o.clearAlarm(life)
			return
		}
		o.retryAlarm()
	}
}

func (o *Object) clearAlarm(life *Life) {
	if err := life.SetAlarm(time.Time{}, false); err != nil {
		o.m.opts.Log(o.ref, err)
	}
}

// retryAlarm calls the object again after a while.
func (o *Object) retryAlarm() {
	if o.alarm.noRetry {
		o.alarm.noRetry, o.alarm.retries = false, 0
		_ = o.m.opts.Index.Delete(o.ref)
		return
	}
	wait := float64(alarmBackoff<<o.alarm.retries) * (1 + alarmJitter*(2*rand.Float64()-1))
	o.alarm.retries++
	o.m.alarms.set(o.ref, o.m.opts.Clock.Now().Add(time.Duration(wait)))
}

// Alarm is the time the alarm is set to, as getAlarm tells it: none while the
// handler runs, unless that has set a new one.
func (l *Life) Alarm() (at time.Time, ok bool, err error) {
	if l.o.alarm.running && !l.o.alarm.changed {
		return time.Time{}, false, nil
	}
	return l.store.Alarm()
}

// SetAlarm sets the alarm, or with ok false removes it, as part of what the
// turn writes. A time that has passed counts as now.
func (l *Life) SetAlarm(at time.Time, ok bool) error {
	if now := l.loop.RealNow().Truncate(time.Millisecond); ok && at.Before(now) {
		at = now
	}
	l.o.alarm.changed = true
	l.alarmSet = true
	l.loop.Touch(l)
	return l.store.SetAlarm(at, ok)
}

// AlarmRolledBack notes that a transaction, which may have set the alarm, was
// undone.
func (l *Life) AlarmRolledBack() { l.alarmSet = l.alarmSet && l.store.Dirty() }

// SkipAlarmRetry has an alarm that the coming reset interrupts not run again.
func (l *Life) SkipAlarmRetry() { l.o.alarm.noRetry = true }

// commit makes writes durable and keeps the index of alarms right whenever the
// process dies: an entry may be too early, which firing finds out, but never
// too late.
func (o *Object) commit(l *Life) error {
	if !l.alarmSet {
		return l.store.Commit()
	}
	l.alarmSet = false
	at, ok, err := l.store.Alarm()
	if err != nil {
		return err
	}
	before, had := o.m.NextAlarm(o.ref)
	earlier := ok && (!had || at.Before(before))
	if earlier {
		if err := o.m.opts.Index.Set(o.ref, at); err != nil {
			return err
		}
	}
	if err := l.store.Commit(); err != nil {
		return err
	}
	switch {
	case !ok:
		o.m.alarms.forget(o.ref)
		return o.m.opts.Index.Delete(o.ref)
	case !earlier:
		if err := o.m.opts.Index.Set(o.ref, at); err != nil {
			return err
		}
	}
	o.alarm.retries = 0
	o.m.alarms.set(o.ref, at)
	return nil
}
