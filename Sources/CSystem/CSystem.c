#define _GNU_SOURCE
#include "CSystem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

int buzon_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
}

int buzon_syncfs(int descriptor) { return syncfs(descriptor); }

int buzon_open_path(int folder, const char *name) {
  return openat(folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int buzon_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

const char *buzon_errno_name(int code) { return strerrorname_np(code); }

const char *buzon_errno_text(int code) { return strerrordesc_np(code); }
