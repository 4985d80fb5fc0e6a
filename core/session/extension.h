// SPDX-License-Identifier: MIT
// What connections of one loop have of a module that is a WebSocket extension. [loop]
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "module/transform.h"
#include "net/extensions.h"

namespace wse::session {

// One per module instance and loop. Sessions to which the module gave the same share number get the
// same encoded frame of a message: the last one of each number is kept.
class ExtensionDesk {
public:
    explicit ExtensionDesk(std::unique_ptr<module::Transform> transform)
        : transform_(std::move(transform)) {}
    ExtensionDesk(const ExtensionDesk &) = delete;
    ExtensionDesk &operator=(const ExtensionDesk &) = delete;

    // Of the offers, in their order, the first that the module takes; null: none. The extension
    // ends before this.
    std::unique_ptr<net::Extension> open(const std::vector<net::ExtensionOffer> &offers);

private:
    class Agreed;
    struct Shared {
        size_t users = 0;
        net::FrameRef plain;  // the message encoded last
        net::FrameRef encoded;
    };

    std::unique_ptr<net::Extension> open_one(const net::ExtensionOffer &offer);

    std::unique_ptr<module::Transform> transform_;
    std::unordered_map<uint64_t, Shared> shared_;  // by share number, while somebody has it
};

}  // namespace wse::session
