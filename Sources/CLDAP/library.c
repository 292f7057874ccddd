#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "CLDAP.h"

const void *cldap_on(void) { return LDAP_OPT_ON; }

const void *cldap_off(void) { return LDAP_OPT_OFF; }

int cldap_library_version(void) {
  cldap_ignore_ambient_configuration();
  LDAPAPIInfo info = {.ldapai_info_version = LDAP_API_INFO_VERSION};
  if (ldap_get_option(NULL, LDAP_OPT_API_INFO, &info) != LDAP_OPT_SUCCESS) return 0;
  int version = info.ldapai_vendor_version;
  ldap_memfree(info.ldapai_vendor_name);
  ber_memvfree((void **)info.ldapai_extensions);
  return version;
}

int cldap_sasl_version(void) {
  int major = 0, minor = 0, step = 0;
  sasl_version_info(NULL, NULL, &major, &minor, &step, NULL);
  return major * 10000 + minor * 100 + step;
}

int cldap_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cldap_name_thread(void) { (void)pthread_setname_np(pthread_self(), "ldap"); }

/* A copy of the environment with one more line takes the place of the old one by a single store; neither list is ever
 * freed. setenv would not do: it moves the list under a getenv of another thread. */
static void set_no_init(void) {
  size_t count = 0;
  while (environ && environ[count]) count++;
  char **copy = malloc((count + 2) * sizeof *copy);
  if (!copy) return;
  copy[0] = "LDAPNOINIT=1";
  for (size_t i = 0; i < count; i++) copy[i + 1] = environ[i];
  copy[count + 1] = NULL;
  __atomic_store_n(&environ, copy, __ATOMIC_RELEASE);
}

void cldap_ignore_ambient_configuration(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, set_no_init);
}
