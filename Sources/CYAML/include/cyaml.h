/*
 * CYAML: libyaml's events as flat structs.
 *
 * Swift can't read libyaml's yaml_event_t by itself: its data is a union of anonymous structs, freed by a call that
 * depends on the kind. This shim does that and nothing else; what is allowed in a document is decided in Swift.
 * No anchor is resolved and no tree is built here, so a document costs what its bytes cost.
 */
#ifndef CYAML_H
#define CYAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  CYAML_ERROR,          /* not well-formed: `problem` and its place are set; no more events follow */
  CYAML_NO_MEMORY,      /* malloc failed; no more events follow */
  CYAML_STREAM_END,
  CYAML_DOCUMENT_START,
  CYAML_DOCUMENT_END,
  CYAML_ALIAS,
  CYAML_SCALAR,
  CYAML_SEQUENCE_START,
  CYAML_SEQUENCE_END,
  CYAML_MAPPING_START,
  CYAML_MAPPING_END,
  CYAML_STREAM_START,
} cyaml_kind;

/* What one call of cyaml_next found. Lines and columns count from 0; columns and indexes count Unicode scalars. */
typedef struct {
  cyaml_kind kind;
  const uint8_t *text; /* of a scalar, unescaped and folded; owned by the parser, good until the next call */
  size_t length;       /* of `text`, in bytes */
  bool plain;          /* the scalar stands without quotes and isn't a block scalar */
  bool double_quoted;  /* the scalar stands in double quotes: the only style with escapes */
  bool anchor;         /* `&name` stands before the node */
  bool tag;            /* a tag stands before the node; a lone `!` before a plain scalar is NOT told (libyaml drops it) */
  size_t line, column; /* where the node (or its anchor or tag) begins */
  size_t index, end;   /* where it begins and ends in the input, in Unicode scalars */
  const char *problem; /* libyaml's words, static */
  bool has_context;    /* context_line and context_column are set: where the broken construct begins */
  size_t problem_line, problem_column, context_line, context_column;
} cyaml_event;

typedef struct cyaml_parser cyaml_parser;

/* A parser over `bytes` (UTF-8, no byte order mark), which must outlive it. NULL: no memory. */
cyaml_parser *cyaml_open(const uint8_t *bytes, size_t length);

/* The next event. Not to be called again after CYAML_ERROR, CYAML_NO_MEMORY or CYAML_STREAM_END. */
void cyaml_next(cyaml_parser *parser, cyaml_event *event);

/* The version of the libyaml that is loaded, e.g. "0.2.5"; static. */
const char *cyaml_library_version(void);

/* Frees the parser and the text of the last event. */
void cyaml_close(cyaml_parser *parser);

#endif
