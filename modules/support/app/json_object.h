// SPDX-License-Identifier: MIT
// An object of JSON that is being written behind other text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json_text/json_text.h"

namespace wse::app {

class JsonObject {
public:
    explicit JsonObject(std::string &out) : out_(out) { out_ += '{'; }

    void text(std::string_view name, std::string_view value) {
        add(name);
        json_text::append_string(out_, value);
    }
    void text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) text(name, value);
    }
    void raw(std::string_view name, std::string_view json) {
        add(name);
        out_ += json;
    }
    void number(std::string_view name, uint64_t value) { raw(name, std::to_string(value)); }
    void end() { out_ += '}'; }

private:
    void add(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        json_text::append_string(out_, name);
        out_ += ':';
    }

    std::string &out_;
    bool first_ = true;
};

}  // namespace wse::app
