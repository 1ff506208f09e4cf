/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels, lengths, hashes and name entries as the trace holds them. No system calls. */
#include <string.h>

#include "kutrace.h"

static uint32_t base40_digit(unsigned char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 1u;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 1u;
	if (c >= '0' && c <= '9')
		return c - '0' + 27u;
	return c == '-' ? 37 : c == '/' ? 39 : 38;
}

uint32_t kutrace_base40(const char *label)
{
	uint32_t value = 0;
	size_t n = strnlen(label, 6);

	while (n > 0)
		value = value * 40 + base40_digit((unsigned char)label[--n]);
	return value;
}

/* log2 by squaring a mantissa of 1..2 in 2.30 fixed point: each time it passes 2, one more bit of the result. */
uint8_t kutrace_tenlg(uint64_t length)
{
	uint32_t shifts = 0, whole = 7, bits = 0;
	uint64_t mantissa;

	if (length == 0)
		return 0;
	for (; length > 255; length >>= 1)
		++shifts;
	for (mantissa = length; mantissa < 128; mantissa <<= 1)
		--whole;
	mantissa <<= 23;
	for (int k = 0; k < 16; ++k) {
		mantissa = mantissa * mantissa >> 30;
		bits <<= 1;
		if (mantissa >= 1ULL << 31) {
			mantissa >>= 1;
			bits |= 1;
		}
	}
	const uint32_t value = 10 * shifts + (10 * (whole << 16 | bits) + (1u << 15)) / (1u << 16);
	return value > 255 ? 255 : (uint8_t)value;
}

uint32_t kutrace_message_hash(const void *message, size_t bytes)
{
	uint32_t words[8];
	uint32_t hash = 0;

	if (bytes < sizeof(words))
		return 0;
	memcpy(words, message, sizeof(words));
	for (int k = 0; k < 8; ++k)
		hash ^= words[k];
	return hash;
}

unsigned int kutrace_pack_name(unsigned int kind, uint32_t number, const char *text, size_t bytes,
			       uint64_t words[KUTRACE_MAX_ENTRY_WORDS])
{
	unsigned int length;

	if (bytes > KUTRACE_MAX_NAME_BYTES) {
		bytes = KUTRACE_MAX_NAME_BYTES;
		/* Not in the middle of a UTF-8 character. */
		for (int k = 0; k < 3 && bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80; ++k)
			--bytes;
	}
	if (bytes == 0 || (kind & 0xf0) != 0)
		return 0;
	length = (unsigned int)(1 + (bytes + 7) / 8);
	kind |= length << 4;
	if (!kutrace_is_name(kind))
		return 0;
	memset(words, 0, KUTRACE_MAX_ENTRY_WORDS * sizeof(words[0]));
	words[0] = (uint64_t)kind << KUTRACE_EVENT_SHIFT | number;
	memcpy(words + 1, text, bytes);
	return length;
}
