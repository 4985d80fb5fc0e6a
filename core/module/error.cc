// SPDX-License-Identifier: MIT
#include "module/error.h"

#include <algorithm>
#include <iterator>

#include "base/result.h"
#include "base/utf8.h"

namespace wse::module {

wse_error empty_error() {
    wse_error error{};
    error.struct_size = sizeof error;
    return error;
}

std::string sentence(const wse_error &error, int32_t status) {
    const auto *end = std::find(std::begin(error.text), std::end(error.text), '\0');
    std::string text(std::begin(error.text), end);
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    // It goes into logs and to clients. A character may have been cut at the end.
    text = is_utf8(text) ? text : std::string(utf8_prefix(text, text.size() - 1));
    return text.empty() || !is_utf8(text) ? std::string(status_text(status)) : text;
}

}  // namespace wse::module
