// SPDX-License-Identifier: MIT
#include "jws/base64.h"

#include <algorithm>

#include "jws/base64url.h"

namespace wse::jws {

std::string encode_base64(std::string_view bytes) {
    std::string text = encode_base64url(bytes);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.resize((text.size() + 3) / 4 * 4, '=');
    return text;
}

bool decode_base64(std::string_view text, std::string &out) {
    out.clear();
    if (text.size() % 4 == 0) {
        for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    }
    if (text.find_first_of("-_") != std::string_view::npos) return false;
    std::string url(text);
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    return decode_base64url(url, out);
}

}  // namespace wse::jws
