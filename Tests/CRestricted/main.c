/*
 * restricted COMMAND [ARGUMENT...]: runs a command under the system calls of config/systemd/buzon.service, as far as they
 * matter to a program that works without them: systemd(5) is not needed, nor any right.
 *
 *  - RestrictSUIDSGID=: a call whose mode has a set-id bit is refused (EPERM), also one that would change nothing; openat2,
 *    whose mode lies behind a pointer, is unknown (ENOSYS). So src/shared/seccomp-util.c of systemd has it.
 *  - SystemCallFilter=~@resources and the chown calls of @privileged are refused (EPERM); setpriority succeeds and does
 *    nothing.
 *
 * For tests alone: calls of another architecture (32 bits) are not looked at.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAXIMUM 512
static struct sock_filter filter[MAXIMUM];
static unsigned short count;

static void add(unsigned short code, unsigned char if_true, unsigned char if_false, unsigned value) {
  if (count < MAXIMUM) filter[count++] = (struct sock_filter){code, if_true, if_false, value};
}

/* The low half of an argument: modes and flags have 32 bits (x86-64 and arm64 are little-endian). */
static void load_argument(unsigned index) {
  add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args) + 8 * index);
}

static void answer(int error) { add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (unsigned)error); }

static void load_number(void) { add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)); }

/* This call has this answer; 0: success, and nothing is done. */
static void answer_call(unsigned call, int error) {
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call);
  answer(error);
}

/* A call whose argument `mode` has a set-id bit is refused. */
static void refuse_set_id(unsigned call, unsigned mode) {
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, call);
  load_argument(mode);
  add(BPF_JMP | BPF_JSET | BPF_K, 0, 1, S_ISUID | S_ISGID);
  answer(EPERM);
  load_number();
}

/* The same, where a flag says that there is a mode at all. */
static void refuse_set_id_with(unsigned call, unsigned flags, unsigned flag, unsigned mode) {
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 6, call);
  load_argument(flags);
  add(BPF_JMP | BPF_JSET | BPF_K, 0, 3, flag);
  load_argument(mode);
  add(BPF_JMP | BPF_JSET | BPF_K, 0, 1, S_ISUID | S_ISGID);
  answer(EPERM);
  load_number();
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: restricted COMMAND [ARGUMENT...]\n");
    return 64;
  }
  load_number();
  refuse_set_id(__NR_fchmod, 1);
  refuse_set_id(__NR_fchmodat, 2);
#ifdef __NR_fchmodat2
  refuse_set_id(__NR_fchmodat2, 2);
#endif
  refuse_set_id(__NR_mkdirat, 2);
  refuse_set_id(__NR_mknodat, 2);
  refuse_set_id_with(__NR_openat, 2, O_CREAT, 3);
  answer_call(__NR_openat2, ENOSYS);
#ifdef __NR_open
  refuse_set_id(__NR_chmod, 1);
  refuse_set_id(__NR_mkdir, 1);
  refuse_set_id(__NR_mknod, 1);
  refuse_set_id(__NR_creat, 1);
  refuse_set_id_with(__NR_open, 1, O_CREAT, 2);
  answer_call(__NR_chown, EPERM);
  answer_call(__NR_lchown, EPERM);
#endif
  answer_call(__NR_fchown, EPERM);
  answer_call(__NR_fchownat, EPERM);
  answer_call(__NR_ioprio_set, EPERM);
  answer_call(__NR_mbind, EPERM);
  answer_call(__NR_sched_setaffinity, EPERM);
  answer_call(__NR_sched_setattr, EPERM);
  answer_call(__NR_sched_setparam, EPERM);
  answer_call(__NR_sched_setscheduler, EPERM);
  answer_call(__NR_set_mempolicy, EPERM);
  answer_call(__NR_setrlimit, EPERM);
  answer_call(__NR_setpriority, 0);
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);

  struct sock_fprog program = {.len = count, .filter = filter};
  if (count == MAXIMUM || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("restricted: seccomp");
    return 71;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
