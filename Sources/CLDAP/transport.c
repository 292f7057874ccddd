#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CLDAP.h"

enum {
  READ_AHEAD = 32 * 1024,    /* bytes: a few hundred answers, or some dozen entries */
  GATHERED = 64 * 1024,      /* bytes: a corked transport sends by itself from here on */
  KEPT = 256 * 1024,         /* bytes: a larger `out` is given back once it is empty */
};

struct cldap_transport {
  Sockbuf *sb;
  char *in;
  size_t in_start, in_end;
  char *out;
  size_t out_start, out_end, out_size;
  uint64_t accepted, sent;
  int fd;
  int corked;
  int ended; /* 0 while alive; -1 at the end of the stream; else the errno of the failure */
};

static int transport_setup(Sockbuf_IO_Desc *desc, void *argument) {
  cldap_transport *t = argument;
  t->sb = desc->sbiod_sb;
  desc->sbiod_pvt = t;
  return 0;
}

static int transport_remove(Sockbuf_IO_Desc *desc) {
  cldap_transport *t = desc->sbiod_pvt;
  if (t) {
    free(t->in);
    if (t->out) explicit_bzero(t->out, t->out_size);
    free(t->out);
    free(t);
  }
  desc->sbiod_pvt = NULL;
  return 0;
}

static int transport_control(Sockbuf_IO_Desc *desc, int option, void *argument) {
  (void)argument;
  const cldap_transport *t = desc->sbiod_pvt;
  if (option == LBER_SB_OPT_DATA_READY) return t->in_start < t->in_end || t->ended != 0;
  return 0;
}

ssize_t cldap_fill(cldap_transport *t) {
  if (t->in_start == t->in_end) t->in_start = t->in_end = 0;
  if (t->in_end == READ_AHEAD) return 0;
  if (t->ended) return -1;
  for (;;) {
    ssize_t n = recv(t->fd, t->in + t->in_end, READ_AHEAD - t->in_end, MSG_DONTWAIT);
    if (n > 0) {
      t->in_end += (size_t)n;
      return n;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
    t->ended = n == 0 ? -1 : errno;
    return -1;
  }
}

static ber_slen_t transport_read(Sockbuf_IO_Desc *desc, void *buffer, ber_len_t length) {
  cldap_transport *t = desc->sbiod_pvt;
  if (t->in_start == t->in_end) {
    /* Once corked, the connection's turn decides how much is received: a stream of entries would never let go here. */
    ssize_t n = t->ended ? -1 : 0;
    if (!t->corked) {
      /* A handshake waits for the answer to what is still here. */
      (void)cldap_flush(t);
      n = cldap_fill(t);
    }
    if (n == 0) {
      errno = EWOULDBLOCK;
      return -1;
    }
    if (n < 0) {
      errno = t->ended > 0 ? t->ended : 0;
      return t->ended > 0 ? -1 : 0;
    }
  }
  size_t n = t->in_end - t->in_start;
  if (n > length) n = length;
  memcpy(buffer, t->in + t->in_start, n);
  t->in_start += n;
  return (ber_slen_t)n;
}

int cldap_flush(cldap_transport *t) {
  while (t->out_start < t->out_end) {
    ssize_t n = send(t->fd, t->out + t->out_start, t->out_end - t->out_start, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
    /* The receiving side may still hold answers: `ended` is left to cldap_fill. */
    if (n < 0) return -1;
    t->out_start += (size_t)n;
    t->sent += (uint64_t)n;
  }
  if (t->out_end > 0) {
    explicit_bzero(t->out, t->out_end); /* passwords went through here */
    if (t->out_size > KEPT) {
      free(t->out);
      t->out = NULL;
      t->out_size = 0;
    }
    t->out_start = t->out_end = 0;
  }
  return 1;
}

static int make_room(cldap_transport *t, size_t length) {
  if (t->out_size - t->out_end >= length) return 0;
  size_t waiting = t->out_end - t->out_start;
  size_t size = t->out_size ? t->out_size : 4096;
  while (size < waiting + length) {
    if (size > SIZE_MAX / 2) return -1;
    size *= 2;
  }
  char *larger = malloc(size);
  if (!larger) return -1;
  if (t->out) {
    memcpy(larger, t->out + t->out_start, waiting);
    explicit_bzero(t->out, t->out_end);
    free(t->out);
  }
  t->out = larger;
  t->out_size = size;
  t->out_start = 0;
  t->out_end = waiting;
  return 0;
}

static ber_slen_t transport_write(Sockbuf_IO_Desc *desc, void *buffer, ber_len_t length) {
  cldap_transport *t = desc->sbiod_pvt;
  if (make_room(t, length) < 0) {
    errno = ENOMEM;
    return -1;
  }
  memcpy(t->out + t->out_end, buffer, length);
  t->out_end += length;
  t->accepted += length;
  if (!t->corked || t->out_end - t->out_start >= GATHERED) {
    if (cldap_flush(t) < 0 && !t->corked) return -1;
  }
  return (ber_slen_t)length;
}

static int transport_close(Sockbuf_IO_Desc *desc) {
  cldap_transport *t = desc->sbiod_pvt;
  if (t->fd >= 0) {
    (void)cldap_flush(t); /* the unbind request and TLS's farewell, as far as they go without waiting */
    close(t->fd);
    t->fd = -1;
    t->ended = -1;
  }
  return 0;
}

static Sockbuf_IO transport_io = {
    transport_setup, transport_remove, transport_control, transport_read, transport_write, transport_close,
};

int cldap_open(int fd, const char *url, LDAP **ld, cldap_transport **transport) {
  *ld = NULL;
  cldap_transport *t = calloc(1, sizeof *t);
  char *in = malloc(READ_AHEAD);
  if (!t || !in) {
    free(t);
    free(in);
    close(fd);
    return LDAP_NO_MEMORY;
  }
  t->in = in;
  t->fd = fd;
  /* LDAP_PROTO_EXT: the caller supplies the lowest layer. */
  int code = ldap_init_fd(fd, LDAP_PROTO_EXT, url, ld);
  if (code != LDAP_SUCCESS) {
    free(in);
    free(t);
    close(fd);
    return code;
  }
  Sockbuf *sb = NULL;
  if (ldap_get_option(*ld, LDAP_OPT_SOCKBUF, &sb) != LDAP_OPT_SUCCESS || !sb ||
      ber_sockbuf_add_io(sb, &transport_io, LBER_SBIOD_LEVEL_PROVIDER, t) < 0) {
    /* Without a layer at the bottom an unbind would call through a null pointer: this handle is left to leak, which
     * only a machine without memory ever sees. */
    free(in);
    free(t);
    close(fd);
    *ld = NULL;
    return LDAP_NO_MEMORY;
  }
  *transport = t;
  return LDAP_SUCCESS;
}

void cldap_cork(cldap_transport *t, int corked) { t->corked = corked; }

int cldap_has_unsent(const cldap_transport *t) { return t->out_start < t->out_end; }

int cldap_ended(const cldap_transport *t) { return t->ended; }

uint64_t cldap_accepted(const cldap_transport *t) { return t->accepted; }

uint64_t cldap_sent(const cldap_transport *t) { return t->sent; }

int cldap_readable(const cldap_transport *t) { return ber_sockbuf_ctrl(t->sb, LBER_SB_OPT_DATA_READY, NULL) > 0; }
