/* sha256.h - the fingerprint by which files are recognised. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4) as lower-case hex digits, terminated. */
void sha256_hex(size_t size, const uint8_t *bytes, char hex[65]);

#endif
