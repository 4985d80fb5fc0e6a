// SPDX-License-Identifier: MIT
#include "base/json.h"

#include <cjson/cJSON.h>

#include <cmath>

#include "base/json_scan.h"

namespace wse {

bool JsonView::is_object() const {
    return cJSON_IsObject(node_);
}
bool JsonView::is_array() const {
    return cJSON_IsArray(node_);
}
bool JsonView::is_string() const {
    return cJSON_IsString(node_);
}
bool JsonView::is_null() const {
    return cJSON_IsNull(node_);
}

JsonView JsonView::operator[](std::string_view name) const {
    if (!is_object()) return {};
    for (JsonView child = first(); child; child = child.next()) {
        if (child.name() == name) return child;
    }
    return {};
}

std::string_view JsonView::name() const {
    return node_ && node_->string ? std::string_view(node_->string) : std::string_view();
}

JsonView JsonView::first() const {
    return JsonView(is_object() || is_array() ? node_->child : nullptr);
}

JsonView JsonView::next() const {
    return JsonView(node_ ? node_->next : nullptr);
}

size_t JsonView::size() const {
    size_t count = 0;
    for (JsonView child = first(); child; child = child.next()) ++count;
    return count;
}

std::optional<std::string_view> JsonView::string() const {
    if (!is_string()) return std::nullopt;
    return std::string_view(node_->valuestring);
}

std::optional<bool> JsonView::boolean() const {
    if (!cJSON_IsBool(node_)) return std::nullopt;
    return cJSON_IsTrue(node_) != 0;
}

std::optional<double> JsonView::number() const {
    if (!cJSON_IsNumber(node_)) return std::nullopt;
    if (!std::isfinite(node_->valuedouble)) return std::nullopt;  // 1e999
    return node_->valuedouble;
}

std::optional<int64_t> JsonView::integer() const {
    // 2^53 itself is not told apart from its neighbour.
    constexpr double kLargest = 9007199254740991.0;
    const auto value = number();
    if (!value || !(std::fabs(*value) <= kLargest) || std::trunc(*value) != *value)
        return std::nullopt;
    return static_cast<int64_t>(*value);
}

void JsonDocument::Free::operator()(cJSON *node) const {
    cJSON_Delete(node);
}

namespace {

// In a checked text: an escape, and not the end of an escaped backslash.
bool has_zero_escape(std::string_view text) {
    for (size_t at = text.find("\\u0000"); at != text.npos; at = text.find("\\u0000", at + 1)) {
        size_t backslashes = 1;
        while (backslashes <= at && text[at - backslashes] == '\\') ++backslashes;
        if (backslashes % 2 == 1) return true;
    }
    return false;
}

}  // namespace

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
    if (auto checked = check_json(text); !checked) return checked.error();
    if (has_zero_escape(text)) return Error{WSE_EINVAL, "a string contains \\u0000"};
    cJSON *root = cJSON_ParseWithLength(text.data(), text.size());
    // The syntax has been checked; what it does not cover is half a surrogate pair.
    if (!root) return Error{WSE_EINVAL, "a string contains half a surrogate pair"};
    return JsonDocument(root);
}

}  // namespace wse
