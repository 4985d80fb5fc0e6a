// SPDX-License-Identifier: MIT
#include "server/module_services.h"

#include <vector>

#include "base/json_scan.h"
#include "base/log.h"
#include "base/utf8.h"
#include "module/bytes.h"
#include "module/event.h"

namespace wse::server {
namespace {

using module::to_bytes;
using module::to_view;

// make_publication counts on what came through a parser; a module's bytes came through none.
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

wse_message as_abi(const proto::Message &message) {
    const proto::Publication &publication = message.publication;
    return {.struct_size = sizeof(wse_message),
            .priority = static_cast<uint32_t>(publication.priority),
            .topic = to_bytes(publication.topic),
            .type = to_bytes(publication.type),
            .id = to_bytes(publication.id),
            .payload = to_bytes(publication.payload),
            .extra = to_bytes(publication.extra),
            .time_ms = message.happened_ms(),
            .epoch = message.position.epoch,
            .offset = message.position.offset};
}

void refused(const std::string &instance, const Error &why) {
    log::warn("module", "module.publish_refused", {{"module", instance}, {"error", why.text}});
}

int32_t not_served(const std::string &instance, const char *function) {
    log::warn("module", "module.not_served", {{"module", instance}, {"function", function}});
    return WSE_EAGAIN;
}

}  // namespace

// A module's memory is its own again when publish returns.
struct ModuleServices::Owned {
    std::string instance, topic, type, id, payload, extra;
    int64_t priority;
    uint64_t time_ms;

    size_t size() const {
        return sizeof *this + topic.size() + type.size() + id.size() + payload.size() +
               extra.size();
    }
};

int32_t ModuleServices::publish(const std::string &instance, const wse_message &message) {
    const auto submitted = submit(instance, message);
    if (submitted) return WSE_OK;
    refused(instance, submitted.error());
    return submitted.error().status;
}

Result<void> ModuleServices::submit(const std::string &instance, const wse_message &message) {
    if (message.payload.len > limits_.max_publish_size)
        return Error{WSE_ETOOBIG, "payload: " + std::to_string(message.payload.len) +
                                      " bytes, over limits.max_publish_size"};
    if (auto sound = check_bytes(message); !sound) return sound;
    if (auto topic = proto::check_topic(to_view(message.topic), limits_.max_topic_length); !topic)
        return topic;
    Owned owned{.instance = instance,
                .topic = std::string(to_view(message.topic)),
                .type = std::string(to_view(message.type)),
                .id = std::string(to_view(message.id)),
                .payload = std::string(to_view(message.payload)),
                .extra = std::string(to_view(message.extra)),
                .priority = message.priority == 0 ? static_cast<int64_t>(proto::Priority::kNormal)
                                                  : int64_t{message.priority},
                .time_ms = message.time_ms};
    const size_t size = owned.size();
    if (bytes_.fetch_add(size) + size > kMaxBytes) {
        bytes_ -= size;
        return Error{WSE_EAGAIN, "too much is on its way to the hub"};
    }
    service_.post([this, owned = std::move(owned)] { enter(owned); });
    return {};
}

// The one place where a publication of a module enters.
void ModuleServices::enter(const Owned &message) {
    bytes_ -= message.size();
    auto publication = entry_().enter({.topic = message.topic,
                                       .type = message.type,
                                       .id = message.id,
                                       .payload = message.payload,
                                       .priority = message.priority,
                                       .extra = message.extra,
                                       .time_ms = message.time_ms},
                                      module::Source::kModule, "");
    if (!publication) return refused(message.instance, publication.error());
    if (!*publication) return;  // a module has dropped it
    const std::string type = (*publication)->type;
    const size_t bytes = (*publication)->payload.size();
    // Nobody waits for the answer, which the service loop passes over.
    if (!hub_.publish({{index_, 0, 0}, std::move(**publication)}))
        return refused(message.instance, Error{WSE_EAGAIN, "the hub's inbox is full"});
    if (!observations_ || !observations_->wants(WSE_OBSERVE_PUBLISH)) return;
    observations_->add({.event = WSE_OBSERVE_PUBLISH,
                        .time_ms = entry_().clock.wall_ms(),
                        .topic = message.topic,
                        .detail = type,
                        .number = bytes});
}

int32_t ModuleServices::history(std::string_view topic, uint64_t count, HistoryDone done) {
    hub_.ask([this, name = std::string(topic), count, done = std::move(done)](const hub::Hub &hub) {
        service_.post([kept = hub.latest(name, count), done] {
            std::vector<wse_message> messages;
            messages.reserve(kept.size());
            for (const auto &message : kept) messages.push_back(as_abi(*message));
            done(WSE_OK, messages);
        });
    });
    return WSE_OK;
}

int32_t ModuleServices::remote_message(const std::string &instance, const wse_message &) {
    return not_served(instance, "remote_message");
}

int32_t ModuleServices::app_command(const std::string &instance, const wse_app_command &) {
    return not_served(instance, "app_command");
}

}  // namespace wse::server
