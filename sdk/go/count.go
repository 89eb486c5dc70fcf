// SPDX-License-Identifier: Apache-2.0

package plimsoll

// Count is a number that may be unknown; the zero value is unknown, which is never the same as 0.
type Count struct {
	value uint64
	known bool
}

// Known is a count that is known. A negative number is not a count, and stays unknown.
func Known[T ~int | ~int32 | ~int64 | ~uint | ~uint32 | ~uint64](number T) Count {
	if number < 0 {
		return Count{}
	}
	return Count{value: uint64(number), known: true}
}

func (c Count) field() *uint64 {
	if !c.known {
		return nil
	}
	return &c.value
}
