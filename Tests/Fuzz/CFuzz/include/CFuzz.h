#ifndef CFUZZ_H
#define CFUZZ_H

#include <stddef.h>
#include <stdint.h>

// libldap's own reading, as a second opinion: the DN parser and the filter writer of our LDAP target are its own.

/// One attribute of a name as libldap reads it, the bytes valid during the call alone. `rdn` counts from 0.
typedef void (*fuzz_part)(void *context, size_t rdn, const char *type, size_t type_count, const char *value,
                          size_t value_count, int is_ber);

/// Reads a DN (RFC 4514) with ldap_str2dn, telling each attribute; nonzero where it isn't one.
int fuzz_read_dn(const char *text, size_t count, fuzz_part tell, void *context);

/// Writes a filter's text (RFC 4515) as BER with ldap_pvt_put_filter, which is what ldap_search_ext sends.
///
/// Returns malloc'ed bytes for the caller to free, or NULL where libldap refuses the filter.
uint8_t *fuzz_filter_ber(const char *text, size_t *count);

/// Reads an LDAP URL with ldap_url_parse: the host, or a socket's path, and the port; nonzero where it isn't one, or asks
/// for more than a place.
int fuzz_read_url(const char *text, char *host, size_t room, int *port);

#endif
