/* CLDAP: what Swift can't say to libldap by itself. Each function tells why it exists. */
#ifndef CLDAP_H
#define CLDAP_H

#include <lber.h>
#include <ldap.h>
#include <openldap.h>
#include <sasl/sasl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* LDAP_OPT_ON and LDAP_OPT_OFF are macros over the address of a variable and a null pointer: not imported. */
const void *cldap_on(void);
const void *cldap_off(void);

/* Sets LDAPNOINIT, once. Without it libldap reads ldap.conf, ~/.ldaprc, ./ldaprc and LDAP* variables at its first call, and
 * any of them can switch the certificate check off (ldap.conf(5)). cldap_library_version, which is the first call of
 * libldap, calls this. It is no constructor: a Swift runtime that is linked statically looks for the program's arguments
 * next to the environment that the kernel made, in a constructor that may run later, and would find none. */
void cldap_ignore_ambient_configuration(void);

/* Version of the libldap that is really loaded, e.g. 20513; LDAP_VENDOR_VERSION tells only the header's. */
int cldap_library_version(void);

/* Version of the libsasl2 that is loaded, e.g. 20128 (2.1.28). */
int cldap_sasl_version(void);

/* A non-blocking, close-on-exec eventfd, or -1: sys/eventfd.h is not in Swift's Glibc. */
int cldap_eventfd(void);

/* Names the calling thread "ldap", for ps and debuggers: pthread_setname_np is a GNU extension that Swift doesn't see. */
void cldap_name_thread(void);

/*
 * The transport: the lowest layer of a connection's Sockbuf, in the place of libldap's own (lber-sockbuf(3)).
 *
 * libldap's layer has four faults that an asynchronous client can't live with; this one has none of them.
 *  - A write to a dead peer raises SIGPIPE; here every send says MSG_NOSIGNAL, and every call MSG_DONTWAIT, for libldap
 *    switches O_NONBLOCK off after a handshake.
 *  - A full socket buffer leaves half a message inside libldap: the next request is refused with LDAP_BUSY, an abandon
 *    is written into the middle of the message, and nothing tells when the rest has gone. Here what the kernel doesn't
 *    take waits in `out`, so libldap never sees a partial write.
 *  - Two reads and two polls per answer; here one recv fetches all that has arrived.
 *  - Whether a request left this process can't be told; here `accepted` and `sent` count bytes, so that a request that
 *    never left is known for certain not to have been applied.
 */
typedef struct cldap_transport cldap_transport;

/* Makes a handle over a connected, non-blocking descriptor. `url` names the peer (the certificate check uses its host).
 * On success the handle owns the descriptor and the transport, and ldap_unbind_ext frees all three; on failure
 * (an LDAP error code is returned) the descriptor is closed. */
int cldap_open(int fd, const char *url, LDAP **ld, cldap_transport **transport);

/* While corked, writes only gather; cldap_flush sends them with one system call. Uncorked, each write is sent at once,
 * as a TLS handshake and a bind need. */
void cldap_cork(cldap_transport *transport, int corked);

/* Receives what has arrived, at most one buffer full. Bytes received; 0 when nothing waits; -1 at the end of the stream
 * or after an error. Bytes of before stay readable. */
ssize_t cldap_fill(cldap_transport *transport);

/* Sends what waits. 1 when all has gone, 0 when the kernel took only a part, -1 when the peer is gone. */
int cldap_flush(cldap_transport *transport);

/* Whether bytes wait to be sent. */
int cldap_has_unsent(const cldap_transport *transport);

/* Bytes that libldap (and TLS) wrote so far, and those of them that the kernel took. */
uint64_t cldap_accepted(const cldap_transport *transport);
uint64_t cldap_sent(const cldap_transport *transport);

/* 0 while bytes can come; -1 when the peer has closed the connection; else the errno that ended it. */
int cldap_ended(const cldap_transport *transport);

/* Whether ldap_result has something to read without touching the socket: bytes received or decrypted, or the end. */
int cldap_readable(const cldap_transport *transport);

#endif
