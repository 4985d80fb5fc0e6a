// SPDX-License-Identifier: MIT
// Publications of other programs, handed to the server.
#pragma once

#include <cstdint>
#include <string>

#include "bus_message.h"
#include "site.h"

namespace wse::backplane_redis::parts {

using Published = void (*)(void *arg, int32_t status, uint64_t epoch, uint64_t offset) noexcept;

// host->publish_then: WSE_OK, and `done` is called later, once, or a status alone.
int32_t publish_then(const Site &site, const BusMessage &message, Published done, void *arg);

// The same message may be taken another time.
bool is_passing(int32_t status);

std::string status_text(int32_t status);

}  // namespace wse::backplane_redis::parts
