#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "CLDAP.h"

const void *cldap_on(void) { return LDAP_OPT_ON; }

const void *cldap_off(void) { return LDAP_OPT_OFF; }

int cldap_library_version(void) {
  LDAPAPIInfo info = {.ldapai_info_version = LDAP_API_INFO_VERSION};
  if (ldap_get_option(NULL, LDAP_OPT_API_INFO, &info) != LDAP_OPT_SUCCESS) return 0;
  int version = info.ldapai_vendor_version;
  ldap_memfree(info.ldapai_vendor_name);
  ber_memvfree((void **)info.ldapai_extensions);
  return version;
}

int cldap_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cldap_name_thread(void) { (void)pthread_setname_np(pthread_self(), "ldap"); }

/* Before main, because setenv isn't safe beside other threads: without this libldap reads ldap.conf, ~/.ldaprc,
 * ./ldaprc and LDAP* variables at its first call, and any of them can switch the certificate check off (ldap.conf(5)). */
__attribute__((constructor)) static void ignore_ambient_configuration(void) { setenv("LDAPNOINIT", "1", 1); }
