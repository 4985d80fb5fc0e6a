// SPDX-License-Identifier: MIT
#include "publish.h"

#include "abi/module_class.h"

namespace wse::backplane_redis::parts {

int32_t publish_then(const Site &site, const BusMessage &message, Published done, void *arg) {
    wse_message out{};
    out.struct_size = sizeof out;
    out.priority = message.priority;
    out.topic = abi::bytes_of(message.topic);
    out.type = abi::bytes_of(message.type);
    out.id = abi::bytes_of(message.id);
    out.payload = abi::bytes_of(message.payload);
    out.extra = abi::bytes_of(message.extra);
    out.time_ms = message.time_ms;
    return site.host->publish_then(site.host, site.loop, &out, done, arg);
}

// After a time-out it may have been published; the id sees to it that it is not twice.
bool is_passing(int32_t status) {
    return status == WSE_EAGAIN || status == WSE_ETIMEDOUT || status == WSE_ECANCELED ||
           status == WSE_EIO || status == WSE_ENOMEM;
}

std::string status_text(int32_t status) {
    switch (status) {
#define WSE_X(name, value, text) \
    case value:                  \
        return text;
        WSE_STATUS_MAP(WSE_X)
#undef WSE_X
        default:
            return "unknown";
    }
}

}  // namespace wse::backplane_redis::parts
