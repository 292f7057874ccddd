#define _GNU_SOURCE
#include "CSystem.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

const char *buzon_commit(void) {
#ifdef BUZON_COMMIT
  return BUZON_COMMIT;
#else
  return NULL;
#endif
}

int buzon_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

int buzon_syncfs(int descriptor) { return syncfs(descriptor); }

int buzon_open_path(int folder, const char *name) {
  return openat(folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int buzon_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

ssize_t buzon_getxattr(const char *path, const char *name, void *value, size_t size) {
  return getxattr(path, name, value, size);
}

int buzon_read_lease(int descriptor) {
  if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) return -1;
  return fcntl(descriptor, F_SETLEASE, F_RDLCK);
}

int buzon_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int buzon_statfs(const char *path, uint64_t figures[6]) {
  struct statfs found;
  if (statfs(path, &found) != 0) return -1;
  figures[0] = (uint32_t)found.f_type;
  figures[1] = (uint64_t)found.f_bsize;
  figures[2] = found.f_blocks;
  figures[3] = found.f_bavail;
  figures[4] = found.f_files;
  figures[5] = found.f_ffree;
  return 0;
}

int buzon_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int buzon_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

const char *buzon_errno_text(int code) { return strerrordesc_np(code); }

int buzon_yescrypt(const unsigned char *phrase, const unsigned char *salt, size_t salt_size, unsigned char *hash,
                   size_t hash_size) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (!crypt_gensalt_rn("$y$", 0, (const char *)salt, (int)salt_size, setting, sizeof setting)) return -1;
  void *work = NULL;
  int work_size = 0;
  const char *made = crypt_ra((const char *)phrase, setting, &work, &work_size);
  int result = -1, reason = errno;
  if (made && strlen(made) < hash_size) {
    memcpy(hash, made, strlen(made) + 1);
    result = 0;
  } else if (made) {
    reason = ERANGE;
  }
  if (work) {
    explicit_bzero(work, (size_t)work_size);
    free(work);
  }
  errno = reason;
  return result;
}
