package migrate

import (
	"slices"

	"github.com/dodev/dodev/sqlite"
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
// out. The alarms of a namespace that a server has locked count as none.
func TakeSurvey(f state.Folder) (Survey, error) { return SurveyWith(f, f.Alarms) }

// SurveyWith is TakeSurvey for the server that has namespaces locked: alarms
// lists those of one.
func SurveyWith(f state.Folder, alarms func(key string) ([]sqlite.Alarm, error)) (Survey, error) {
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
		if pending, err := alarms(key); err == nil {
			a.Alarms = len(pending)
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

// NameInFile is the name that the other tool has left in an object's file, ""
// for none. Nobody may have the file open.
func NameInFile(f state.Folder, key, id string) string {
	db := sqlite.OpenObject(sqlite.ObjectPath(f.Namespace(key), id), sqlite.Options{ReadOnly: true})
	defer db.Close()
	name, _, err := db.Name()
	if err != nil {
		return ""
	}
	return name
}
