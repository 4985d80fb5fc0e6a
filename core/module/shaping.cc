// SPDX-License-Identifier: MIT
#include "module/shaping.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "base/json_scan.h"
#include "base/utf8.h"
#include "module/bytes.h"

namespace wse::module {
namespace {

template <class Number>
int32_t read_number(std::string_view text, std::optional<Number> &out) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return WSE_EINVAL;
    out = number;
    return WSE_OK;
}

int32_t read_object(std::string_view text, std::optional<std::string> &out) {
    if (text.empty() || text.front() != '{' || !check_json(text)) return WSE_EINVAL;
    out = text;
    return WSE_OK;
}

// The one that a module may fill, of this thread.
thread_local Shaping *open_shaping = nullptr;

}  // namespace

Shaping::Shaping() : outer_(std::exchange(open_shaping, this)) {}

Shaping::~Shaping() {
    open_shaping = outer_;
}

Shaping *Shaping::of(const wse_shaping *shaping) {
    return open_shaping && open_shaping->abi() == shaping ? open_shaping : nullptr;
}

int32_t Shaping::set(uint32_t member, const wse_bytes &value) {
    if (value.len > 0 && !value.data) return WSE_EINVAL;
    const std::string_view text = to_view(value);
    if (!is_utf8(text)) return WSE_EINVAL;
    switch (member) {
        case WSE_SHAPE_TYPE:
            type = text;
            return WSE_OK;
        case WSE_SHAPE_ID:
            id = text;
            return WSE_OK;
        case WSE_SHAPE_PAYLOAD:
            return read_object(text, payload);
        case WSE_SHAPE_EXTRA:
            return read_object(text, extra);
        case WSE_SHAPE_PRIORITY:
            return read_number(text, priority);
        case WSE_SHAPE_TIME:
            return read_number(text, time_ms);
        default:
            return WSE_EINVAL;
    }
}

}  // namespace wse::module
