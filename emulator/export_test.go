package emulator

// Pipes is how many bodies are on their way.
func (e *Emulator) Pipes() int { return e.pipes.Len() }

// Wires is how many ends of sockets are on their way.
func (e *Emulator) Wires() int { return e.wires.Len() }
