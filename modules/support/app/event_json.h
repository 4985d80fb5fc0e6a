// SPDX-License-Identifier: MIT
// What an application is told, as JSON: modules of kind app say the same in the same words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::app {

// Of an option that lists "connect", "message", "disconnect", "join", "leave", "text", "binary",
// "subscribe" and "unsubscribe": what wants() gives; an empty list is all of them, and "none" alone
// is none. A sentence, or empty.
std::string read_wants(const wse_strings &names, uint32_t &ret_mask);

// Appends {"seq":…,"event":"…","conn":"…","user":"…","topic":…,"type":…,"id":…,"data":…,"code":…,
// "reason":…,"ts":…}, without what does not apply. The data of a binary event is base64.
void append_event(std::string &out, uint64_t seq, const wse_app_event &event);

// "connect" and so on; empty for what is unknown.
std::string_view event_name(uint32_t event);

}  // namespace wse::app
