// SPDX-License-Identifier: MIT
#include "app/base64.h"

#include <algorithm>

#include "jws/base64url.h"

namespace wse::app {

std::string encode_base64(std::string_view bytes) {
    std::string text = jws::encode_base64url(bytes);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

bool decode_base64(std::string_view text, std::string &ret) {
    if (text.size() % 4 == 0) {
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    }
    if (text.find_first_of("-_") != std::string_view::npos) return false;
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '+', '-');
    std::replace(plain.begin(), plain.end(), '/', '_');
    return jws::decode_base64url(plain, ret);
}

}  // namespace wse::app
