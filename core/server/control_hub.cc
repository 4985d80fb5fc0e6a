// SPDX-License-Identifier: MIT
#include "server/control_hub.h"

#include <algorithm>

#include "base/glob.h"
#include "base/json_writer.h"

namespace wse::server {
namespace {

std::string_view text_or_empty(JsonView value) {
    return value.string().value_or("");
}

std::string event_json(const proto::Message &message) {
    const auto &publication = message.publication;
    JsonWriter out;
    out.begin_object().member("topic", publication.topic).member("type", publication.type);
    out.member("id", publication.id).member("ts", format_timestamp(message.happened_ms()));
    out.member("epoch", proto::epoch_text(message.position.epoch));
    out.member("offset", message.position.offset);
    out.member("priority", static_cast<int>(publication.priority));
    out.key("payload").raw(publication.payload);
    if (!publication.extra.empty()) out.key("extra").raw(publication.extra);
    return out.end_object().take();
}

// Of a publish that was not let in.
const char *code_of(wse_status status) {
    if (status == WSE_ETOOBIG) return "too_large";
    return status == WSE_EIO ? "denied" : "invalid";
}

// The answer to a publish.
std::string placed(std::string_view topic, std::string_view id, proto::Position position) {
    JsonWriter out;
    out.begin_object().member("topic", topic);
    out.member("epoch", proto::epoch_text(position.epoch));
    out.member("offset", position.offset).member("id", id).end_object();
    return out.take();
}

}  // namespace

void ControlHub::publish(const admin::Args &args, const Ref<admin::Reply> &reply) {
    publish(args, text_or_empty(args["topic"]), reply);
}

void ControlHub::publish(const admin::Args &args, std::string_view topic,
                         const Ref<admin::Reply> &reply) {
    // Under an id the hub publishes once: who wants that and gives no id has given it all the same.
    const std::string_view id = text_or_empty(args["id"]);
    const proto::PublishFields fields{
        .topic = topic,
        .type = text_or_empty(args["type"]),
        .id = id.empty() ? text_or_empty(args["idempotency_key"]) : id,
        .payload = args.text("payload"),
        .priority =
            args["priority"].integer().value_or(static_cast<int64_t>(proto::Priority::kNormal))};
    auto entered = entry().enter(fields, module::Source::kControl, "");
    if (!entered) {
        counters_.add(Counter::publish_refused);
        return reply->fail(code_of(entered.error().status), entered.error().text);
    }
    std::optional<proto::Publication> &publication = *entered;
    // A module has dropped it; it has no place.
    if (!publication) return reply->ok(placed(fields.topic, fields.id, {}));
    const uint64_t number = ++last_number_;
    // A module may have given the event another id.
    Waiting waiting{reply, publication->topic,
                    fields.id.empty() ? publication->id : std::string(fields.id), publication->type,
                    publication->payload.size()};
    if (!hub_.publish({{index_, 0, number}, std::move(*publication)})) {
        counters_.add(Counter::publish_refused);
        return reply->fail("unavailable", "the hub's inbox is full; publish again in a moment");
    }
    waiting_.emplace(number, std::move(waiting));
}

void ControlHub::on_published(const PublishedAnswer &answer) {
    const auto node = waiting_.extract(answer.origin.request);
    if (node.empty()) return;
    const Waiting &waiting = node.mapped();
    if (!answer.position) {
        counters_.add(Counter::publish_refused);
        return waiting.reply->fail("unavailable", answer.position.error().text);
    }
    observe(waiting);
    waiting.reply->ok(placed(waiting.topic, waiting.id, *answer.position));
}

void ControlHub::observe(const Waiting &published) const {
    if (!observations_ || !observations_->wants(WSE_OBSERVE_PUBLISH)) return;
    observations_->add({.event = WSE_OBSERVE_PUBLISH,
                        .time_ms = clock_.wall_ms(),
                        .topic = published.topic,
                        .detail = published.type,
                        .number = published.bytes});
}

void ControlHub::subscribe(const admin::Args &args, const Ref<admin::Reply> &reply) {
    const uint64_t number = ++last_number_;
    hub::Subscribe command{{index_, number, 0}, {}};
    const JsonView wanted = args["topics"];
    if (!wanted.is_array() || wanted.size() == 0 || wanted.size() > kMaxTopics)
        return reply->fail("invalid", "topics: a list of 1 to 1000 topics is needed");
    for (JsonView item = wanted.first(); item; item = item.next()) {
        std::string topic(text_or_empty(item));
        if (auto valid = proto::check_topic_or_pattern(topic, limits_.max_topic_length); !valid)
            return reply->fail("invalid", valid.error().text);
        const bool twice = std::any_of(command.topics.begin(), command.topics.end(),
                                       [&](const auto &other) { return other.name == topic; });
        if (!twice) command.topics.push_back({std::move(topic)});
    }
    if (streams_.size() >= kMaxStreams)
        return reply->fail("unavailable", "too many subscribers on the control socket");
    streams_.emplace(number, Stream{reply, {}, false});
    reply->on_gone([this, number] { end_stream(number); });
    hub_.subscribe(std::move(command));
}

void ControlHub::on_subscribed(const SubscribedAnswer &answer) {
    const auto found = streams_.find(answer.origin.session);
    if (found == streams_.end()) return;
    Stream &stream = found->second;
    JsonWriter out;
    out.begin_object().key("subscribed").begin_array();
    std::string failure;
    for (const auto &topic : answer.topics) {
        if (!topic.position) {
            failure = topic.name + ": " + topic.position.error().text;
            continue;
        }
        stream.topics.push_back(topic.name);
        (is_pattern(topic.name) ? patterns_[topic.name] : topics_[topic.name])
            .push_back(answer.origin.session);
        out.string(topic.name);
    }
    out.end_array().end_object();
    if (stream.gone) return end_stream(answer.origin.session);
    if (failure.empty()) {
        stream.reply->event(out.text());
        return;
    }
    const Ref<admin::Reply> reply = stream.reply;
    stream.gone = true;
    end_stream(answer.origin.session);
    reply->fail("unavailable", failure);
}

void ControlHub::end_stream(uint64_t number) {
    const auto found = streams_.find(number);
    if (found == streams_.end()) return;
    Stream &stream = found->second;
    if (stream.topics.empty() && !stream.gone) {
        // The hub has not answered yet; what it will have counted is undone then.
        stream.gone = true;
        return;
    }
    hub::Unsubscribe command{index_, number, {}};
    for (auto &topic : stream.topics) {
        if (is_pattern(topic)) {
            auto *numbers = patterns_.find(topic);
            std::erase(*numbers, number);
            if (numbers->empty()) patterns_.erase(topic);
        } else {
            auto &numbers = topics_[topic];
            std::erase(numbers, number);
            if (numbers.empty()) topics_.erase(topic);
        }
        command.topics.push_back({std::move(topic)});
    }
    if (!command.topics.empty()) hub_.unsubscribe(std::move(command));
    streams_.erase(found);
}

void ControlHub::on_message(const proto::MessageRef &message) {
    const std::string &topic = message->publication.topic;
    // A copy, because a client that cannot keep up is gone inside event(); and once, however many
    // of its patterns match.
    std::vector<uint64_t> numbers;
    if (const auto found = topics_.find(topic); found != topics_.end()) numbers = found->second;
    patterns_.match(topic, [&](const std::string &, const std::vector<uint64_t> &more) {
        numbers.insert(numbers.end(), more.begin(), more.end());
    });
    if (numbers.empty()) return;
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    const std::string event = event_json(*message);
    for (const uint64_t number : numbers) {
        if (const auto stream = streams_.find(number); stream != streams_.end()) {
            const Ref<admin::Reply> reply = stream->second.reply;
            reply->event(event);
        }
    }
}

// It is in no queue group, asks for no replay and shows no presence.
void ControlHub::take(Delivery &delivery) {
    if (const auto *message = std::get_if<proto::MessageRef>(&delivery)) {
        on_message(*message);
    } else if (const auto *subscribed = std::get_if<SubscribedAnswer>(&delivery)) {
        on_subscribed(*subscribed);
    } else if (const auto *published = std::get_if<PublishedAnswer>(&delivery)) {
        on_published(*published);
    }
}

}  // namespace wse::server
