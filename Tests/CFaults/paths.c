// Paths for people and for comparing.
#define _GNU_SOURCE
#include "calls.h"

#include <stdio.h>
#include <string.h>

static const char *path_of_link(char *path, const char *link) {
  int reason = errno;
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  errno = reason;
  path[length > 0 ? length : 0] = 0;
  return path;
}

const char *path_of_descriptor(char *path, int descriptor) {
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  return path_of_link(path, link);
}

const char *path_of_name(char *path, int folder, const char *name) {
  if (name[0] == '/') return name;
  if (folder == AT_FDCWD) path_of_link(path, "/proc/self/cwd");
  else path_of_descriptor(path, folder);
  if (!name[0]) return path;
  size_t length = strlen(path);
  snprintf(path + length, PATH_MAX - length, "/%s", name);
  return path;
}
