// A library that is preloaded into a program under test (LD_PRELOAD=libFaults.so) and makes its system calls fail.
//
// It meets the calls on files and folders that the program and its C libraries make through the C library, and those on
// sockets as a class of their own. BUZON_FAULTS says what becomes of them: words, `;` between them, no spaces.
//
//   root=PATH       only files whose path begins so are met, and sockets; without it all
//   trace=FILE      each call that is met is appended: NUMBER CALL PATH, and ` !ERROR` where it was made to fail
//   calls=A,B       only these fail: open (reading) open-write create read write fsync fdatasync syncfs rename link unlink
//                   rmdir mkdir truncate close chmod stat lock map readdir inotify watch socket connect send receive poll
//   below=PATH      only calls on files whose path begins so fail (a rename: either path)
//   error=NAME      what they fail with (ENOSPC, …); SHORT: half of the bytes are read or written; SHORT+ENOSPC: that, and
//                   the next write to the same descriptor fails so
//   at=N            the Nth of them fails, once
//   from=N          all from the Nth on fail (1 where neither at nor from is there)
//   while=FILE      as long as this file exists
//   skip-folder-sync   fsync of a folder says that it went well, and does nothing
//   skip-file-sync     fsync, fdatasync and syncfs of all but folders the same
//
// A path is what the call names, or what /proc/self/fd says of its descriptor. A close that fails has closed. Of an
// error that open gives only when it makes a file (ENOSPC, EDQUOT) or writes (EROFS), the other opens are spared.
#pragma once

#include <stdbool.h>

/// What becomes of a call: it goes on (0), half of it is done (FAULTS_SHORT), or it fails with this errno.
enum { FAULTS_SHORT = -1 };

/// Asked before each call.
///
/// @param call    its name, as in `calls=`
/// @param path    of its file
/// @param other   the other file of a rename or link, else NULL
/// @param descriptor  what is written to; -1: none
int faults_meet(const char *call, const char *path, const char *other, int descriptor);

/// Whether a sync of such a file is left out.
bool faults_skips_sync(bool is_folder, const char *path);
