/* SPDX-License-Identifier: MIT
 * Makes tokens of every sort, sound and unsound, with keys made for the run. Shares no code with
 * the module, so that the two do not agree on a mistake. */
#ifndef WSE_TESTS_MINT_H
#define WSE_TESTS_MINT_H

/* Secrets have 64 octets here, enough for every algorithm. */
#define SECRET_A "Zq3vT8xWm1Kc5Rb9Yd2Ng6Hs4Lf7Pj0Zq3vT8xWm1Kc5Rb9Yd2Ng6Hs4Lf7Pj0AA"
#define SECRET_B "b1NnV5cX9zL3kJ7hG2fD6sA4pO8iU0yTb1NnV5cX9zL3kJ7hG2fD6sA4pO8iU0yT"

/* How a signature is made, and with which key. */
typedef enum signer {
    HS256_A,
    HS256_B,
    HS384_A,
    HS512_A,
    HS256_RSA_PEM, /* the text of rsa_a.pem as the secret */
    HS256_EMPTY,   /* an empty secret */
    RS256_A,
    RS256_B,
    RS384_A,
    RS512_A,
    PS256_A,
    PS384_A,
    PS512_A,
    PS512_SALT_32,
    PS256_SALT_20, /* a salt shorter than the digest */
    PS256_SALT_0,
    ES256_A,
    ES256_B,
    ES256_DER, /* the right signature in the wrong encoding */
    ES256_P384,
    ES384_A,
    ES512_A,
    EDDSA_A,
    EDDSA_B,
} signer;

/* Keys, and their public halves as DIR/rsa_a.pem, rsa_b.pem, rsa_small.pem, rsa_pss.pem, ec_a.pem,
 * ec_b.pem, ec_384.pem, ec_521.pem, ed_a.pem, ed_b.pem, ed_448.pem; rsa_a.key holds a private
 * key, and nothing.pem none. */
void mint_begin(void);
void mint_end(void);
const char *mint_dir(void);

/* The public half of a key, by the name of its file without ".pem", as a JWK: rsa_a, rsa_small,
 * ec_a, ec_384, ec_521, ed_a. `members` are further ones, "\"kid\":\"1\"". The caller frees. */
char *mint_jwk(const char *name, const char *members);

/* header and payload are taken as they are. The caller frees. */
char *mint_token(signer how, const char *header, const char *payload);

#endif
