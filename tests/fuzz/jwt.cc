// SPDX-License-Identifier: MIT
// auth_jwt: tokens of strangers, and what stands in them. The input is taken for a token, and for
// the JSON in it.
#include <string>

#include "auth_jwt/claims.h"
#include "auth_jwt/token.h"
#include "fuzz.h"
#include "jws/base64url.h"
#include "strict_json/text.h"

namespace wse::auth_jwt {
namespace {

Config make_config() {
    Config config{};
    config.issuer = "us";
    config.audience = "wse";
    config.key_id = "1";
    config.leeway_ms = 60'000;
    return config;
}

void judge(std::string_view header, std::string_view payload) {
    static const Config strict = make_config();
    for (const Config &config : {Config{}, strict}) {
        Header said;
        judge_header(config, header, said);
        Claims claims;
        const Reason reason = judge_claims(config, payload, 1'700'000'000'000, claims);
        if (reason == Reason::kNone) {
            WSE_ASSERT(strict_json::is_user(claims.user), "a user that the server would not take");
            WSE_ASSERT(claims.expires_ms > 1'700'000'000'000, "a token past its end");
        } else {
            WSE_ASSERT(claims.user.empty() && claims.expires_ms == 0, "claims of a refused token");
        }
    }
}

void run(std::string_view text) {
    judge(text, text);
    Parts parts;
    if (!split_token(text, parts)) return;
    judge(parts.header, parts.payload);
    const std::string again = jws::encode_base64url(parts.header) + '.' +
                              jws::encode_base64url(parts.payload) + '.' +
                              jws::encode_base64url(parts.signature);
    WSE_ASSERT(again == text, "a token has two spellings");
    WSE_ASSERT(text.starts_with(parts.signed_text), "the signature covers something else");
}

}  // namespace
}  // namespace wse::auth_jwt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::auth_jwt::run(wse::fuzz::text_of(data, size));
    return 0;
}
