// The calls that carry bytes, of files and sockets, and those that wait for them.
#define _GNU_SOURCE
#include "calls.h"

#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// Half of it, and at least one byte; of nothing nothing.
static size_t half(size_t size) { return size > 1 ? size / 2 : size; }

/// Meets a transfer of `size` bytes and shortens it where that is asked.
#define TRANSFER(of_file, of_socket, descriptor, size)                                                                 \
  do {                                                                                                                 \
    char path_[PATH_MAX];                                                                                              \
    bool is_socket_ = strncmp(path_of_descriptor(path_, descriptor), "socket:", 7) == 0;                               \
    if (path_[0] != '/' && !is_socket_) break;                                                                         \
    int fate_ = faults_meet(is_socket_ ? of_socket : of_file, is_socket_ ? "[socket]" : path_, NULL, descriptor);        \
    if (fate_ == FAULTS_SHORT) size = half(size);                                                                      \
    if (fate_ > 0) {                                                                                                   \
      errno = fate_;                                                                                                   \
      return -1;                                                                                                       \
    }                                                                                                                  \
  } while (0)

ssize_t read(int descriptor, void *bytes, size_t size) {
  TRANSFER("read", "receive", descriptor, size);
  return syscall(SYS_read, descriptor, bytes, size);
}
ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
  TRANSFER("read", "receive", descriptor, size);
  return syscall(SYS_pread64, descriptor, bytes, size, offset);
}
ALIAS(ssize_t, pread64, (int, void *, size_t, off64_t), pread);

ssize_t write(int descriptor, const void *bytes, size_t size) {
  TRANSFER("write", "send", descriptor, size);
  return syscall(SYS_write, descriptor, bytes, size);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
  TRANSFER("write", "send", descriptor, size);
  return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}
ALIAS(ssize_t, pwrite64, (int, const void *, size_t, off64_t), pwrite);

ssize_t recv(int descriptor, void *bytes, size_t size, int flags) {
  TRANSFER("read", "receive", descriptor, size);
  return syscall(SYS_recvfrom, descriptor, bytes, size, flags, NULL, NULL);
}
ssize_t send(int descriptor, const void *bytes, size_t size, int flags) {
  TRANSFER("write", "send", descriptor, size);
  return syscall(SYS_sendto, descriptor, bytes, size, flags, NULL, 0);
}

int socket(int domain, int type, int protocol) {
  MEET("socket", "[socket]", NULL, -1);
  return (int)syscall(SYS_socket, domain, type, protocol);
}
int connect(int descriptor, const struct sockaddr *address, socklen_t size) {
  MEET("connect", "[socket]", NULL, -1);
  return (int)syscall(SYS_connect, descriptor, address, size);
}
int poll(struct pollfd *descriptors, nfds_t count, int timeout) {
  MEET("poll", "[poll]", NULL, -1);
  return (int)syscall(SYS_poll, descriptors, count, timeout);
}

int inotify_init1(int flags) {
  MEET("inotify", "[inotify]", NULL, -1);
  return (int)syscall(SYS_inotify_init1, flags);
}
int inotify_add_watch(int descriptor, const char *name, uint32_t events) {
  MEET("watch", "[inotify]", NULL, -1);
  return (int)syscall(SYS_inotify_add_watch, descriptor, name, events);
}
