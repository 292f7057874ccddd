#include "cyaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct cyaml_parser {
  yaml_parser_t parser;
  yaml_event_t event;
};

cyaml_parser *cyaml_open(const uint8_t *bytes, size_t length) {
  cyaml_parser *self = malloc(sizeof *self);
  if (self == NULL) return NULL;
  memset(&self->event, 0, sizeof self->event);
  if (!yaml_parser_initialize(&self->parser)) {
    free(self); /* yaml_parser_initialize frees its own parts when it fails */
    return NULL;
  }
  /* Said, so that libyaml doesn't guess UTF-16 from the first two bytes. */
  yaml_parser_set_encoding(&self->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&self->parser, bytes, length);
  return self;
}

static void fail(const yaml_parser_t *parser, cyaml_event *event) {
  event->kind = parser->error == YAML_MEMORY_ERROR ? CYAML_NO_MEMORY : CYAML_ERROR;
  event->problem = parser->problem != NULL ? parser->problem : "";
  event->problem_line = parser->problem_mark.line;
  event->problem_column = parser->problem_mark.column;
  event->has_context = parser->context != NULL;
  event->context_line = parser->context_mark.line;
  event->context_column = parser->context_mark.column;
}

void cyaml_next(cyaml_parser *self, cyaml_event *event) {
  yaml_event_delete(&self->event); /* harmless on a zeroed or deleted event */
  memset(event, 0, sizeof *event);
  if (!yaml_parser_parse(&self->parser, &self->event)) {
    fail(&self->parser, event);
    return;
  }
  const yaml_event_t *found = &self->event;
  event->line = found->start_mark.line;
  event->column = found->start_mark.column;
  event->index = found->start_mark.index;
  event->end = found->end_mark.index;
  switch (found->type) {
  case YAML_STREAM_START_EVENT: event->kind = CYAML_STREAM_START; break;
  case YAML_NO_EVENT:
  case YAML_STREAM_END_EVENT: event->kind = CYAML_STREAM_END; break;
  case YAML_DOCUMENT_START_EVENT: event->kind = CYAML_DOCUMENT_START; break;
  case YAML_DOCUMENT_END_EVENT: event->kind = CYAML_DOCUMENT_END; break;
  case YAML_ALIAS_EVENT: event->kind = CYAML_ALIAS; break;
  case YAML_SCALAR_EVENT:
    event->kind = CYAML_SCALAR;
    event->text = found->data.scalar.value;
    event->length = found->data.scalar.length;
    event->plain = found->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    event->double_quoted = found->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    event->anchor = found->data.scalar.anchor != NULL;
    /* libyaml drops the tag `!`, but a scalar that isn't plain is then marked as if it were. */
    event->tag = found->data.scalar.tag != NULL || (!event->plain && found->data.scalar.plain_implicit);
    break;
  case YAML_SEQUENCE_START_EVENT:
    event->kind = CYAML_SEQUENCE_START;
    event->anchor = found->data.sequence_start.anchor != NULL;
    event->tag = found->data.sequence_start.tag != NULL;
    break;
  case YAML_SEQUENCE_END_EVENT: event->kind = CYAML_SEQUENCE_END; break;
  case YAML_MAPPING_START_EVENT:
    event->kind = CYAML_MAPPING_START;
    event->anchor = found->data.mapping_start.anchor != NULL;
    event->tag = found->data.mapping_start.tag != NULL;
    break;
  case YAML_MAPPING_END_EVENT: event->kind = CYAML_MAPPING_END; break;
  }
}

const char *cyaml_library_version(void) { return yaml_get_version_string(); }

void cyaml_close(cyaml_parser *self) {
  yaml_event_delete(&self->event);
  yaml_parser_delete(&self->parser);
  free(self);
}
