// SPDX-License-Identifier: MIT
// JWK Sets as auth_jwt reads them: the examples of the RFCs, and what is no key.
#include "auth_jwt/key_set.h"

#include <gtest/gtest.h>

#include <string>

#include "jws/base64url.h"
#include "jws/verifier.h"

namespace wse::auth_jwt {
namespace {

// RFC 7517 appendix A.1, and the key of RFC 8037 appendix A.2.
const std::string kRsa =
    R"("kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxu)"
    R"(hDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YG)"
    R"(jQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4)"
    R"(vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB")";
const std::string kX = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
const std::string kY = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
const std::string kEc = R"("kty":"EC","crv":"P-256","x":")" + kX + R"(","y":")" + kY + '"';
const std::string kEd =
    R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
const std::string kOct =
    R"("kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75)"
    R"(aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")";

std::shared_ptr<const KeySet> parse(const std::string &text, Origin origin = Origin::kUrl) {
    std::string problem;
    auto set = KeySet::parse(text, origin, problem);
    EXPECT_EQ(set == nullptr, !problem.empty());
    return set;
}

std::shared_ptr<const KeySet> set_of(const std::string &members, Origin origin = Origin::kUrl) {
    return parse("{\"keys\":[{" + members + "}]}", origin);
}

// The names of the algorithms that the only key of the set is good for, or why there is none.
std::string use_of(const std::string &members, Origin origin = Origin::kUrl) {
    const auto set = set_of(members, origin);
    if (!set) return "no set";
    if (set->keys().empty()) return set->left_out().at(0);
    std::string names;
    for (const jws::Algorithm &algorithm : jws::algorithms()) {
        if (set->keys()[0].fits(algorithm))
            names += std::string(names.empty() ? "" : " ") + algorithm.name;
    }
    return names;
}

std::string with(const std::string &text, const std::string &from, const std::string &to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
}

TEST(KeySet, BindsEachKeyToItsAlgorithms) {
    EXPECT_EQ(use_of(kRsa), "RS256 RS384 RS512 PS256 PS384 PS512");
    EXPECT_EQ(use_of(kRsa + R"(,"alg":"PS384")"), "PS384");
    EXPECT_EQ(use_of(kEc), "ES256");
    EXPECT_EQ(use_of(kEd), "EdDSA");
    EXPECT_EQ(use_of(kOct, Origin::kFile), "HS256 HS384 HS512");
    EXPECT_EQ(
        use_of(R"("kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8")", Origin::kFile),
        "HS256");
    EXPECT_EQ(use_of(kEc + R"(,"use":"sig","key_ops":["verify"],"alg":"ES256","x5c":[7])"),
              "ES256");
}

TEST(KeySet, KnowsTheKeyOfRfc8037) {
    const auto set = set_of(kEd + R"(,"kid":"ed")");
    ASSERT_EQ(set->keys().size(), 1U);
    EXPECT_EQ(set->keys()[0].id, "ed");
    std::string signature;
    ASSERT_TRUE(
        jws::decode_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGj"
                              "g5BhVsPt9g7sVvpAr_MuM0KAg",
                              signature));
    const auto verifier =
        jws::Verifier::for_key(*jws::find_algorithm("EdDSA"), set->keys()[0].key.get());
    EXPECT_TRUE(
        verifier->verify("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", signature));
}

TEST(KeySet, LeavesOutWhatIsNoKeyForSignaturesHere) {
    const struct {
        std::string members;
        const char *reason;
    } cases[] = {
        {kOct, "a secret, which nobody may publish"},
        {kRsa + R"(,"use":"enc")", "not for signatures"},
        {kRsa + R"(,"use":7)", "not for signatures"},
        {kRsa + R"(,"key_ops":["sign"])", "not for signatures"},
        {kRsa + R"(,"key_ops":[])", "not for signatures"},
        {kRsa + R"(,"d":"AQAB")", "a private key, which is no secret any more"},
        {kRsa + R"(,"alg":"RSA-OAEP")", "for an algorithm that is not used here"},
        {kRsa + R"(,"alg":"none")", "for an algorithm that is not used here"},
        {kRsa + R"(,"alg":7)", "for an algorithm that is not used here"},
        {kRsa + R"(,"alg":"HS256")", "not the key that its alg needs, or too small for it"},
        {kRsa + R"(,"alg":"ES256")", "not the key that its alg needs, or too small for it"},
        {kEc + R"(,"alg":"ES384")", "not the key that its alg needs, or too small for it"},
        {kRsa + R"(,"kid":"a","kid":"b")", "a name stands twice in it"},
        {kRsa + R"(,"kid":")" + std::string(257, 'a') + '"', "its kid is over 256 bytes"},
        {with(kRsa, "AQAB", "AQ"), "an RSA key whose n or e is impossible"},
        {with(kRsa, "AQAB", "AQAA"), "an RSA key whose n or e is impossible"},
        {with(kRsa, "AQAB", ""), "an RSA key without n or e"},
        {with(kRsa, "AQAB", "AQAB="), "an RSA key without n or e"},
        {with(kRsa, "AQAB", "AQABAQABAQAB"), "an RSA key whose e is over 64 bits"},
        {R"("kty":"RSA","e":"AQAB","n":")" + std::string(1400, '_') + '"',
         "an RSA key over 8192 bits"},
        {R"("kty":"RSA","e":"AQAB","n":"3__9")", "too small"},
        {with(kEc, "P-256", "P-384"), "an EC key whose x or y is not as long as the curve wants"},
        {with(kEc, "P-256", "secp256k1"), "an EC key on a curve that is not used here"},
        {with(kEc, kY, kX), "an EC key that is no point of its curve"},
        {with(kEd, "Ed25519", "X25519"), "an OKP key that is not Ed25519"},
        {with(kEd, "11qY", ""), "an Ed25519 key whose x is not 32 octets"},
        {R"("kty":"XYZ")", "of a type that is not used here"},
        {R"("kid":"1")", "of a type that is not used here"},
    };
    for (const auto &each : cases)
        EXPECT_EQ(use_of(each.members), std::string("key 1: ") + each.reason);
    EXPECT_EQ(use_of(R"("kty":"oct","k":"AQAB")", Origin::kFile), "key 1: too small");
    EXPECT_EQ(use_of(R"("kty":"oct")", Origin::kFile), "key 1: a secret without k");
}

TEST(KeySet, HasTheOtherKeysAllTheSame) {
    const auto set =
        parse("{\"keys\":[7,{" + kRsa + "},{\"kty\":\"new\"},{" + kEc + "}],\"more\":1}");
    EXPECT_EQ(set->keys().size(), 2U);
    EXPECT_EQ(set->left_out().size(), 2U);
    EXPECT_EQ(set->left_out()[0], "key 1: no object");
}

TEST(KeySet, MayBeEmpty) {
    EXPECT_TRUE(parse(R"({"keys":[]})")->keys().empty());
}

TEST(KeySet, IsNoneWithoutAListOfKeysOrBeyondItsBounds) {
    std::string many = "{\"keys\":[7";
    for (size_t i = 0; i < KeySet::kMaxKeys; ++i) many += ",7";
    for (const std::string &text :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
          std::string(R"({"keys":[],"keys":[]})"), std::string(R"({"keys":[]}x)"), many + "]}",
          R"({"keys":[],"x":")" + std::string(KeySet::kMaxBytes, 'a') + "\"}"}) {
        std::string problem;
        EXPECT_EQ(KeySet::parse(text, Origin::kFile, problem), nullptr);
        EXPECT_FALSE(problem.empty());
    }
}

}  // namespace
}  // namespace wse::auth_jwt
