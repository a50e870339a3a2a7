package snapshot

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// An archive is a compressed tar file: the manifest, then the content of each
// file under its sum.
const (
	archiveManifest = "dodev-snapshot.json"
	archiveData     = "data/"
	maxManifest     = 256 << 20
)

// Export writes a snapshot to w, for another machine.
func (s Store) Export(name string, w io.Writer) error {
	m, err := s.Load(name)
	if err != nil {
		return err
	}
	if err := s.export(m, w); err != nil {
		return fmt.Errorf("export snapshot %s: %w", name, err)
	}
	return nil
}

func (s Store) export(m *Manifest, w io.Writer) error {
	zipped, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(zipped)
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: archiveManifest, Mode: 0o644, Size: int64(len(text)), ModTime: m.At}); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	for _, sum := range m.sums() {
		if err := s.exportFile(archive, sum); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zipped.Close())
}

// sums are those of all files, each once.
func (m *Manifest) sums() []string {
	var sums []string
	for _, o := range m.Objects {
		for _, f := range o.Files {
			sums = append(sums, f.Sum)
		}
	}
	slices.Sort(sums)
	return slices.Compact(sums)
}

func (s Store) exportFile(archive *tar.Writer, sum string) error {
	f, err := os.Open(s.data(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: the content of %s is missing", ErrDamaged, sum)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: archiveData + sum, Mode: 0o644, Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// Import reads what Export wrote and keeps it under a name, "" for the one it
// had. Nothing is kept of a file that is damaged or cut off.
func (s Store) Import(r io.Reader, name string) (*Manifest, error) {
	m, err := s.importAll(r, name)
	if err != nil {
		return nil, fmt.Errorf("import a snapshot: %w", err)
	}
	return m, nil
}

func (s Store) importAll(r io.Reader, name string) (*Manifest, error) {
	zipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%w: it is no exported snapshot", ErrDamaged)
	}
	archive := tar.NewReader(zipped)
	m, err := readManifest(archive)
	if err != nil {
		return nil, err
	}
	if name != "" {
		m.Name = name
	}
	if err := CheckName(m.Name); err != nil {
		return nil, err
	}
	release, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer release()
	if exists(s.manifest(m.Name)) {
		return nil, fmt.Errorf("%s: %w", m.Name, ErrExists)
	}
	if err := os.MkdirAll(s.data(""), 0o777); err != nil {
		return nil, err
	}
	if err = s.importFiles(archive, m); err == nil {
		if _, cut := io.Copy(io.Discard, zipped); cut != nil { // up to its checksum
			err = fmt.Errorf("%w: %w", ErrDamaged, cut)
		}
	}
	if err == nil {
		err = s.write(m)
	}
	if err != nil {
		return nil, errors.Join(err, s.sweep())
	}
	return m, nil
}

func readManifest(archive *tar.Reader) (*Manifest, error) {
	h, err := archive.Next()
	if err != nil || h.Name != archiveManifest || h.Size > maxManifest {
		return nil, fmt.Errorf("%w: it is no exported snapshot", ErrDamaged)
	}
	text, err := io.ReadAll(archive)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return decode(text)
}

// importFiles reads the files that a manifest names.
func (s Store) importFiles(archive *tar.Reader, m *Manifest) error {
	missing := map[string]bool{}
	for _, sum := range m.sums() {
		missing[sum] = true
	}
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		sum, ok := strings.CutPrefix(h.Name, archiveData)
		if !ok || !missing[sum] {
			return fmt.Errorf("%w: %q has no place in it", ErrDamaged, h.Name)
		}
		if err := s.importFile(archive, sum); err != nil {
			return err
		}
		delete(missing, sum)
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: %d of its files are missing", ErrDamaged, len(missing))
	}
	return nil
}

func (s Store) importFile(r io.Reader, sum string) error {
	if err := s.step(); err != nil {
		return err
	}
	draft := s.data(sum) + ".new"
	f, err := os.Create(draft)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && hex.EncodeToString(h.Sum(nil)) != sum {
		err = fmt.Errorf("%w: the content of %s is not what was written", ErrDamaged, sum)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, s.data(sum))
}
