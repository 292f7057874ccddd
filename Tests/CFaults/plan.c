// What BUZON_FAULTS asks for, and which call meets it.
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
  bool is_on;
  char *root, *below, *gate, *calls;
  int trace;
  int error;       // 0: none fails
  int after_short; // what the write behind a short one fails with; 0: nothing
  long at, from;
  bool skips_folders, skips_files;
} plan = {.trace = -1, .from = 1};

static atomic_long met, matched;
// The descriptor whose next write fails, and 1; 0: none.
static atomic_int cut;

static int number_of(const char *name) {
  for (int code = 1; code < 200; code++) {
    const char *known = strerrorname_np(code);
    if (known && strcmp(known, name) == 0) return code;
  }
  static const char message[] = "BUZON_FAULTS: no such error\n";
  syscall(SYS_write, 2, message, sizeof message - 1);
  _exit(64);
}

static void take(char *word) {
  char *value = strchr(word, '=');
  if (value) *value++ = 0;
  if (!strcmp(word, "skip-folder-sync")) plan.skips_folders = true;
  else if (!strcmp(word, "skip-file-sync")) plan.skips_files = true;
  else if (!value) number_of(word);
  else if (!strcmp(word, "root")) plan.root = value;
  else if (!strcmp(word, "below")) plan.below = value;
  else if (!strcmp(word, "while")) plan.gate = value;
  else if (!strcmp(word, "calls")) plan.calls = value;
  else if (!strcmp(word, "at")) plan.at = atol(value);
  else if (!strcmp(word, "from")) plan.from = atol(value);
  else if (!strcmp(word, "trace"))
    plan.trace = (int)syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  else if (!strcmp(word, "error")) {
    bool is_short = !strncmp(value, "SHORT", 5);
    plan.error = is_short ? FAULTS_SHORT : number_of(value);
    if (is_short && value[5] == '+') plan.after_short = number_of(value + 6);
  } else number_of(word);
}

__attribute__((constructor)) static void read_plan(void) {
  const char *text = getenv("BUZON_FAULTS");
  // The words are kept as long as the process lives.
  char *words = text ? strdup(text) : NULL, *rest = words;
  if (!words) return;
  for (char *word; (word = strsep(&rest, ";"));)
    if (*word) take(word);
  plan.is_on = true;
}

static bool begins(const char *path, const char *with) { return !with || !strncmp(path, with, strlen(with)); }

static bool is_asked(const char *call) {
  if (!plan.calls) return true;
  size_t length = strlen(call);
  for (const char *at = plan.calls; (at = strstr(at, call)); at += length)
    if ((at == plan.calls || at[-1] == ',') && (at[length] == ',' || !at[length])) return true;
  return false;
}

/// Which errors an open gives depends on what it is to do.
static bool can_fail(const char *call) {
  if (strcmp(call, "open") && strcmp(call, "open-write")) return true;
  if (plan.error == ENOSPC || plan.error == EDQUOT) return false;
  return plan.error != EROFS || !strcmp(call, "open-write");
}

static int fate(const char *call, const char *path, const char *other, int descriptor) {
  if (!plan.error) return 0;
  if (plan.after_short && descriptor >= 0 && !strcmp(call, "write")) {
    int expected = descriptor + 1;
    if (atomic_compare_exchange_strong(&cut, &expected, 0)) return plan.after_short;
  }
  if (!is_asked(call) || !can_fail(call)) return 0;
  if (!begins(path, plan.below) && !(other && begins(other, plan.below))) return 0;
  long number = atomic_fetch_add(&matched, 1) + 1;
  if (plan.at ? number != plan.at : number < plan.from) return 0;
  if (plan.gate && syscall(SYS_faccessat, AT_FDCWD, plan.gate, F_OK, 0) != 0) return 0;
  if (plan.after_short && descriptor >= 0) atomic_store(&cut, descriptor + 1);
  return plan.error;
}

/// What has no file is shown as [socket], [poll], [inotify], and counts whatever the root.
static bool concerns(const char *path, const char *other) {
  return path[0] == '[' || begins(path, plan.root) || (other && begins(other, plan.root));
}

int faults_meet(const char *call, const char *path, const char *other, int descriptor) {
  if (!plan.is_on || !concerns(path, other)) return 0;
  // readdir leaves errno alone at the end of a folder.
  int reason = errno, result = fate(call, path, other, descriptor);
  long number = atomic_fetch_add(&met, 1) + 1;
  if (plan.trace >= 0) {
    char line[9000];
    const char *error = result > 0 ? strerrorname_np(result) : "SHORT";
    int length = snprintf(line, sizeof line, "%ld %s %s%s%s\n", number, call, path, result ? " !" : "", result ? error : "");
    syscall(SYS_write, plan.trace, line, length);
  }
  errno = reason;
  return result;
}

bool faults_skips_sync(bool is_folder, const char *path) {
  return plan.is_on && concerns(path, NULL) && (is_folder ? plan.skips_folders : plan.skips_files);
}
