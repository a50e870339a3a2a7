package sqlite

import "errors"

// Rest closes the databases that of chooses by their paths, all for nil, and that
// nobody holds, so that their files can be copied or replaced until the next one
// is used. It returns the paths of those that stay open, since someone holds them
// or a transaction or cursor is open.
func (p *Pool) Rest(of func(path string) bool) (open []string, err error) {
	p.mu.Lock()
	var surplus []*pooled
	for path, e := range p.byPath {
		switch {
		case of != nil && !of(path):
		case e.gone != nil: // it is being closed
		case e.users > 0 || !e.object.Idle():
			open = append(open, path)
		default:
			surplus = append(surplus, p.takeLocked(e))
		}
	}
	p.mu.Unlock()
	var errs []error
	for _, e := range surplus {
		errs = append(errs, p.close(e))
	}
	return open, errors.Join(errs...)
}
