/* SPDX-License-Identifier: MIT
 * What a forger, or a careless proxy, does to a sound token. Each takes ownership of the token and
 * returns another. */
#ifndef WSE_TESTS_TWIST_H
#define WSE_TESTS_TWIST_H

typedef char *twist(char *token);

twist drop_signature;         /* header.payload. */
twist drop_last_segment;      /* header.payload */
twist keep_header_only;       /* header */
twist add_segment;            /* header.payload.signature.AAAA */
twist add_dot;                /* header.payload.signature. */
twist lead_with_dot;          /* .header.payload.signature */
twist drop_header;            /* .payload.signature */
twist drop_payload;           /* header..signature */
twist swap_header_payload;    /* payload.header.signature */
twist swap_payload_signature; /* header.signature.payload */
twist pad_signature;          /* ...= */
twist pad_payload;            /* header.payload=.signature */
twist plus_in_signature;      /* base64, not base64url */
twist slash_in_payload;
twist percent_in_signature;
twist blank_in_payload;
twist newline_after;
twist blank_before;
twist scheme_before;     /* "Bearer " that should have been cut off */
twist set_trailing_bits; /* same octets, another spelling */
twist cut_signature;     /* a few characters short */
twist lone_character;    /* a length that base64 cannot have */
twist lengthen_signature;
twist flip_signature_start;
twist flip_signature_end;
twist flip_payload;
twist zero_signature; /* as many zero octets */
twist two_letters;    /* ".." */
twist only_garbage;
twist nothing; /* "" */

#endif
