// SPDX-License-Identifier: MIT
// Known answers and spellings for modules/support.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

#include "jws/algorithm.h"
#include "jws/base64url.h"
#include "jws/key.h"
#include "jws/signer.h"
#include "jws/verifier.h"

namespace wse::jws {
namespace {

std::string decoded(std::string_view text) {
    std::string out;
    EXPECT_TRUE(decode_base64url(text, out)) << text;
    return out;
}

const unsigned char *octets(const std::string &text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

// RFC 7515 appendix A.1.
constexpr std::string_view kHs256Key =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
constexpr std::string_view kHs256Input =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
constexpr std::string_view kHs256Signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

// RFC 8037 appendix A.4, key of A.1 and A.2.
constexpr std::string_view kEdPrivate = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr std::string_view kEdPublic = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr std::string_view kEdInput = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view kEdSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

TEST(Verifier, KnowsTheHs256ExampleOfRfc7515) {
    const auto verifier = Verifier::for_secret(*find_algorithm("HS256"), decoded(kHs256Key));
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verifier->verify(kHs256Input, decoded(kHs256Signature)));
    EXPECT_FALSE(verifier->verify(std::string(kHs256Input) + "x", decoded(kHs256Signature)));
    EXPECT_TRUE(verifier->verify(kHs256Input, decoded(kHs256Signature)));
}

TEST(Verifier, KnowsTheEdDsaExampleOfRfc8037) {
    const std::string raw = decoded(kEdPublic);
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(raw), raw.size()));
    const auto verifier = Verifier::for_key(*find_algorithm("EdDSA"), key.get());
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verifier->verify(kEdInput, decoded(kEdSignature)));
    EXPECT_FALSE(verifier->verify(std::string(kEdInput) + "x", decoded(kEdSignature)));
    EXPECT_TRUE(verifier->verify(kEdInput, decoded(kEdSignature)));
}

TEST(Signer, MakesTheHs256ExampleOfRfc7515) {
    const std::string secret = decoded(kHs256Key);
    const auto token = sign_compact(*find_algorithm("HS256"), {secret, nullptr},
                                    decoded("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"),
                                    decoded(kHs256Input.substr(kHs256Input.find('.') + 1)));
    EXPECT_EQ(token, std::string(kHs256Input) + "." + std::string(kHs256Signature));
}

TEST(Signer, MakesTheEdDsaExampleOfRfc8037) {
    const std::string raw = decoded(kEdPrivate);
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(raw), raw.size()));
    const auto token = sign_compact(*find_algorithm("EdDSA"), {{}, key.get()},
                                    "{\"alg\":\"EdDSA\"}", "Example of Ed25519 signing");
    EXPECT_EQ(token, std::string(kEdInput) + "." + std::string(kEdSignature));
}

TEST(Algorithms, StandInTheOrderOfTheirChoices) {
    std::string choices;
    for (const Algorithm &algorithm : algorithms()) {
        choices += choices.empty() ? "" : "|";
        choices += algorithm.name;
        EXPECT_EQ(find_algorithm(algorithm.name), &algorithm);
    }
    EXPECT_EQ(choices, kAlgorithmChoices);
}

TEST(Algorithms, AreFoundByTheirExactNameAlone) {
    for (const char *name : {"", "none", "hs256", "HS256 ", "HS", "HS2560", "EDDSA", "ES256K"}) {
        EXPECT_EQ(find_algorithm(name), nullptr) << name;
    }
}

TEST(Base64url, ReadsBackWhatItWrote) {
    for (size_t size = 0; size < 70; ++size) {
        std::string bytes;
        for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 37 + size));
        EXPECT_EQ(decoded(encode_base64url(bytes)), bytes);
    }
    EXPECT_EQ(encode_base64url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64url, RefusesEverySpellingButOne) {
    for (const char *text : {"A", "AAAAA", "AA==", "AA=", "AAA=", "AB", "AAB", "AA\n", " AA", "A A",
                             "A+AA", "A/AA", "A.AA", "A%3D", "\xc3\xa4\xc3\xa4", "AAA\x7f"}) {
        std::string out;
        EXPECT_FALSE(decode_base64url(text, out)) << text;
    }
}

}  // namespace
}  // namespace wse::jws
