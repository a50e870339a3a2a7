package quickjs

import (
	"errors"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// Entries that the VM calls where the script defines them.
const (
	entryRejected = "rejected"
	entryHandled  = "rejectionHandled"
)

// A rejection is a promise that was rejected without a handler.
type rejection struct {
	promise lib.TJSValue
	reason  lib.TJSValue
}

// rejections are those nobody has been told of yet.
type rejections struct {
	atOnce  bool                // see engine.Options
	queued  bool                // the job that tells of them
	open    []rejection         // without a handler
	late    []lib.TJSValue      // promises that got a handler after they were told of
	reasons []*engine.Exception // that no code has dealt with
}

// onRejection is called by the engine when a promise without handler is
// rejected, and again when such a promise gets one after all.
func onRejection(tls *libc.TLS, ctx uintptr, promise, reason lib.TJSValue, handled int32, opaque uintptr) {
	v := isolates.get(opaque)
	if handled == 0 {
		v.rejected.open = append(v.rejected.open, rejection{v.dup(promise), v.dup(reason)})
		v.queueReport()
		return
	}
	known := len(v.rejected.open)
	v.forgetRejections(func(r rejection) bool { return pointer(r.promise) == pointer(promise) })
	if _, told := v.entries[entryHandled]; told && len(v.rejected.open) == known {
		v.rejected.late = append(v.rejected.late, v.dup(promise))
	}
}

// queueReport has code told of rejections by a job, where it is to hear of them
// before the others have run. While a module loads its own are the importer's.
func (v *vm) queueReport() {
	if !v.rejected.atOnce || v.rejected.queued || len(v.imports) > 0 {
		return
	}
	v.rejected.queued = lib.XJS_EnqueueJob(v.tls, v.ctx, fp(onReport), 0, 0) == 0
}

func onReport(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr) lib.TJSValue {
	v := isolates.get(lib.XJS_GetContextOpaque(tls, ctx))
	v.rejected.queued = false
	v.report()
	return undefined
}

// forgetRejections drops those that match.
func (v *vm) forgetRejections(match func(rejection) bool) {
	kept := v.rejected.open[:0]
	for _, r := range v.rejected.open {
		if match(r) {
			v.free(r.promise)
			v.free(r.reason)
			continue
		}
		kept = append(kept, r)
	}
	v.rejected.open = kept
}

// report tells code of what is open and late, and keeps the reasons it has not
// dealt with.
func (v *vm) report() {
	open, late := v.rejected.open, v.rejected.late
	v.rejected.open, v.rejected.late = nil, nil
	for _, promise := range late {
		v.tell(entryHandled, promise)
		v.free(promise)
	}
	for _, r := range open {
		if !v.tell(entryRejected, r.promise, r.reason) {
			v.rejected.reasons = append(v.rejected.reasons, v.describe(r.reason))
		}
		v.free(r.promise)
		v.free(r.reason)
	}
}

// tell calls an entry if there is one, and reports whether its answer is true.
func (v *vm) tell(entry string, args ...lib.TJSValue) bool {
	fn, ok := v.entries[entry]
	if !ok {
		return false
	}
	r, err := v.call(fn, args...)
	if err != nil {
		v.rejected.reasons = append(v.rejected.reasons, asException(err))
		return false
	}
	defer v.free(r)
	return lib.XJS_ToBool(v.tls, v.ctx, r) > 0
}

// asException is an error of a call, which is one.
func asException(err error) *engine.Exception {
	var e *engine.Exception
	if errors.As(err, &e) {
		return e
	}
	return &engine.Exception{Name: "Error", Message: err.Error(), IsError: true}
}

// Rejections implements engine.VM.
func (v *vm) Rejections() []*engine.Exception {
	if len(v.rejected.open)+len(v.rejected.late)+len(v.rejected.reasons) == 0 {
		return nil
	}
	defer v.enter()()
	for len(v.rejected.open)+len(v.rejected.late) > 0 {
		v.report()
		if err := v.Drain(); err != nil { // what code did when it was told
			v.rejected.reasons = append(v.rejected.reasons, asException(err))
		}
	}
	reasons := v.rejected.reasons
	v.rejected.reasons = nil
	return reasons
}

func (v *vm) dropRejections() {
	v.forgetRejections(func(rejection) bool { return true })
	for _, promise := range v.rejected.late {
		v.free(promise)
	}
	v.rejected.late = nil
}
