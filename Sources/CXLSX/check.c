/* Reads a workbook back: each member of the zip file (APPNOTE.TXT, without zip64), inflated in bounded memory. */
#define _GNU_SOURCE
#include "cxlsx.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { BLOCK = 65536, END_SIZE = 22, ENTRY_SIZE = 46, LOCAL_SIZE = 30, NAME_SIZE = 256 };

/* Where in a sheet its rows are looked for. */
typedef enum { BEFORE_ROWS, IN_ROWS, BEHIND_ROWS } place;

typedef struct {
  uint32_t crc, packed, size, offset;
  char name[NAME_SIZE];
} member;

typedef struct {
  FILE *file;
  int rows; /* a sheet's file of rows, or -1 */
  off_t compared;
  place place;
  char root[NAME_SIZE]; /* "</ROOT>", which the document must end with */
  char last[NAME_SIZE]; /* its last bytes */
  uint32_t size, crc;
  unsigned char in[BLOCK], out[BLOCK], expected[BLOCK];
} reader;

static uint32_t number(const unsigned char *bytes, int count) {
  uint32_t value = 0;
  while (count-- > 0) value = value << 8 | bytes[count];
  return value;
}

static bool read_at(FILE *file, long offset, int from, void *bytes, size_t count) {
  return fseek(file, offset, from) == 0 && fread(bytes, 1, count, file) == count;
}

/* "</NAME>" of the first element behind the XML declaration. */
static bool find_root(reader *self, const unsigned char *text, size_t size) {
  char head[NAME_SIZE];
  size_t count = size < sizeof head - 1 ? size : sizeof head - 1;
  memcpy(head, text, count);
  head[count] = 0;
  const char *begin = strstr(head, "?>");
  begin = begin != NULL ? strchr(begin, '<') : NULL;
  if (begin == NULL) return false;
  snprintf(self->root, sizeof self->root, "</%.*s>", (int)strcspn(begin + 1, " />\n"), begin + 1);
  return true;
}

/* Compares a part of a sheet with its rows. */
static bool compare(reader *self, const unsigned char *text, size_t size) {
  static const char mark[] = "<sheetData>";
  if (self->place == BEFORE_ROWS) {
    /* What stands before the rows is far shorter than a block. */
    const unsigned char *begin = memmem(text, size, mark, sizeof mark - 1);
    if (begin == NULL) return false;
    begin += sizeof mark - 1;
    size -= (size_t)(begin - text);
    text = begin;
    self->place = IN_ROWS;
  }
  if (self->place == IN_ROWS && size > 0) {
    ssize_t got = pread(self->rows, self->expected, size, self->compared);
    if (got < 0 || memcmp(text, self->expected, (size_t)got) != 0) return false;
    self->compared += got;
    if ((size_t)got < size) {
      self->place = BEHIND_ROWS;
      return size - (size_t)got >= 2 && memcmp(text + got, "</", 2) == 0;
    }
  }
  return true;
}

static bool take(reader *self, const unsigned char *text, size_t size) {
  if (size == 0) return true;
  if (self->size == 0 && !find_root(self, text, size)) return false;
  self->size += (uint32_t)size;
  self->crc = (uint32_t)crc32(self->crc, text, (uInt)size);
  size_t kept = sizeof self->last - 1;
  if (size >= kept) {
    memcpy(self->last, text + size - kept, kept);
  } else {
    memmove(self->last, self->last + size, kept - size);
    memcpy(self->last + kept - size, text, size);
  }
  return self->rows < 0 || compare(self, text, size);
}

/* Inflates a member, block by block. */
static bool inflate_member(reader *self, const member *member) {
  z_stream stream = {0};
  uint32_t left = member->packed;
  int state = inflateInit2(&stream, -MAX_WBITS);
  bool is_good = state == Z_OK;
  while (is_good && state != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      size_t want = left < BLOCK ? left : BLOCK;
      is_good = want > 0 && fread(self->in, 1, want, self->file) == want;
      if (!is_good) break;
      left -= (uint32_t)want;
      stream.next_in = self->in;
      stream.avail_in = (uInt)want;
    }
    stream.next_out = self->out;
    stream.avail_out = BLOCK;
    state = inflate(&stream, Z_NO_FLUSH);
    is_good = (state == Z_OK || state == Z_STREAM_END) && take(self, self->out, BLOCK - stream.avail_out);
  }
  inflateEnd(&stream);
  return is_good;
}

/* Whether the document has its end; a line end may follow. */
static bool ends_with_root(const reader *self) {
  size_t end = sizeof self->last - 1, length = strlen(self->root);
  if (self->last[end - 1] == '\n') end--;
  return length > 0 && length <= end && memcmp(self->last + end - length, self->root, length) == 0;
}

static bool check_member(reader *self, const member *member) {
  unsigned char local[LOCAL_SIZE];
  if (!read_at(self->file, member->offset, SEEK_SET, local, sizeof local)) return false;
  long skipped = (long)(number(local + 26, 2) + number(local + 28, 2));
  if (fseek(self->file, skipped, SEEK_CUR) != 0) return false;
  memset(self->last, 0, sizeof self->last);
  self->place = BEFORE_ROWS;
  self->size = 0;
  self->compared = 0;
  self->crc = (uint32_t)crc32(0, NULL, 0);
  if (!inflate_member(self, member) || self->size != member->size || self->crc != member->crc) return false;
  if (!ends_with_root(self)) return false;
  return self->rows < 0 || (self->place == BEHIND_ROWS && lseek(self->rows, 0, SEEK_END) == self->compared);
}

/* Reads the next entry of the list of members. */
static bool read_entry(FILE *file, long *offset, member *member) {
  unsigned char entry[ENTRY_SIZE];
  if (!read_at(file, *offset, SEEK_SET, entry, sizeof entry) || number(entry, 4) != 0x02014B50) return false;
  uint32_t length = number(entry + 28, 2);
  if (number(entry + 10, 2) != Z_DEFLATED || length >= NAME_SIZE) return false;
  if (fread(member->name, 1, length, file) != length) return false;
  member->name[length] = 0;
  member->crc = number(entry + 16, 4);
  member->packed = number(entry + 20, 4);
  member->size = number(entry + 24, 4);
  member->offset = number(entry + 42, 4);
  *offset += ENTRY_SIZE + (long)length + (long)number(entry + 30, 2) + (long)number(entry + 32, 2);
  return true;
}

static bool check_all(reader *self, const int *rows, unsigned sheets) {
  unsigned char end[END_SIZE];
  if (!read_at(self->file, -END_SIZE, SEEK_END, end, sizeof end) || number(end, 4) != 0x06054B50) return false;
  long offset = (long)number(end + 16, 4);
  unsigned found = 0;
  for (uint32_t left = number(end + 10, 2); left > 0; left--) {
    member member;
    unsigned sheet = 0;
    if (!read_entry(self->file, &offset, &member)) return false;
    bool is_sheet = sscanf(member.name, "xl/worksheets/sheet%u.xml", &sheet) == 1 && sheet >= 1 && sheet <= sheets;
    self->rows = is_sheet ? rows[sheet - 1] : -1;
    if (is_sheet) found++;
    if (!check_member(self, &member)) return false;
  }
  return found == sheets;
}

int cxlsx_check(const char *path, const int *rows, unsigned sheets) {
  reader *self = malloc(sizeof *self);
  if (self == NULL) return ENOMEM;
  errno = 0;
  self->file = fopen(path, "rbe");
  int code = 0;
  if (self->file == NULL) {
    code = errno;
  } else {
    /* What can be read and isn't whole was cut short without a word; nearly always there was no space for it. */
    if (!check_all(self, rows, sheets)) code = ferror(self->file) ? EIO : ENOSPC;
    fclose(self->file);
  }
  free(self);
  return code;
}
