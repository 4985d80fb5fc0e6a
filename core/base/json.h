// SPDX-License-Identifier: MIT
// Reading small JSON documents as a tree, over cJSON, which no other file of the core includes.
// For what is passed on unread (payloads) see json_scan.h; for writing see json_writer.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"

struct cJSON;

namespace wse {

// A place in a document; borrowed from it, cheap to copy. Asking a wrong or absent place gives
// another absent place or an empty optional, so that chains need one check at their end.
class JsonView {
public:
    JsonView() = default;
    explicit JsonView(const cJSON *node) : node_(node) {}

    explicit operator bool() const { return node_ != nullptr; }
    bool is_object() const;
    bool is_array() const;
    bool is_string() const;
    bool is_null() const;

    JsonView operator[](std::string_view name) const;  // member of an object
    std::string_view name() const;                     // of this member, empty in an array
    JsonView first() const;                            // child of an object or array
    JsonView next() const;                             // sibling
    size_t size() const;                               // children

    std::optional<std::string_view> string() const;
    std::optional<bool> boolean() const;
    std::optional<double> number() const;    // finite
    std::optional<int64_t> integer() const;  // whole and below 2^53 either way, so exact

private:
    const cJSON *node_ = nullptr;
};

class JsonDocument {
public:
    // Checked strictly first (json_scan.h). A string with \u0000 is refused: cJSON would cut it
    // there.
    static Result<JsonDocument> parse(std::string_view text);

    JsonView root() const { return JsonView(root_.get()); }

private:
    struct Free {
        void operator()(cJSON *node) const;
    };
    explicit JsonDocument(cJSON *root) : root_(root) {}
    std::unique_ptr<cJSON, Free> root_;
};

}  // namespace wse
