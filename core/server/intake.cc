// SPDX-License-Identifier: MIT
#include "server/intake.h"

#include <algorithm>
#include <utility>

#include "base/glob.h"
#include "base/json_scan.h"
#include "base/log.h"
#include "base/utf8.h"
#include "module/answer.h"
#include "module/bytes.h"
#include "server/module_message.h"

namespace wse::server {
namespace {

using module::to_view;

constexpr uint64_t kMaxHostLength = 64;
// The largest that presence.max_data can be, on any host.
constexpr uint64_t kMaxValueLength = 64 * 1024;

Result<void> check_text(const wse_bytes &bytes, const char *name, uint64_t limit) {
    if (bytes.len > 0 && !bytes.data)
        return Error{WSE_EINVAL, std::string(name) + ": a null pointer with a length"};
    if (bytes.len > limit)
        return Error{WSE_ETOOBIG, std::string(name) + ": " + std::to_string(bytes.len) +
                                      " bytes, the limit is " + std::to_string(limit)};
    if (!is_utf8(to_view(bytes))) return Error{WSE_EINVAL, std::string(name) + ": not valid UTF-8"};
    return {};
}

size_t payload_bytes(const wse_followed &followed) {
    size_t bytes = 0;
    for (uint64_t i = 0; i < followed.count; ++i) bytes += followed.messages[i].payload.len;
    return bytes;
}

}  // namespace

int32_t Intake::refuse(const std::string &instance, const char *what, const Error &why) {
    counters_.add(Counter::cluster_unsound);
    log::warn("server", "cluster.unsound",
              {{"module", instance}, {"what", what}, {"fault", why.text}});
    return why.status;
}

int32_t Intake::message(const std::string &instance, const wse_message &message) {
    if (!hub_.has_room(message.payload.len)) return behind();
    auto remote = read_remote(message, settings_.limits, clock_.wall_ms());
    if (!remote) return refuse(instance, "remote_message", remote.error());
    if (!hub_.remote(std::move(*remote))) return behind();
    counters_.add(Counter::cluster_received);
    return WSE_OK;
}

int32_t Intake::behind() {
    counters_.add(Counter::cluster_behind);
    return WSE_EAGAIN;
}

// The longest end of them that is sound and has no gap: the hub sees by itself that it does not
// have what comes before.
std::vector<hub::Remote> Intake::read_messages(const std::string &instance,
                                               const wse_followed &followed) {
    std::vector<hub::Remote> messages;
    uint64_t expected = followed.offset;
    for (uint64_t i = followed.count; i-- > 0; --expected) {
        const wse_message &message = followed.messages[i];
        auto remote = read_remote(message, settings_.limits, clock_.wall_ms());
        const bool fits = remote && to_view(message.topic) == to_view(followed.topic) &&
                          message.epoch == followed.epoch && message.offset == expected;
        if (!fits) {
            refuse(instance, "followed",
                   remote ? Error{WSE_EINVAL, "messages: one does not lead to the next"}
                          : remote.error());
            break;
        }
        messages.push_back(std::move(*remote));
    }
    std::reverse(messages.begin(), messages.end());
    return messages;
}

Result<hub::Followed> Intake::read(const std::string &instance, const wse_followed &followed) {
    const std::string_view topic = to_view(followed.topic);
    if (auto text = check_text(followed.topic, "topic", settings_.limits.max_topic_length); !text)
        return text.error();
    if (auto named = proto::check_topic_or_pattern(topic, settings_.limits.max_topic_length);
        !named)
        return named.error();
    if (auto text = check_text(followed.host, "host", kMaxHostLength); !text) return text.error();
    if (is_pattern(topic))
        return hub::Followed{.topic = std::string(topic),
                             .host = std::string(to_view(followed.host))};
    auto position = read_position(followed.epoch, followed.offset);
    if (!position) return position.error();
    return hub::Followed{.topic = std::string(topic),
                         .position = *position,
                         .messages = read_messages(instance, followed),
                         .host = std::string(to_view(followed.host)),
                         .facts = read_facts(instance, followed)};
}

int32_t Intake::followed(const std::string &instance, const wse_followed &followed) {
    // It may have thousands of messages to look at, and comes again every few milliseconds.
    if (!hub_.has_room(payload_bytes(followed))) return WSE_EAGAIN;
    auto topic = read(instance, followed);
    if (!topic) return refuse(instance, "followed", topic.error());
    return hub_.followed(std::move(*topic)) ? WSE_OK : WSE_EAGAIN;
}

Result<void> Intake::check(const wse_fact &fact) const {
    if (fact.kind != WSE_FACT_PRESENT && fact.kind != WSE_FACT_GROUP)
        return Error{WSE_EINVAL, "kind: " + std::to_string(fact.kind) + " is none"};
    const uint64_t topic_limit = settings_.limits.max_topic_length;
    if (auto text = check_text(fact.topic, "topic", topic_limit); !text) return text;
    // A user, or a queue group, whose name is as long as a topic's at most.
    const uint64_t key_limit = std::max(module::kMaxUserLength, topic_limit);
    if (auto text = check_text(fact.key, "key", key_limit); !text) return text;
    if (auto text = check_text(fact.value, "value", kMaxValueLength); !text) return text;
    if (auto text = check_text(fact.host, "host", kMaxHostLength); !text) return text;
    if (fact.topic.len > 0) {
        if (auto topic = proto::check_topic(to_view(fact.topic), topic_limit); !topic) return topic;
    }
    const bool holds = fact.value.len > 0;
    if ((fact.topic.len == 0 && fact.key.len > 0) || (fact.key.len == 0 && holds))
        return Error{WSE_EINVAL, "key: missing, or without a topic"};
    std::vector<JsonMember> members;
    if (holds && fact.kind == WSE_FACT_PRESENT && !scan_json_object(to_view(fact.value), members))
        return Error{WSE_EINVAL, "value: not a JSON object"};
    return {};
}

Result<hub::Fact> Intake::read(const wse_fact &fact) const {
    if (auto sound = check(fact); !sound) return sound.error();
    return hub::Fact{.kind = static_cast<hub::Fact::Kind>(fact.kind),
                     .topic = std::string(to_view(fact.topic)),
                     .key = std::string(to_view(fact.key)),
                     .value = std::string(to_view(fact.value)),
                     .host = std::string(to_view(fact.host))};
}

std::vector<hub::Fact> Intake::read_facts(const std::string &instance,
                                          const wse_followed &followed) {
    std::vector<hub::Fact> facts;
    for (uint64_t i = 0; i < followed.fact_count; ++i) {
        auto fact = read(followed.facts[i]);
        if (!fact) {
            refuse(instance, "followed", fact.error());
        } else if (fact->topic == to_view(followed.topic) && !fact->value.empty()) {
            facts.push_back(std::move(*fact));
        }
    }
    return facts;
}

int32_t Intake::fact(const std::string &instance, const wse_fact &fact) {
    auto known = read(fact);
    if (!known) return refuse(instance, "remote_fact", known.error());
    return hub_.fact(std::move(*known)) ? WSE_OK : WSE_EAGAIN;
}

}  // namespace wse::server
