// SPDX-License-Identifier: MIT
// A message as filters look at it: its payload as a tree, and what they can ask of its envelope.
#pragma once

#include <cjson/cJSON.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <wse/module.h>

namespace wse::event_filter {

struct Free {
    void operator()(cJSON *node) const { cJSON_Delete(node); }
};
using Tree = std::unique_ptr<cJSON, Free>;

// The names or numbers on the way to a value. One that begins with `_event` leads to the envelope.
using Path = std::vector<std::string>;

// One thread: looking builds indexes, so that large payloads are searched once, not once for each
// condition.
class View {
public:
    // Null: the payload is no valid object, or memory is short.
    static std::unique_ptr<View> read(const wse_message &message);

    // Null: there is no such value.
    const cJSON *find(const Path &path) const;

private:
    struct Index {
        std::unordered_map<std::string_view, const cJSON *> names;
        std::vector<const cJSON *> items;
    };

    View(Tree payload, Tree envelope)
        : payload_(std::move(payload)), envelope_(std::move(envelope)) {}
    const cJSON *step(const cJSON *node, const std::string &name) const;
    const Index &index_of(const cJSON *node) const;

    const Tree payload_;
    const Tree envelope_;
    mutable std::unordered_map<const cJSON *, Index> indexes_;  // of large objects and arrays
};

}  // namespace wse::event_filter
