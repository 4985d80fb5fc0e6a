// SPDX-License-Identifier: MIT
#include "jwk.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <memory>

#include "jws/base64url.h"
#include "strict_json/strict_json.h"

namespace wse::auth_jwt {
namespace {

using strict_json::member;
using strict_json::string_of;

constexpr size_t kMaxKeyId = 256;
constexpr size_t kMaxModulus = 1024;  // octets: 8192 bits, whose check takes a millisecond
constexpr size_t kMaxExponent = 8;    // octets
constexpr size_t kEd25519Octets = 32;
constexpr size_t kMaxSecret = 1024;

struct Free {
    void operator()(EVP_PKEY_CTX *context) const { EVP_PKEY_CTX_free(context); }
    void operator()(OSSL_PARAM_BLD *builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM *params) const { OSSL_PARAM_free(params); }
    void operator()(BIGNUM *number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, Free>;

const unsigned char *octets(const std::string &text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

// The octets behind a member in base64url; empty for what is none, or has none.
std::string octets_of(const cJSON *node, const char *name) {
    std::string out;
    if (!jws::decode_base64url(string_of(member(node, name)), out)) out.clear();
    return out;
}

jws::Key make_key(const char *type, OSSL_PARAM *params) {
    EVP_PKEY *key = nullptr;
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    const bool made = context && params && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
    ERR_clear_error();
    return jws::Key(made ? key : nullptr);
}

const char *read_rsa(const cJSON *node, Jwk &ret) {
    const std::string modulus = octets_of(node, "n"), exponent = octets_of(node, "e");
    if (modulus.empty() || exponent.empty()) return "an RSA key without n or e";
    if (modulus.size() > kMaxModulus) return "an RSA key over 8192 bits";
    if (exponent.size() > kMaxExponent) return "an RSA key whose e is over 64 bits";
    const Number n(BN_bin2bn(octets(modulus), static_cast<int>(modulus.size()), nullptr));
    const Number e(BN_bin2bn(octets(exponent), static_cast<int>(exponent.size()), nullptr));
    // With an exponent of 1 everybody could sign.
    if (!n || !e || !BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()))
        return "an RSA key whose n or e is impossible";
    const std::unique_ptr<OSSL_PARAM_BLD, Free> builder(OSSL_PARAM_BLD_new());
    if (!builder || !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) ||
        !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()))
        return "an RSA key that OpenSSL does not take";
    const std::unique_ptr<OSSL_PARAM, Free> params(OSSL_PARAM_BLD_to_param(builder.get()));
    ret.key = make_key("RSA", params.get());
    return ret.key ? nullptr : "an RSA key that OpenSSL does not take";
}

const jws::Curve *find_curve(std::string_view name) {
    for (const jws::Algorithm &algorithm : jws::algorithms()) {
        if (algorithm.curve && name == algorithm.curve->name) return algorithm.curve;
    }
    return nullptr;
}

const char *read_ec(const cJSON *node, Jwk &ret) {
    const jws::Curve *const curve = find_curve(string_of(member(node, "crv")));
    if (!curve) return "an EC key on a curve that is not used here";
    const std::string x = octets_of(node, "x"), y = octets_of(node, "y");
    if (x.size() != curve->octets || y.size() != curve->octets)
        return "an EC key whose x or y is not as long as the curve wants";
    std::string point = '\x04' + x + y;  // uncompressed
    std::string group = curve->group;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    ret.key = make_key("EC", params);
    return ret.key ? nullptr : "an EC key that is no point of its curve";
}

const char *read_okp(const cJSON *node, Jwk &ret) {
    if (string_of(member(node, "crv")) != "Ed25519") return "an OKP key that is not Ed25519";
    const std::string x = octets_of(node, "x");
    if (x.size() == kEd25519Octets)
        ret.key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(x), x.size()));
    ERR_clear_error();
    return ret.key ? nullptr : "an Ed25519 key whose x is not 32 octets";
}

const char *read_secret(const cJSON *node, Origin origin, Jwk &ret) {
    if (origin == Origin::kUrl) return "a secret, which nobody may publish";
    if (!jws::decode_base64url(string_of(member(node, "k")), ret.secret) || ret.secret.empty())
        return "a secret without k";
    return ret.secret.size() <= kMaxSecret ? nullptr : "a secret over 1024 octets";
}

const char *read_material(const cJSON *node, Origin origin, Jwk &ret) {
    const std::string_view type = string_of(member(node, "kty"));
    if (type == "oct") return read_secret(node, origin, ret);
    if (member(node, "d")) return "a private key, which is no secret any more";
    if (type == "RSA") return read_rsa(node, ret);
    if (type == "EC") return read_ec(node, ret);
    if (type == "OKP") return read_okp(node, ret);
    return "of a type that is not used here";
}

bool is_for_signatures(const cJSON *node) {
    const cJSON *use = member(node, "use"), *operations = member(node, "key_ops");
    if (use && string_of(use) != "sig") return false;
    if (!operations) return true;
    const cJSON *operation = nullptr;
    cJSON_ArrayForEach(operation, operations) {
        if (string_of(operation) == "verify") return true;
    }
    return false;
}

bool is_of_its_size(const jws::Algorithm &algorithm, const Jwk &jwk) {
    if (jwk.key) return jws::key_problem(algorithm, jwk.key.get()).empty();
    return algorithm.key == jws::KeyKind::kSecret && jwk.secret.size() >= algorithm.min_secret;
}

uint32_t bit_of(const jws::Algorithm &algorithm) {
    return uint32_t{1} << (&algorithm - jws::algorithms().data());
}

}  // namespace

Jwk::~Jwk() {
    OPENSSL_cleanse(secret.data(), secret.size());
}

bool Jwk::fits(const jws::Algorithm &algorithm) const {
    return (algorithms & bit_of(algorithm)) != 0;
}

const char *read_jwk(const cJSON *node, Origin origin, Jwk &ret) {
    if (!cJSON_IsObject(node)) return "no object";
    if (!strict_json::names_are_unique(node)) return "a name stands twice in it";
    if (!is_for_signatures(node)) return "not for signatures";
    const cJSON *const alg = member(node, "alg");
    const jws::Algorithm *const only = jws::find_algorithm(string_of(alg));
    if (alg && !only) return "for an algorithm that is not used here";
    const std::string_view id = string_of(member(node, "kid"));
    if (id.size() > kMaxKeyId) return "its kid is over 256 bytes";
    ret.id = id;
    if (const char *const problem = read_material(node, origin, ret)) return problem;
    for (const jws::Algorithm &algorithm : jws::algorithms()) {
        if ((!only || only == &algorithm) && is_of_its_size(algorithm, ret))
            ret.algorithms |= bit_of(algorithm);
    }
    if (ret.algorithms != 0) return nullptr;
    return only ? "not the key that its alg needs, or too small for it" : "too small";
}

}  // namespace wse::auth_jwt
