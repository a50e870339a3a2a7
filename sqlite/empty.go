package sqlite

import "encoding/binary"

// pageSize is that of every file: SQLite's default, and the real runtime's.
const pageSize = 4096

// emptyPage returns a database without tables, in WAL mode, as the file format
// lays it down (https://www.sqlite.org/fileformat.html).
func emptyPage() []byte {
	page := make([]byte, pageSize)
	copy(page, "SQLite format 3\x00")
	binary.BigEndian.PutUint16(page[16:], pageSize)
	page[18], page[19] = 2, 2                        // written and read through a WAL
	page[21], page[22], page[23] = 64, 32, 32        // payload fractions, fixed by the format
	binary.BigEndian.PutUint32(page[24:], 1)         // change counter
	binary.BigEndian.PutUint32(page[28:], 1)         // pages
	binary.BigEndian.PutUint32(page[92:], 1)         // change counter that the page count is valid for
	binary.BigEndian.PutUint32(page[96:], 3_054_001) // version of SQLite that wrote it
	page[100] = 13                                   // leaf of a table: the empty schema
	binary.BigEndian.PutUint16(page[105:], pageSize) // where its cells begin
	return page
}
