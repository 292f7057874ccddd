/*
 * CXLSX: a workbook of text and dates, written by libxlsxwriter row by row in bounded memory.
 *
 * libxlsxwriter says nothing where its temporary files could not be written: the workbook is then cut short and still
 * opens. This shim reads the finished file back and compares it with the rows. It also closes what libxlsxwriter leaves
 * open when a workbook is given up. What stands in which cell is decided in Swift.
 *
 * Every function answers 0 or a number of errno(3).
 */
#ifndef CXLSX_H
#define CXLSX_H

#include <stdint.h>

typedef enum {
  CXLSX_PLAIN, /* in several lines where the column is too narrow */
  CXLSX_HEAD,  /* bold on a shade, with a line below */
  CXLSX_HEAD_RIGHT,
  CXLSX_RIGHT, /* at the right edge, as numbers are */
  CXLSX_DATE,  /* yyyy-mm-dd */
} cxlsx_style;

typedef struct cxlsx cxlsx;

/* The version of the libxlsxwriter that is loaded, e.g. "1.1.4"; static. */
const char *cxlsx_library_version(void);

/*
 * Begins a workbook. `path` is written by cxlsx_finish. `folder` is for libxlsxwriter's temporary files: 0600, unlinked at
 * once, but with every row in them as plain XML; so it is to be a private one. NULL: no memory.
 */
cxlsx *cxlsx_open(const char *path, const char *folder);

/*
 * Begins the next sheet, to be printed on A4 across, its first row on every page; text goes to this sheet from now on.
 * `name`: 31 characters at most, none of []:*?/\. `head` and `foot` of each page: 255 bytes at most, in Excel's codes.
 */
int cxlsx_add_sheet(cxlsx *book, const char *name, const char *head, const char *foot);

/* The width of a column of the sheet, in characters. */
int cxlsx_set_width(cxlsx *book, uint16_t column, double width);

/* The same, and the column is not shown. */
int cxlsx_hide(cxlsx *book, uint16_t column, double width);

/*
 * Writes a cell of text: never a formula, a number or a link. Rows come in order, for each is written when the next begins.
 * `text` is UTF-8 of 32,767 characters at most.
 */
int cxlsx_text(cxlsx *book, uint32_t row, uint16_t column, const char *text, cxlsx_style style);

/* The height of the row that is being written, in lines of text. Not every program finds it by itself. */
int cxlsx_set_lines(cxlsx *book, uint32_t row, unsigned lines);

/* Writes a cell with a day from 1900 to 9999. */
int cxlsx_date(cxlsx *book, uint32_t row, uint16_t column, int year, int month, int day);

/* Freezes the first row of the sheet, and puts filters on it for the rows up to `last_row`. */
int cxlsx_end_sheet(cxlsx *book, uint32_t last_row, uint16_t last_column);

/*
 * Writes the file, reads it back, and frees the workbook whatever comes of it. ENOSPC: also where it isn't what was
 * written.
 * `created`: seconds since 1970, not 0, which would stand for now.
 */
int cxlsx_finish(cxlsx *book, const char *title, const char *company, int64_t created);

/* Frees a workbook that is not to be written. */
void cxlsx_discard(cxlsx *book);

/*
 * Reads `path` back: a zip file of whole XML documents, whose sheet N has each byte of the file rows[N - 1]. EIO: it can't be
 * read; ENOSPC: it isn't whole.
 */
int cxlsx_check(const char *path, const int *rows, unsigned sheets);

#endif
