// SPDX-License-Identifier: MIT
// What an application hears of its clients.
#pragma once

#include <cstdint>
#include <string_view>

#include <wse/module.h>

namespace wse::module {

// What a wse_app_event holds. Everything is borrowed for the call.
struct AppEvent {
    uint32_t event = 0;  // one of WSE_APP_EVENT_*
    std::string_view connection = {};
    std::string_view user = {};
    std::string_view topic = {};
    std::string_view type = {};
    std::string_view id = {};
    std::string_view data = {};
    uint64_t time_ms = 0;
    uint32_t code = 0;
};

// As a bit of a mask.
constexpr uint32_t app_bit(uint32_t event) {
    return uint32_t{1} << event;
}

}  // namespace wse::module
