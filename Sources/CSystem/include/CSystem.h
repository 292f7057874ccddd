#ifndef BUZON_CSYSTEM_H
#define BUZON_CSYSTEM_H

// System calls that Swift's Glibc module doesn't show: it is built without _GNU_SOURCE, and it imports no variadic
// function. Each function is the call itself: same arguments, same result, same errno. The last one is libcrypt's, whose
// header no module of Swift's shows.

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// renameat2(2) with RENAME_NOREPLACE: moves a file and never overwrites one. Linux alone has it.
int buzon_rename_noreplace(int from_folder, const char *from, int to_folder, const char *to);

// syncfs(2): writes the whole file system that the descriptor lies on, once for a batch of files.
int buzon_syncfs(int descriptor);

// openat(2) of a folder with O_PATH: a folder that may be passed but not listed (mode -wx, as a drop folder has it).
int buzon_open_path(int folder, const char *name);

// eventfd(2), non-blocking, closed on exec: wakes a thread that polls.
int buzon_eventfd(void);

// getxattr(2): tells whether a file has an access control list.
ssize_t buzon_getxattr(const char *path, const char *name, void *value, size_t size);

// fcntl(2) with F_SETLEASE and F_RDLCK on a descriptor that was opened for reading alone: 0 where no process has the file
// open for writing, and none can until the descriptor is closed. -1 with errno EAGAIN: one has. EACCES: the file is
// another user's, and CAP_LEASE is missing. EINVAL: the file system knows no leases. Who opens the file for writing
// meanwhile waits, and the kernel sends us SIGURG (which nobody minds) instead of SIGIO (which would end us).
int buzon_read_lease(int descriptor);

// prctl(2) with PR_SET_DUMPABLE: no core of this process is written, and nobody but root looks into its memory.
int buzon_forbid_dumps(void);

// statfs(2) in figures: the type's magic number, bytes in a block, blocks in all, blocks that a user may still use, names in
// all, names that are free.
int buzon_statfs(const char *path, uint64_t figures[6]);

// memfd_create(2), closed on exec: a file without a name, which nobody else can open or change.
int buzon_memory_file(const char *name);

// posix_spawn_file_actions_addclosefrom_np(3): a child closes all descriptors from `first` on, also those that another
// thread opens at this moment. Returns an errno, or 0.
int buzon_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

// strerrordesc_np(3): the text of an errno, untranslated and safe beside other threads, as strerror(3) is not. NULL for a
// number that has none.
const char *buzon_errno_text(int code);

// The commit that this program was built from, given at build time (BUZON_COMMIT, Package.swift); NULL where none was. In C,
// because SwiftPM gives Swift code no values.
const char *buzon_commit(void);

// crypt_gensalt_rn(3) and crypt_ra(3) of libxcrypt: the yescrypt hash "$y$..." of a phrase at the library's own cost, with
// a salt of ours. Writes it and a NUL into `hash`, CRYPT_OUTPUT_SIZE (384) bytes at most. 0, or -1 with errno (EINVAL: the
// library lacks yescrypt, or the salt is too short). What it worked with is wiped before it is freed.
int buzon_yescrypt(const unsigned char *phrase, const unsigned char *salt, size_t salt_size, unsigned char *hash,
                   size_t hash_size);

#endif
