#define LDAP_DEPRECATED 0
#include <CFuzz.h>
#include <lber.h>
#include <ldap.h>
#include <stdlib.h>
#include <string.h>

int fuzz_read_dn(const char *text, size_t count, fuzz_part tell, void *context) {
  struct berval whole = {.bv_len = count, .bv_val = (char *)text};
  LDAPDN dn = NULL;
  int code = ldap_bv2dn(&whole, &dn, LDAP_DN_FORMAT_LDAPV3);
  if (code != LDAP_SUCCESS) return code;
  for (size_t rdn = 0; dn && dn[rdn]; rdn++)
    for (LDAPAVA **part = dn[rdn]; *part; part++)
      tell(context, rdn, (*part)->la_attr.bv_val, (*part)->la_attr.bv_len, (*part)->la_value.bv_val,
           (*part)->la_value.bv_len, ((*part)->la_flags & LDAP_AVA_BINARY) != 0);
  ldap_dnfree(dn);
  return LDAP_SUCCESS;
}

// Not in a public header, but exported for slapd and its tools (ldap_pvt.h).
int ldap_pvt_put_filter(BerElement *ber, const char *text);

uint8_t *fuzz_filter_ber(const char *text, size_t *count) {
  BerElement *ber = ber_alloc_t(LBER_USE_DER);
  if (!ber) return NULL;
  uint8_t *bytes = NULL;
  struct berval *flat = NULL;
  if (ldap_pvt_put_filter(ber, text) != -1 && ber_flatten(ber, &flat) != -1) {
    // One byte at least, so that an empty filter isn't taken for a refusal.
    bytes = malloc(flat->bv_len + 1);
    if (bytes) {
      memcpy(bytes, flat->bv_val, flat->bv_len);
      *count = flat->bv_len;
    }
  }
  if (flat) ber_bvfree(flat);
  ber_free(ber, 1);
  return bytes;
}

int fuzz_read_url(const char *text, char *host, size_t room, int *port) {
  LDAPURLDesc *url = NULL;
  int code = ldap_url_parse(text, &url);
  if (code != LDAP_URL_SUCCESS) return code;
  const char *name = url->lud_host ? url->lud_host : "";
  code = strlen(name) < room ? 0 : -1;
  if (code == 0) strcpy(host, name);
  *port = url->lud_port;
  ldap_free_urldesc(url);
  return code;
}
