// How a call is met: for files.c and transfers.c.
#pragma once

#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What a call's name stands for, as a path from the root; and what a descriptor stands for. `path` is of PATH_MAX bytes.
const char *path_of_name(char *path, int folder, const char *name);
const char *path_of_descriptor(char *path, int descriptor);

#define NAMED(folder, name) path_of_name((char[PATH_MAX]){0}, folder, name)
#define OPENED(descriptor) path_of_descriptor((char[PATH_MAX]){0}, descriptor)

/// Leaves the function with an error where the call is to fail.
#define MEET_OR(failure, ...)                                                                                          \
  do {                                                                                                                 \
    int fate_ = faults_meet(__VA_ARGS__);                                                                              \
    if (fate_ > 0) {                                                                                                   \
      errno = fate_;                                                                                                   \
      return failure;                                                                                                  \
    }                                                                                                                  \
  } while (0)
#define MEET(...) MEET_OR(-1, __VA_ARGS__)

/// The same function under the name that programs built for large files use.
#define ALIAS(type, name, parameters, function) type name parameters __attribute__((alias(#function)))
