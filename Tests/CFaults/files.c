// The calls on files and folders, in place of the C library's. Each asks `faults_meet` first and then makes the system
// call itself, so that nothing depends on the order in which libraries are loaded.
#define _GNU_SOURCE
#include "calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

// MARK: By name

static int open_at(int folder, const char *name, int flags, mode_t mode) {
  bool writes = (flags & O_ACCMODE) != O_RDONLY && !(flags & O_PATH);
  const char *call = flags & O_CREAT ? "create" : writes ? "open-write" : "open";
  MEET(call, NAMED(folder, name), NULL, -1);
  return (int)syscall(SYS_openat, folder, name, flags, mode);
}

#define OPENING(flags, mode)                                                                                           \
  mode_t mode = 0;                                                                                                     \
  if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) {                                                     \
    va_list rest;                                                                                                      \
    va_start(rest, flags);                                                                                             \
    mode = (mode_t)va_arg(rest, int);                                                                                  \
    va_end(rest);                                                                                                      \
  }

int open(const char *name, int flags, ...) {
  OPENING(flags, mode)
  return open_at(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
  OPENING(flags, mode)
  return open_at(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...) {
  OPENING(flags, mode)
  return open_at(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
  OPENING(flags, mode)
  return open_at(folder, name, flags, mode);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  MEET("rename", NAMED(to_folder, to), NAMED(from_folder, from), -1);
  return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  MEET("link", NAMED(to_folder, to), NAMED(from_folder, from), -1);
  return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *name, int flags) {
  MEET(flags & AT_REMOVEDIR ? "rmdir" : "unlink", NAMED(folder, name), NULL, -1);
  return (int)syscall(SYS_unlinkat, folder, name, flags);
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdirat(int folder, const char *name, mode_t mode) {
  MEET("mkdir", NAMED(folder, name), NULL, -1);
  return (int)syscall(SYS_mkdirat, folder, name, mode);
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int fstatat(int folder, const char *restrict name, struct stat *restrict status, int flags) {
  MEET("stat", NAMED(folder, name), NULL, -1);
  return (int)syscall(SYS_newfstatat, folder, name, status, flags);
}
int stat(const char *restrict name, struct stat *restrict status) { return fstatat(AT_FDCWD, name, status, 0); }
int lstat(const char *restrict name, struct stat *restrict status) {
  return fstatat(AT_FDCWD, name, status, AT_SYMLINK_NOFOLLOW);
}
ALIAS(int, fstatat64, (int, const char *restrict, struct stat64 *restrict, int), fstatat);
ALIAS(int, stat64, (const char *restrict, struct stat64 *restrict), stat);
ALIAS(int, lstat64, (const char *restrict, struct stat64 *restrict), lstat);

// MARK: By descriptor

int fstat(int descriptor, struct stat *status) {
  MEET("stat", OPENED(descriptor), NULL, -1);
  return (int)syscall(SYS_newfstatat, descriptor, "", status, AT_EMPTY_PATH);
}
ALIAS(int, fstat64, (int, struct stat64 *), fstat);

int ftruncate(int descriptor, off_t size) {
  MEET("truncate", OPENED(descriptor), NULL, -1);
  return (int)syscall(SYS_ftruncate, descriptor, size);
}
ALIAS(int, ftruncate64, (int, off64_t), ftruncate);

int fchmod(int descriptor, mode_t mode) {
  MEET("chmod", OPENED(descriptor), NULL, -1);
  return (int)syscall(SYS_fchmod, descriptor, mode);
}

int fchmodat(int folder, const char *name, mode_t mode, int flags) {
  MEET("chmod", NAMED(folder, name), NULL, -1);
  return (int)syscall(SYS_fchmodat, folder, name, mode, flags);
}

int flock(int descriptor, int operation) {
  MEET("lock", OPENED(descriptor), NULL, -1);
  return (int)syscall(SYS_flock, descriptor, operation);
}

int fcntl(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  // A number or a pointer, as the system call takes it.
  unsigned long argument = va_arg(rest, unsigned long);
  va_end(rest);
  if (command == F_SETLK && ((struct flock *)argument)->l_type != F_UNLCK) MEET("lock", OPENED(descriptor), NULL, -1);
  return (int)syscall(SYS_fcntl, descriptor, command, argument);
}
ALIAS(int, fcntl64, (int, int, ...), fcntl);

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  if (descriptor >= 0) {
    int fate = faults_meet("map", OPENED(descriptor), NULL, -1);
    if (fate > 0) {
      errno = fate;
      return MAP_FAILED;
    }
  }
  // mmap returns an address: long is as wide.
  return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}
ALIAS(void *, mmap64, (void *, size_t, int, int, int, off64_t), mmap);

int close(int descriptor) {
  int fate = faults_meet("close", OPENED(descriptor), NULL, -1);
  int result = (int)syscall(SYS_close, descriptor);
  if (fate <= 0) return result;
  errno = fate;
  return -1;
}

// MARK: Syncs

static int sync_by(long number, const char *call, int descriptor) {
  char path[PATH_MAX];
  const char *shown = path_of_descriptor(path, descriptor);
  MEET(call, shown, NULL, -1);
  struct stat status;
  bool is_folder = syscall(SYS_newfstatat, descriptor, "", &status, AT_EMPTY_PATH) == 0 && S_ISDIR(status.st_mode);
  if (faults_skips_sync(is_folder && number != SYS_syncfs, shown)) return 0;
  return (int)syscall(number, descriptor);
}
int fsync(int descriptor) { return sync_by(SYS_fsync, "fsync", descriptor); }
int fdatasync(int descriptor) { return sync_by(SYS_fdatasync, "fdatasync", descriptor); }
int syncfs(int descriptor) { return sync_by(SYS_syncfs, "syncfs", descriptor); }

// MARK: Names of a folder

DIR *opendir(const char *name) {
  MEET_OR(NULL, "open", NAMED(AT_FDCWD, name), NULL, -1);
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  return descriptor < 0 ? NULL : fdopendir(descriptor);
}

struct dirent *readdir(DIR *folder) {
  static struct dirent *(*real)(DIR *);
  if (!real) real = (struct dirent * (*)(DIR *)) dlsym(RTLD_NEXT, "readdir");
  MEET_OR(NULL, "readdir", OPENED(dirfd(folder)), NULL, -1);
  return real(folder);
}
