// SPDX-License-Identifier: MIT
// Both alphabets of base64: bytes come back, and no text but one stands for them.
#include "base/base64.h"

#include <string>

#include "fuzz.h"
#include "jws/base64url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text = wse::fuzz::text_of(data, size);
    if (const auto bytes = wse::from_base64(text))
        WSE_ASSERT(wse::base64(*bytes) == text, "a text has two spellings");
    WSE_ASSERT(wse::from_base64(wse::base64(text)) == text, "other bytes came back");
    std::string bytes;
    if (wse::jws::decode_base64url(text, bytes))
        WSE_ASSERT(wse::jws::encode_base64url(bytes) == text, "a text has two spellings");
    WSE_ASSERT(wse::jws::decode_base64url(wse::jws::encode_base64url(text), bytes),
               "a text of ours is refused");
    WSE_ASSERT(bytes == text, "other bytes came back");
    return 0;
}
