// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"syscall"
	"time"
)

// restrictSocket gives the socket its mode before it has a name: Linux creates the file with the
// mode of the unbound socket, so that there is no moment in which others may connect.
func restrictSocket(descriptor uintptr) {
	_ = syscall.Fchmod(int(descriptor), socketMode)
}

// lockFolder takes the folder's advisory lock, which leaves no file behind and ends with its process.
// locked is false when it could not be had within limit. unlock may be called either way.
func lockFolder(folder string, limit time.Duration) (unlock func(), locked bool) {
	descriptor, err := syscall.Open(folder, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return func() {}, false
	}
	unlock = func() { _ = syscall.Close(descriptor) }
	for deadline := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		if syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return unlock, true
		}
		if time.Now().After(deadline) {
			return unlock, false
		}
	}
}
