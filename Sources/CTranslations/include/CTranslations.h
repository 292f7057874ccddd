#ifndef CTRANSLATIONS_H
#define CTRANSLATIONS_H

#include <stddef.h>

/// The bytes of Sources/buzon/Translations/es.po. C, for #embed: the compiler puts the file in as it is, and builds this
/// again when it changes; as a literal of Swift it would take minutes.
const unsigned char *buzon_es_po(size_t *size);

#endif
