// SPDX-License-Identifier: MIT
#include "session/publish_entry.h"

#include <string>
#include <utility>

#include "base/log.h"

namespace wse::session {

// An event between two modules: what the publisher, and the modules before, have given, and the
// publication that it would be now.
struct PublishEntry::Draft {
    std::string type, id;
    proto::Publication publication;

    module::Event event() const {
        return {.topic = publication.topic,
                .type = type,
                .id = id,
                .payload = publication.payload,
                .extra = publication.extra,
                .priority = static_cast<uint32_t>(publication.priority),
                .time_ms = publication.time_ms};
    }
};

namespace {

bool changes(const module::Shaping &shaping) {
    return shaping.type || shaping.id || shaping.payload || shaping.extra || shaping.priority ||
           shaping.time_ms;
}

}  // namespace

proto::PublishLimits PublishEntry::publish_limits() const {
    return {.payload_bytes = limits.max_publish_size, .topic_bytes = limits.max_topic_length};
}

Result<std::optional<proto::Publication>> PublishEntry::enter(const proto::PublishFields &fields,
                                                              module::Source source,
                                                              std::string_view user) const {
    using Answer = std::optional<proto::Publication>;
    auto publication = proto::make_publication(fields, publish_limits(), clock.wall_ms());
    if (!publication) return publication.error();
    if (shapers.empty()) return Answer(std::move(*publication));
    Draft draft{std::string(fields.type), std::string(fields.id), std::move(*publication)};
    for (const auto &shaper : shapers) {
        const Outcome outcome = shape(*shaper, source, user, draft);
        if (outcome == Outcome::kDropped) {
            counters.add(Counter::events_dropped);
            return Answer();
        }
        if (outcome == Outcome::kGoesOn) continue;
        counters.add(Counter::events_failed);
        if (on_failure == config::OnFailure::kDrop)
            return Error{WSE_EIO, "the event could not be processed"};
    }
    return Answer(std::move(draft.publication));
}

// A module is not trusted with more than a publisher: what it makes of the event has to pass the
// same checks. Failed: the draft is as it was.
PublishEntry::Outcome PublishEntry::shape(module::EventShaper &shaper, module::Source source,
                                          std::string_view user, Draft &draft) const {
    module::Shaping shaping;
    const int32_t status = shaper.shape(draft.event(), source, user, clock.wall_ms(), shaping);
    if (status == WSE_EDENIED) return Outcome::kDropped;
    const auto failed = [&](std::string_view why) {
        log::warn("session", "event.not_shaped",
                  {{"module", shaper.instance_name()},
                   {"topic", draft.publication.topic},
                   {"fault", why}});
        return Outcome::kFailed;
    };
    if (status != WSE_OK) return failed(status_text(status));
    if (!changes(shaping)) return Outcome::kGoesOn;
    const proto::Publication &before = draft.publication;
    const std::string type = shaping.type.value_or(draft.type);
    const std::string id = shaping.id.value_or(draft.id);
    const auto priority = static_cast<uint32_t>(before.priority);
    auto shaped =
        proto::make_publication({.topic = before.topic,
                                 .type = type,
                                 .id = id,
                                 .payload = shaping.payload ? *shaping.payload : before.payload,
                                 .priority = shaping.priority.value_or(priority),
                                 .extra = shaping.extra ? *shaping.extra : before.extra,
                                 .time_ms = shaping.time_ms.value_or(before.time_ms)},
                                publish_limits(), clock.wall_ms());
    if (!shaped) return failed(shaped.error().text);
    draft = {type, id, std::move(*shaped)};
    return Outcome::kGoesOn;
}

}  // namespace wse::session
