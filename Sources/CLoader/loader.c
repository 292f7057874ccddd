// loader URI LDIF WINDOW: adds the entries of an LDIF file as fast as libldap alone can, to measure the agent against.
//
// Binds with SASL EXTERNAL (ldapi), so it is the same identity as the agent's. The file is read and parsed before the
// clock starts. Up to WINDOW adds are outstanding on the one connection; 1 waits for each answer, as ldapadd does.
// Prints {"adds":N,"seconds":S,"cpu_seconds":C} (both from the first add to the last answer; CPU of this process, user
// and system). Ends with 1 where any add failed or went unanswered, 64 for bad arguments, 65 for a bad file.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <ldap.h>
// Needs <stdio.h> before it.
#include <ldif.h>

// slapd closes a connection with more than 1000 operations outstanding (olcConnMaxPendingAuth).
enum { LARGEST_WINDOW = 512 };

struct entries {
  LDIFRecord *all;
  size_t count;
};

static double seconds(struct timespec time) { return (double)time.tv_sec + (double)time.tv_nsec / 1e9; }

static double wall(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return seconds(now);
}

static double cpu(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return seconds(used);
}

// Entries with or without "changetype: add"; any other record is an error. Nothing is freed before the end: the values
// point into the records' own buffers.
static struct entries read_entries(const char *path) {
  LDIFFP *file = ldif_open(path, "r");
  if (!file) {
    perror(path);
    exit(65);
  }
  struct entries entries = {0};
  size_t room = 0;
  unsigned long line = 0;
  for (;;) {
    char *record = NULL;
    int size = 0;
    int found = ldif_read_record(file, &line, &record, &size);
    if (found < 0) {
      fprintf(stderr, "%s: can't be read near line %lu\n", path, line);
      exit(65);
    }
    if (found == 0) break;
    if (entries.count == room) {
      room = room ? room * 2 : 1024;
      entries.all = realloc(entries.all, room * sizeof *entries.all);
      if (!entries.all) abort();
    }
    LDIFRecord *entry = &entries.all[entries.count];
    struct berval text = {.bv_len = (ber_len_t)size, .bv_val = record};
    int code = ldap_parse_ldif_record(&text, line, entry, "loader", LDIF_DEFAULT_ADD);
    if (code != LDAP_SUCCESS || entry->lr_op != LDAP_REQ_ADD || !entry->lrop_mods) {
      fprintf(stderr, "%s: the record before line %lu is no entry\n", path, line);
      exit(65);
    }
    entries.count++;
  }
  ldif_close(file);
  return entries;
}

static void stop_unless(int code, const char *what) {
  if (code == LDAP_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", what, ldap_err2string(code));
  exit(1);
}

static LDAP *connect_external(const char *uri) {
  LDAP *ld = NULL;
  stop_unless(ldap_initialize(&ld, uri), uri);
  // The default is 2 (LDAP_OPT_PROTOCOL_VERSION of ldap_set_option(3)).
  int version = LDAP_VERSION3;
  stop_unless(ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version), "protocol version 3");
  stop_unless(ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF), "no referrals");
  stop_unless(ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON), "restart");
  // Without it a lost connection comes back silently and anonymous.
  stop_unless(ldap_set_option(ld, LDAP_OPT_KEEPCONN, LDAP_OPT_ON), "keep connection");
  struct berval none = {.bv_len = 0, .bv_val = ""};
  stop_unless(ldap_sasl_bind_s(ld, NULL, "EXTERNAL", &none, NULL, NULL, NULL), "bind");
  return ld;
}

// Waits for one answer. Returns 1 where its add failed.
static int await_answer(LDAP *ld) {
  LDAPMessage *message = NULL;
  if (ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ALL, NULL, &message) <= 0) {
    int code = LDAP_SERVER_DOWN;
    ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
    stop_unless(code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, "answer");
  }
  int code = LDAP_OTHER;
  char *diagnostic = NULL;
  int parsed = ldap_parse_result(ld, message, &code, NULL, &diagnostic, NULL, NULL, 1);
  if (parsed != LDAP_SUCCESS) code = parsed;
  if (code != LDAP_SUCCESS) {
    fprintf(stderr, "add: %s: %s\n", ldap_err2string(code), diagnostic ? diagnostic : "");
  }
  ldap_memfree(diagnostic);
  return code != LDAP_SUCCESS;
}

static size_t add_all(LDAP *ld, struct entries entries, size_t window) {
  size_t sent = 0, answered = 0, failed = 0;
  while (answered < entries.count) {
    while (sent < entries.count && sent - answered < window) {
      LDIFRecord *entry = &entries.all[sent];
      int id;
      stop_unless(ldap_add_ext(ld, entry->lr_dn.bv_val, entry->lrop_mods, NULL, NULL, &id), entry->lr_dn.bv_val);
      sent++;
    }
    failed += (size_t)await_answer(ld);
    answered++;
  }
  return failed;
}

int main(int count, char **arguments) {
  char *rest = NULL;
  long window = count == 4 ? strtol(arguments[3], &rest, 10) : 0;
  if (!rest || *rest || window < 1 || window > LARGEST_WINDOW) {
    fprintf(stderr, "usage: loader URI LDIF WINDOW (1 to %d)\n", LARGEST_WINDOW);
    return 64;
  }
  // Before the first call of libldap: otherwise ldap.conf, ./ldaprc and LDAP* variables are read.
  setenv("LDAPNOINIT", "1", 1);
  signal(SIGPIPE, SIG_IGN);

  struct entries entries = read_entries(arguments[2]);
  LDAP *ld = connect_external(arguments[1]);
  double wall_before = wall(), cpu_before = cpu();
  size_t failed = add_all(ld, entries, (size_t)window);
  double wall_taken = wall() - wall_before, cpu_taken = cpu() - cpu_before;
  ldap_unbind_ext_s(ld, NULL, NULL);
  printf("{\"adds\":%zu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", entries.count - failed, wall_taken, cpu_taken);
  return failed ? 1 : 0;
}
