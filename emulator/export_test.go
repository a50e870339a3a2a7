package emulator

// Pipes is how many bodies are on their way.
func (e *Emulator) Pipes() int { return e.pipes.Len() }

// Wires is how many ends of sockets are on their way.
func (e *Emulator) Wires() int { return e.wires.Len() }

// References is how many things isolates have given away and hold of each other.
func (e *Emulator) References() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n := 0
	for _, v := range e.workers {
		n += v.worker.References()
	}
	return n
}

// LimitObjects makes objects smaller than they are deployed.
func (o *Options) LimitObjects(bytes int64) { o.objectSize = bytes }

// ObjectSize is how many bytes an object may store, 0 for as many as there are.
func (o Options) ObjectSize() int64 { return o.maxObject() }

// FailSteps has fail called before each change to the state folder's files that
// is part of one to many objects.
func (o *Options) FailSteps(fail func() error) { o.step = fail }
