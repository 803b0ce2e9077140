// Preloaded into programs built with the thread sanitizer: tells it of Swift's Mutex.
//
// The sanitizer sees the atomic operations by which a free mutex is taken and given back, since they are inlined. Where
// threads wait for each other, libswiftSynchronization does it in the kernel (futex(2), FUTEX_LOCK_PI) and nobody tells.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

static void *next(const char *symbol) {
  void *found = dlsym(RTLD_NEXT, symbol);
  if (!found) abort();
  return found;
}

// Synchronization._MutexHandle._lockSlow(UInt32)
SWIFT void $s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF(uint32_t thread, SELF) {
  static SWIFT void (*wait)(uint32_t, SELF);
  if (!wait) wait = next("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
  wait(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

// Synchronization._MutexHandle._unlockSlow()
SWIFT void $s15Synchronization12_MutexHandleV11_unlockSlowyyF(SELF) {
  static SWIFT void (*wake)(SELF);
  if (!wake) wake = next("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
  if (__tsan_release) __tsan_release(self);
  wake(self);
}
