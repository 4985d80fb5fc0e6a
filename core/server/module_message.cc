// SPDX-License-Identifier: MIT
#include "server/module_message.h"

#include <string>
#include <utility>

#include "base/json_scan.h"
#include "base/utf8.h"
#include "module/bytes.h"

namespace wse::server {
namespace {

using module::to_view;

// Clients read offsets as doubles (rule M18).
constexpr uint64_t kMaxOffset = uint64_t{1} << 53;

}  // namespace

Result<void> check_bytes(const wse_message &message) {
    const std::pair<const char *, wse_bytes> fields[] = {{"topic", message.topic},
                                                         {"type", message.type},
                                                         {"id", message.id},
                                                         {"payload", message.payload},
                                                         {"extra", message.extra}};
    for (const auto &[name, bytes] : fields) {
        if (bytes.len > 0 && !bytes.data)
            return Error{WSE_EINVAL, std::string(name) + ": a null pointer with a length"};
        if (!is_utf8(to_view(bytes)))
            return Error{WSE_EINVAL, std::string(name) + ": not valid UTF-8"};
    }
    if (message.payload.len > 0 && !check_json(to_view(message.payload)))
        return Error{WSE_EINVAL, "payload: not valid JSON"};
    return {};
}

Result<proto::Position> read_position(uint64_t epoch, uint64_t offset) {
    if (epoch == 0 || epoch > UINT32_MAX || offset >= kMaxOffset)
        return Error{WSE_EINVAL, "a place has an epoch of 32 bits and an offset below 2^53"};
    return proto::Position{static_cast<uint32_t>(epoch), offset};
}

Result<hub::Remote> read_remote(const wse_message &message, const config::Limits &limits,
                                uint64_t now_ms) {
    if (message.payload.len > limits.max_publish_size)
        return Error{WSE_ETOOBIG, "payload: " + std::to_string(message.payload.len) +
                                      " bytes, over limits.max_publish_size"};
    if (auto sound = check_bytes(message); !sound) return sound.error();
    if (message.id.len == 0) return Error{WSE_EINVAL, "id: missing"};
    auto position = read_position(message.epoch, message.offset);
    if (!position) return position.error();
    if (position->offset == 0) return Error{WSE_EINVAL, "offset: a message's is at least 1"};
    auto publication = proto::make_publication(
        {.topic = to_view(message.topic),
         .type = to_view(message.type),
         .id = to_view(message.id),
         .payload = to_view(message.payload),
         .priority = message.priority == 0 ? static_cast<int64_t>(proto::Priority::kNormal)
                                           : int64_t{message.priority},
         .extra = to_view(message.extra),
         .time_ms = message.time_ms},
        {.payload_bytes = limits.max_publish_size, .topic_bytes = limits.max_topic_length}, now_ms);
    if (!publication) return publication.error();
    return hub::Remote{std::move(*publication), *position};
}

}  // namespace wse::server
