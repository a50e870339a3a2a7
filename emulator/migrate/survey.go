package migrate

import (
	"slices"

	"github.com/dodev/dodev/sqlite/state"
)

// Amount is what a namespace stores.
type Amount struct {
	Objects int   `json:"objects"`
	Bytes   int64 `json:"bytes"`
	Alarms  int   `json:"alarms"`
}

// A Survey is what a state folder stores, by namespace.
type Survey map[string]Amount

// TakeSurvey counts what a folder stores. Namespaces without objects are left
// out.
func TakeSurvey(f state.Folder) (Survey, error) {
	keys, err := f.Namespaces()
	if err != nil {
		return nil, err
	}
	s := Survey{}
	for _, key := range keys {
		objects, err := f.Objects(key)
		if err != nil {
			return nil, err
		}
		if len(objects) == 0 {
			continue
		}
		a := Amount{Objects: len(objects)}
		if a.Bytes, err = f.Bytes(key); err != nil {
			return nil, err
		}
		// A server that runs has it locked, and its alarms are not what plans
		// are about then.
		if alarms, err := f.Alarms(key); err == nil {
			a.Alarms = len(alarms)
		}
		s[key] = a
	}
	return s, nil
}

// keys are the namespaces with objects, ascending.
func (s Survey) keys() []string {
	keys := make([]string, 0, len(s))
	for key := range s {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
