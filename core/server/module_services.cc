// SPDX-License-Identifier: MIT
#include "server/module_services.h"

#include <vector>

#include "base/log.h"
#include "base/utf8.h"
#include "module/bytes.h"
#include "module/event.h"
#include "server/module_message.h"

namespace wse::server {
namespace {

using module::to_bytes;
using module::to_view;

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
    PlacedDone done;  // or none: nobody wants to know the place

    size_t size() const {
        return sizeof *this + topic.size() + type.size() + id.size() + payload.size() +
               extra.size();
    }
    void refuse(const Error &why) const {
        refused(instance, why);
        if (done) done(why.status, 0, 0);
    }
};

int32_t ModuleServices::publish(const std::string &instance, const wse_message &message) {
    return publish_then(instance, message, {});
}

int32_t ModuleServices::publish_then(const std::string &instance, const wse_message &message,
                                     PlacedDone done) {
    const auto submitted = submit(instance, message, std::move(done));
    if (submitted) return WSE_OK;
    refused(instance, submitted.error());
    return submitted.error().status;
}

Result<void> ModuleServices::submit(const std::string &instance, const wse_message &message,
                                    PlacedDone done) {
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
                .time_ms = message.time_ms,
                .done = std::move(done)};
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
    if (!publication) return message.refuse(publication.error());
    if (!*publication) {  // a module has dropped it
        if (message.done) message.done(WSE_OK, 0, 0);
        return;
    }
    if (auto entered = publish_entered(message, std::move(**publication)); !entered)
        message.refuse(entered.error());
}

Result<void> ModuleServices::publish_entered(const Owned &message, proto::Publication publication) {
    const std::string type = publication.type;
    const size_t bytes = publication.payload.size();
    // Where nobody waits for the answer, it is passed over.
    const uint64_t request = message.done ? ++last_request_ : 0;
    if (!hub_.publish({{index_, kSession, request}, std::move(publication)}))
        return Error{WSE_EAGAIN, "the hub's inbox is full"};
    if (message.done) placings_.emplace(request, message.done);
    if (observations_ && observations_->wants(WSE_OBSERVE_PUBLISH))
        observations_->add({.event = WSE_OBSERVE_PUBLISH,
                            .time_ms = entry_().clock.wall_ms(),
                            .topic = message.topic,
                            .detail = type,
                            .number = bytes});
    return {};
}

bool ModuleServices::take(const Delivery &delivery) {
    const auto *answer = std::get_if<PublishedAnswer>(&delivery);
    if (!answer || answer->origin.session != kSession) return false;
    const auto node = placings_.extract(answer->origin.request);
    if (node.empty()) return true;
    const auto &position = answer->position;
    if (position) {
        node.mapped()(WSE_OK, position->epoch, position->offset);
    } else {
        node.mapped()(position.error().status, 0, 0);
    }
    return true;
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

// Only the one that was loaded as such speaks for the cluster.
bool ModuleServices::is_backplane(const std::string &instance) const {
    return cluster_ && cluster_->instance_name() == instance;
}

int32_t ModuleServices::remote_message(const std::string &instance, const wse_message &message) {
    if (!is_backplane(instance)) return not_served(instance, "remote_message");
    return cluster_->remote_message(message);
}

int32_t ModuleServices::followed(const std::string &instance, const wse_followed &followed) {
    if (!is_backplane(instance)) return not_served(instance, "followed");
    return cluster_->followed(followed);
}

int32_t ModuleServices::remote_fact(const std::string &instance, const wse_fact &fact) {
    if (!is_backplane(instance)) return not_served(instance, "remote_fact");
    return cluster_->remote_fact(fact);
}

int32_t ModuleServices::broadcast_received(const std::string &instance, std::string_view data) {
    if (!is_backplane(instance) || !broadcast_) return not_served(instance, "broadcast_received");
    broadcast_(data);
    return WSE_OK;
}

void ModuleServices::health(const std::string &instance, int32_t status, std::string_view text) {
    if (!is_backplane(instance)) {
        not_served(instance, "health");
    } else {
        readiness_->set(status, text);
    }
}

bool ModuleServices::is_application(const std::string &instance) const {
    return applications_ && applications_->has(instance);
}

int32_t ModuleServices::app_command(const std::string &instance, const wse_app_command &command,
                                    CalledDone done) {
    if (!is_application(instance)) return not_served(instance, "app_command");
    return applications_->command(instance, command, std::move(done));
}

// The answer comes in a later turn, also when there is one at once.
int32_t ModuleServices::api_call(const std::string &instance, std::string_view operation,
                                 std::string_view params, CalledDone done) {
    if (!api_) return not_served(instance, "api_call");
    const Operation *const found = find_operation(operation);
    if (!found) return WSE_ENOTFOUND;
    if (calls_ >= kMaxCalls) return WSE_EAGAIN;
    ++calls_;
    const auto reply = outcome_reply([this, done = std::move(done)](const Outcome &outcome) {
        service_.post([this, done, outcome] {
            --calls_;
            if (done) done(outcome.status(), outcome.ok ? outcome.result : outcome.error_json());
        });
    });
    if (!is_utf8(params)) {
        reply->fail("invalid_json", "the parameters are not UTF-8");
    } else {
        api_->call(*found, params.empty() ? "{}" : params, reply);
    }
    return WSE_OK;
}

int32_t ModuleServices::batch_progress(const std::string &instance) {
    if (!is_application(instance)) return not_served(instance, "batch_progress");
    applications_->progress(instance);
    return WSE_OK;
}

}  // namespace wse::server
