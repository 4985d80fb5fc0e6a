/* SPDX-License-Identifier: MIT */
#include "mint.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/must.h"

#define MAX_TOKEN 131072

static char directory[] = "/tmp/wse-jwt-XXXXXX";
static EVP_PKEY *rsa_a, *rsa_b, *rsa_small, *rsa_pss, *ec_a, *ec_b, *ec_384, *ec_521, *ed_a, *ed_b,
    *ed_448;
static char rsa_a_pem[4096];

static const struct {
    const char *name;
    EVP_PKEY **key;
} files[] = {{"rsa_a", &rsa_a}, {"rsa_b", &rsa_b}, {"rsa_small", &rsa_small}, {"rsa_pss", &rsa_pss},
             {"ec_a", &ec_a},   {"ec_b", &ec_b},   {"ec_384", &ec_384},       {"ec_521", &ec_521},
             {"ed_a", &ed_a},   {"ed_b", &ed_b},   {"ed_448", &ed_448}};
#define FILE_COUNT (sizeof files / sizeof files[0])

static void path_of(const char *name, char *ret, size_t size) {
    snprintf(ret, size, "%s/%s", directory, name);
}

static FILE *open_file(const char *name, const char *mode) {
    char path[256];
    FILE *file;
    path_of(name, path, sizeof path);
    file = fopen(path, mode);
    MUST(file);
    return file;
}

static EVP_PKEY *make_rsa_pss(void) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *key = NULL;
    EVP_PKEY_keygen_init(context);
    EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048);
    EVP_PKEY_generate(context, &key);
    EVP_PKEY_CTX_free(context);
    return key;
}

void mint_begin(void) {
    FILE *file;
    size_t size;
    if (!mkdtemp(directory)) abort();
    rsa_a = EVP_RSA_gen(2048);
    rsa_b = EVP_RSA_gen(2048);
    rsa_small = EVP_RSA_gen(1024);
    rsa_pss = make_rsa_pss();
    ec_a = EVP_EC_gen("P-256");
    ec_b = EVP_EC_gen("P-256");
    ec_384 = EVP_EC_gen("P-384");
    ec_521 = EVP_EC_gen("P-521");
    ed_a = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    ed_b = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    ed_448 = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    for (size_t i = 0; i < FILE_COUNT; ++i) {
        char name[64];
        snprintf(name, sizeof name, "%s.pem", files[i].name);
        file = open_file(name, "w");
        MUST(*files[i].key);
        PEM_write_PUBKEY(file, *files[i].key);
        fclose(file);
    }
    file = open_file("rsa_a.key", "w");
    PEM_write_PrivateKey(file, rsa_a, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    file = open_file("nothing.pem", "w");
    fputs("no key here\n", file);
    fclose(file);
    file = open_file("rsa_a.pem", "r");
    size = fread(rsa_a_pem, 1, sizeof rsa_a_pem - 1, file);
    rsa_a_pem[size] = '\0';
    fclose(file);
}

static void remove_file(const char *name) {
    char path[256];
    path_of(name, path, sizeof path);
    unlink(path);
}

void mint_end(void) {
    for (size_t i = 0; i < FILE_COUNT; ++i) {
        char name[64];
        snprintf(name, sizeof name, "%s.pem", files[i].name);
        remove_file(name);
        EVP_PKEY_free(*files[i].key);
    }
    remove_file("rsa_a.key");
    remove_file("nothing.pem");
    rmdir(directory);
}

const char *mint_dir(void) {
    return directory;
}

/* By OpenSSL's base64, then respelled: not the encoder under test. */
static size_t base64url(char *out, const void *data, size_t size) {
    size_t length = (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)size);
    while (length > 0 && out[length - 1] == '=') --length;
    out[length] = '\0';
    for (char *c = out; *c; ++c) *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return length;
}

static size_t append_number(char *out, const char *name, EVP_PKEY *key, const char *parameter,
                            int size) {
    unsigned char octets[1024];
    BIGNUM *number = NULL;
    size_t length = (size_t)sprintf(out, ",\"%s\":\"", name);
    MUST(EVP_PKEY_get_bn_param(key, parameter, &number) == 1);
    if (size == 0) size = BN_num_bytes(number);
    MUST(BN_bn2binpad(number, octets, size) == size);
    length += base64url(out + length, octets, (size_t)size);
    BN_free(number);
    out[length++] = '"';
    return length;
}

static size_t append_curve(char *out, const char *curve, EVP_PKEY *key, int size) {
    size_t length = (size_t)sprintf(out, "\"kty\":\"EC\",\"crv\":\"%s\"", curve);
    length += append_number(out + length, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, size);
    return length + append_number(out + length, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
}

static size_t append_edwards(char *out, EVP_PKEY *key) {
    unsigned char octets[64];
    size_t size = sizeof octets;
    size_t length = (size_t)sprintf(out, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
    MUST(EVP_PKEY_get_raw_public_key(key, octets, &size) == 1);
    length += base64url(out + length, octets, size);
    out[length++] = '"';
    return length;
}

static EVP_PKEY *key_of(const char *name) {
    for (size_t i = 0; i < FILE_COUNT; ++i) {
        if (strcmp(files[i].name, name) == 0) return *files[i].key;
    }
    abort();
}

char *mint_jwk(const char *name, const char *members) {
    char *jwk = malloc(4096);
    size_t length = 1;
    EVP_PKEY *key = key_of(name);
    MUST(jwk && strlen(members) < 1024);
    jwk[0] = '{';
    if (strncmp(name, "rsa", 3) == 0) {
        length += (size_t)sprintf(jwk + length, "\"kty\":\"RSA\"");
        length += append_number(jwk + length, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
        length += append_number(jwk + length, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (strcmp(name, "ec_384") == 0) {
        length += append_curve(jwk + length, "P-384", key, 48);
    } else if (strcmp(name, "ec_521") == 0) {
        length += append_curve(jwk + length, "P-521", key, 66);
    } else if (strncmp(name, "ec", 2) == 0) {
        length += append_curve(jwk + length, "P-256", key, 32);
    } else {
        length += append_edwards(jwk + length, key);
    }
    sprintf(jwk + length, "%s%s}", *members ? "," : "", members);
    return jwk;
}

static size_t hmac(const EVP_MD *digest, const char *secret, const char *input,
                   unsigned char *out) {
    unsigned int size = 0;
    HMAC(digest, secret, (int)strlen(secret), (const unsigned char *)input, strlen(input), out,
         &size);
    return size;
}

static size_t sign(EVP_PKEY *key, const EVP_MD *digest, int pss_salt, const char *input,
                   unsigned char *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    size_t size = 1024;
    int done = EVP_DigestSignInit(context, &parameters, digest, NULL, key);
    if (done == 1 && pss_salt >= 0) {
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, pss_salt);
    }
    done = done == 1 &&
           EVP_DigestSign(context, out, &size, (const unsigned char *)input, strlen(input)) == 1;
    MUST(done);
    EVP_MD_CTX_free(context);
    return size;
}

static size_t sign_ecdsa(EVP_PKEY *key, const EVP_MD *digest, int half, const char *input,
                         unsigned char *out) {
    unsigned char der[256];
    const unsigned char *at = der;
    const size_t size = sign(key, digest, -1, input, der);
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, half);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + half, half);
    ECDSA_SIG_free(signature);
    return (size_t)half * 2;
}

static size_t sign_as(signer how, const char *input, unsigned char *out) {
    switch (how) {
        case HS256_A:
            return hmac(EVP_sha256(), SECRET_A, input, out);
        case HS256_B:
            return hmac(EVP_sha256(), SECRET_B, input, out);
        case HS384_A:
            return hmac(EVP_sha384(), SECRET_A, input, out);
        case HS512_A:
            return hmac(EVP_sha512(), SECRET_A, input, out);
        case HS256_RSA_PEM:
            return hmac(EVP_sha256(), rsa_a_pem, input, out);
        case HS256_EMPTY:
            return hmac(EVP_sha256(), "", input, out);
        case RS256_A:
            return sign(rsa_a, EVP_sha256(), -1, input, out);
        case RS256_B:
            return sign(rsa_b, EVP_sha256(), -1, input, out);
        case RS384_A:
            return sign(rsa_a, EVP_sha384(), -1, input, out);
        case RS512_A:
            return sign(rsa_a, EVP_sha512(), -1, input, out);
        case PS256_A:
            return sign(rsa_a, EVP_sha256(), 32, input, out);
        case PS384_A:
            return sign(rsa_a, EVP_sha384(), 48, input, out);
        case PS512_A:
            return sign(rsa_a, EVP_sha512(), 64, input, out);
        case PS512_SALT_32:
            return sign(rsa_a, EVP_sha512(), 32, input, out);
        case PS256_SALT_20:
            return sign(rsa_a, EVP_sha256(), 20, input, out);
        case PS256_SALT_0:
            return sign(rsa_a, EVP_sha256(), 0, input, out);
        case ES256_A:
            return sign_ecdsa(ec_a, EVP_sha256(), 32, input, out);
        case ES256_B:
            return sign_ecdsa(ec_b, EVP_sha256(), 32, input, out);
        case ES256_DER:
            return sign(ec_a, EVP_sha256(), -1, input, out);
        case ES256_P384:
            return sign_ecdsa(ec_384, EVP_sha256(), 48, input, out);
        case ES384_A:
            return sign_ecdsa(ec_384, EVP_sha384(), 48, input, out);
        case ES512_A:
            return sign_ecdsa(ec_521, EVP_sha512(), 66, input, out);
        case EDDSA_A:
            return sign(ed_a, NULL, -1, input, out);
        case EDDSA_B:
            return sign(ed_b, NULL, -1, input, out);
    }
    abort();
}

char *mint_token(signer how, const char *header, const char *payload) {
    unsigned char signature[1024];
    char *token = malloc(MAX_TOKEN);
    size_t length;
    MUST(token && strlen(header) + strlen(payload) < MAX_TOKEN / 2);
    length = base64url(token, header, strlen(header));
    token[length++] = '.';
    length += base64url(token + length, payload, strlen(payload));
    const size_t size = sign_as(how, token, signature);
    token[length++] = '.';
    base64url(token + length, signature, size);
    return token;
}
