// Preloaded by scripts/sanitize.sh. Swift's Mutex is a futex. Taken without waiting it is an atomic operation of the
// program's own, which ThreadSanitizer sees; but where a thread has waited, the kernel takes it within a library that
// isn't instrumented, and all that two threads do under it is reported as a race (of a program that counts under a
// Mutex, and counts right). This stands between the program and the library, and tells what is taken and let go. Nothing
// is suppressed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// The sanitizer's own, in the program; none in a program that isn't sanitized.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

// Swift passes the futex's address as it passes `self`.
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void (*lock)(uint32_t thread, SELF);
typedef SWIFT void (*unlock)(SELF);
typedef SWIFT _Bool (*try_lock)(SELF);

SWIFT void mutex_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void mutex_unlock(SELF) __asm__(UNLOCK);
SWIFT _Bool mutex_try_lock(SELF) __asm__(TRY_LOCK);

SWIFT void mutex_lock(uint32_t thread, SELF) {
  ((lock)dlsym(RTLD_NEXT, LOCK))(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void mutex_unlock(SELF) {
  if (__tsan_release) __tsan_release(self);
  ((unlock)dlsym(RTLD_NEXT, UNLOCK))(self);
}

SWIFT _Bool mutex_try_lock(SELF) {
  _Bool is_locked = ((try_lock)dlsym(RTLD_NEXT, TRY_LOCK))(self);
  if (is_locked && __tsan_acquire) __tsan_acquire(self);
  return is_locked;
}
