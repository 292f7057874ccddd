#include "CTranslations.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char es_po[] = {
#embed "../buzon/Translations/es.po"
};

const unsigned char *buzon_es_po(size_t *size) {
  *size = sizeof es_po;
  return es_po;
}
