package clone

import "github.com/dodev/dodev/emulator/engine"

// hostError reads an error as the platform writes it: type, message, and an
// object of further properties.
func (d *decoder) hostError(at int) error {
	number, err := d.varint()
	if err != nil {
		return err
	}
	if uint64(number) >= uint64(len(errorTypes)) {
		return d.fail(at, "unknown type of error %d", number)
	}
	// A class that no Sink knows is shown by a property name.
	class, named := errorTypes[number], 0
	nameAt := d.pos
	if number == errorName {
		if err := d.skipPrimitive(); err != nil {
			return err
		}
	}
	known := sinkClass(class)
	if !known {
		named = 1
	}
	message, err := d.text()
	if err != nil {
		return err
	}
	if !d.next(tagBeginObject) {
		return d.fail(d.pos, "error without an object of properties")
	}
	d.register(hidden, notBuffer)
	if known {
		d.sink.BeginError(class, message, true)
	} else {
		d.sink.BeginError("Error", message, true)
		d.sink.Key("name")
		if err := d.nameAgain(nameAt, class); err != nil {
			return err
		}
	}
	n, err := d.properties(tagEndObject)
	if err != nil {
		return err
	}
	d.sink.EndError(n + named)
	return nil
}

// skipPrimitive reads the name of an error, to be fed later.
func (d *decoder) skipPrimitive() error {
	tag, err := d.peek()
	if err != nil {
		return err
	}
	switch tag {
	case tagUndefined, tagNull, tagTrue, tagFalse, tagInt32, tagUint32, tagDouble,
		tagUTF8String, tagOneByteString, tagTwoByteString, tagBigInt:
	default:
		return d.fail(d.pos, "error whose name is an object")
	}
	sink := d.sink
	d.sink = new(Encoder)
	err = d.value()
	d.sink = sink
	return err
}

// nameAgain feeds class, or if it is empty the value at offset at.
func (d *decoder) nameAgain(at int, class string) error {
	if class != "" {
		d.sink.String(class)
		return nil
	}
	pos := d.pos
	d.pos = at
	err := d.value()
	d.pos = pos
	return err
}

// v8Error reads an error in V8's own form: parts with a tag each, in a fixed
// order.
func (d *decoder) v8Error(at int) error {
	d.object()
	tag, err := d.errorTag()
	if err != nil {
		return err
	}
	class := v8ErrorClass(tag)
	if class == "" {
		class = "Error"
	} else if tag, err = d.errorTag(); err != nil {
		return err
	}
	message, hasMessage, err := d.errorText(&tag, errorMessage)
	if err != nil {
		return err
	}
	stack, hasStack, err := d.errorText(&tag, errorStack)
	if err != nil {
		return err
	}
	properties := 0
	d.sink.BeginError(class, message, hasMessage)
	if sink, ok := d.sink.(engine.Hider); ok {
		sink.Hide()
	}
	if hasStack {
		properties++
		d.sink.Key("stack")
		d.sink.String(stack)
	}
	if tag == errorCause {
		properties++
		d.sink.Key("cause")
		if err := d.value(); err != nil {
			return err
		}
		if tag, err = d.errorTag(); err != nil {
			return err
		}
	}
	if tag != errorEnd {
		return d.fail(at, "error with an unknown part %s", tagName(tag))
	}
	d.sink.EndError(properties)
	return nil
}

func (d *decoder) errorTag() (byte, error) {
	tag, err := d.varint()
	return byte(tag), err
}

// errorText reads a string if tag says that it is there, and the tag after it.
func (d *decoder) errorText(tag *byte, part byte) (s string, ok bool, err error) {
	if *tag != part {
		return "", false, nil
	}
	if s, err = d.text(); err != nil {
		return "", false, err
	}
	*tag, err = d.errorTag()
	return s, true, err
}
