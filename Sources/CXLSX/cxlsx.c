#define _GNU_SOURCE
#include "cxlsx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

/* Rows beyond the first sheet's go to others: 16 have room for 16 million. */
enum { MAX_SHEETS = 16 };

const char *cxlsx_library_version(void) { return lxw_version(); }

struct cxlsx {
  char *path;
  lxw_workbook *workbook;
  lxw_worksheet *sheets[MAX_SHEETS];
  unsigned count;
  lxw_format *styles[CXLSX_DATE + 1];
};

/* libxlsxwriter's codes have no cause; the system's error number of just now is the best there is. */
static int code_of(lxw_error error) {
  switch (error) {
  case LXW_NO_ERROR: return 0;
  case LXW_ERROR_MEMORY_MALLOC_FAILED: return ENOMEM;
  case LXW_ERROR_CREATING_XLSX_FILE:
  case LXW_ERROR_CREATING_TMPFILE:
  case LXW_ERROR_READING_TMPFILE:
  case LXW_ERROR_ZIP_FILE_OPERATION:
  case LXW_ERROR_ZIP_FILE_ADD:
  case LXW_ERROR_ZIP_CLOSE: return errno != 0 ? errno : EIO;
  default: return EINVAL;
  }
}

static lxw_format *add_style(lxw_workbook *workbook, cxlsx_style style) {
  lxw_format *format = workbook_add_format(workbook);
  if (format == NULL) return NULL;
  format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
  switch (style) {
  case CXLSX_PLAIN: format_set_text_wrap(format); break;
  case CXLSX_HEAD:
  case CXLSX_HEAD_RIGHT:
    if (style == CXLSX_HEAD_RIGHT) {
      format_set_align(format, LXW_ALIGN_RIGHT);
      format_set_indent(format, 1);
    }
    format_set_text_wrap(format);
    format_set_bold(format);
    format_set_bg_color(format, 0xE6EBF0);
    format_set_bottom(format, LXW_BORDER_THIN);
    break;
  case CXLSX_RIGHT:
    format_set_align(format, LXW_ALIGN_RIGHT);
    format_set_indent(format, 1);
    break;
  case CXLSX_DATE:
    format_set_num_format(format, "yyyy-mm-dd");
    format_set_align(format, LXW_ALIGN_LEFT);
    break;
  }
  return format;
}

cxlsx *cxlsx_open(const char *path, const char *folder) {
  cxlsx *self = calloc(1, sizeof *self);
  if (self == NULL) return NULL;
  /* It is copied by libxlsxwriter, which doesn't write to it. */
  lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = (char *)folder};
  self->path = strdup(path);
  self->workbook = workbook_new_opt(path, &options);
  int is_whole = self->path != NULL && self->workbook != NULL;
  for (int style = CXLSX_PLAIN; is_whole && style <= CXLSX_DATE; style++) {
    self->styles[style] = add_style(self->workbook, (cxlsx_style)style);
    is_whole = self->styles[style] != NULL;
  }
  if (is_whole) return self;
  cxlsx_discard(self);
  return NULL;
}

static lxw_worksheet *current(const cxlsx *self) { return self->sheets[self->count - 1]; }

int cxlsx_add_sheet(cxlsx *self, const char *name, const char *head, const char *foot) {
  if (self->count == MAX_SHEETS) return EFBIG;
  errno = 0;
  lxw_worksheet *sheet = workbook_add_worksheet(self->workbook, name);
  /* A temporary file that can't be made, or a name that isn't one. */
  if (sheet == NULL) return errno != 0 ? errno : EINVAL;
  self->sheets[self->count++] = sheet;
  worksheet_set_landscape(sheet);
  worksheet_set_paper(sheet, 9); /* A4 */
  worksheet_fit_to_pages(sheet, 1, 0);
  worksheet_set_margins(sheet, 0.4, 0.4, 0.75, 0.75); /* inches */
  int code = code_of(worksheet_repeat_rows(sheet, 0, 0));
  if (code == 0) code = code_of(worksheet_set_header(sheet, head));
  if (code == 0) code = code_of(worksheet_set_footer(sheet, foot));
  return code;
}

int cxlsx_set_width(cxlsx *self, uint16_t column, double width) {
  return code_of(worksheet_set_column(current(self), column, column, width, NULL));
}

int cxlsx_hide(cxlsx *self, uint16_t column, double width) {
  lxw_row_col_options options = {.hidden = LXW_TRUE};
  return code_of(worksheet_set_column_opt(current(self), column, column, width, NULL, &options));
}

int cxlsx_text(cxlsx *self, uint32_t row, uint16_t column, const char *text, cxlsx_style style) {
  return code_of(worksheet_write_string(current(self), row, column, text, self->styles[style]));
}

int cxlsx_set_lines(cxlsx *self, uint32_t row, unsigned lines) {
  double height = lines * LXW_DEF_ROW_HEIGHT; /* points; a row has 409 at most */
  return code_of(worksheet_set_row(current(self), row, height < 409 ? height : 409, NULL));
}

int cxlsx_date(cxlsx *self, uint32_t row, uint16_t column, int year, int month, int day) {
  lxw_datetime date = {.year = year, .month = month, .day = day};
  return code_of(worksheet_write_datetime(current(self), row, column, &date, self->styles[CXLSX_DATE]));
}

int cxlsx_end_sheet(cxlsx *self, uint32_t last_row, uint16_t last_column) {
  worksheet_freeze_panes(current(self), 1, 0);
  return code_of(worksheet_autofilter(current(self), 0, 0, last_row, last_column));
}

/* Closes a sheet's file of rows where libxlsxwriter gave up before it did so: `rows` is the same file. */
static void close_leftover(int descriptor, int rows) {
  struct stat one, other;
  if (fstat(descriptor, &one) == 0 && fstat(rows, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev)
    close(descriptor);
}

static int describe(cxlsx *self, const char *title, const char *company, int64_t created) {
  lxw_doc_properties properties = {
      .title = (char *)title, .author = "Buzón", .company = (char *)company, .created = (time_t)created};
  return code_of(workbook_set_properties(self->workbook, &properties));
}

int cxlsx_finish(cxlsx *self, const char *title, const char *company, int64_t created) {
  int rows[MAX_SHEETS], descriptors[MAX_SHEETS];
  unsigned held = 0;
  int code = describe(self, title, company, created);
  for (; code == 0 && held < self->count; held++) {
    lxw_worksheet *sheet = self->sheets[held];
    FILE *file = sheet->optimize_tmpfile;
    descriptors[held] = fileno(file);
    rows[held] = fcntl(descriptors[held], F_DUPFD_CLOEXEC, 0);
    if (rows[held] < 0) {
      code = errno;
      break;
    }
    /* The last row is in memory still, and some of the others in the file's buffer. */
    lxw_worksheet_write_single_row(sheet);
    if (fflush(file) != 0) {
      code = errno;
    } else if (ferror(file)) {
      code = EIO;
    }
  }
  if (code == 0) {
    errno = 0;
    code = code_of(workbook_close(self->workbook)); /* frees it, whatever comes of it */
    self->workbook = NULL;
    for (unsigned sheet = 0; code != 0 && sheet < held; sheet++) close_leftover(descriptors[sheet], rows[sheet]);
    if (code == 0) code = cxlsx_check(self->path, rows, held);
  }
  for (unsigned sheet = 0; sheet < held; sheet++) close(rows[sheet]);
  cxlsx_discard(self);
  return code;
}

void cxlsx_discard(cxlsx *self) {
  if (self->workbook != NULL) {
    for (unsigned sheet = 0; sheet < self->count; sheet++) fclose(self->sheets[sheet]->optimize_tmpfile);
    lxw_workbook_free(self->workbook);
  }
  free(self->path);
  free(self);
}
