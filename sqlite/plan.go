package sqlite

import (
	"unsafe"

	lib "modernc.org/sqlite/lib"
)

// plan is the shape of a compiled program, as far as counting the rows it reads
// needs it.
type plan struct {
	once    int64 // cursors placed once
	inScan  int64 // placed once for each row of a scan of a whole table
	inLoop  int64 // placed once for each row of another loop
	virtual int64 // scans of virtual tables
	counter int32 // register with the number of rows counted, or -1
	inserts int64 // rows put into tables once
}

// newPlan reads the program of a statement.
func newPlan(v *lib.TVdbe) *plan {
	p := &plan{counter: -1}
	if v.FaOp == 0 {
		return p
	}
	ops := unsafe.Slice((*lib.TVdbeOp)(pointer(v.FaOp)), int(v.FnOp))
	for at, op := range ops {
		switch op.Fopcode {
		case lib.OP_Count:
			p.counter = op.Fp2
		case lib.OP_VNext:
			p.virtual++
		case lib.OP_Insert:
			if op.Fp5&lib.OPFLAG_ISNOOP == 0 {
				p.inserts++
			}
		case lib.OP_Rewind, lib.OP_Sort, lib.OP_SorterSort, lib.OP_Last,
			lib.OP_SeekGE, lib.OP_SeekGT, lib.OP_SeekLE, lib.OP_SeekLT, lib.OP_SeekRowid, lib.OP_NotExists:
			p.place(ops, at)
		}
	}
	return p
}

// place notes that the operation at an address places a cursor, and how often.
func (p *plan) place(ops []lib.TVdbeOp, at int) {
	for end := at + 1; end < len(ops); end++ {
		switch op := ops[end]; op.Fopcode {
		case lib.OP_Next, lib.OP_Prev, lib.OP_SorterNext:
			if int(op.Fp2) > at {
				continue // this loop starts behind it
			}
			if op.Fp5 == lib.SQLITE_STMTSTATUS_FULLSCAN_STEP {
				p.inScan++
			} else {
				p.inLoop++
			}
			return
		}
	}
	p.once++
}

// rowsRead makes up the number of rows from how often cursors moved on, and how
// many rows were returned and left behind.
func (p *plan) rowsRead(steps, scans, returned int64, v *lib.TVdbe) int64 {
	rows := steps + p.once
	if p.virtual > 0 {
		rows += returned
	}
	if p.inScan > 0 {
		rows += p.inScan * (scans + 1)
	}
	if p.inLoop > 0 {
		rows += p.inLoop * (steps - scans + 1)
	}
	if p.counter >= 0 && v.FaMem != 0 {
		register := (*lib.TMem)(pointer(v.FaMem + uintptr(p.counter)*unsafe.Sizeof(lib.TMem{})))
		rows += *(*int64)(unsafe.Pointer(&register.Fu))
	}
	return rows
}
