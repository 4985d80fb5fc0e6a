// SPDX-License-Identifier: MIT
// history and presence of topics.
#include "base/json_writer.h"
#include "server/api_parts.h"

namespace wse::server {
namespace {

constexpr int64_t kDefaultPage = 100;
constexpr size_t kPageBytes = size_t{4} << 20;  // of payloads

std::string no_topic(const std::string &topic) {
    return "no topic '" + topic + "': nobody subscribed or published";
}

struct Page {
    std::string topic;
    uint64_t offset = 0;  // the messages behind it; reverse: in front of it
    size_t limit = 0;
    bool reverse = false;
    std::optional<uint32_t> epoch;
};

void write_message(JsonWriter &out, const proto::Message &message) {
    const auto &publication = message.publication;
    out.begin_object().member("offset", message.position.offset);
    out.member("type", publication.type).member("id", publication.id);
    out.member("ts", format_timestamp(message.happened_ms()));
    out.member("priority", static_cast<int>(publication.priority));
    out.key("payload").raw(publication.payload);
    if (!publication.extra.empty()) out.key("extra").raw(publication.extra);
    out.end_object();
}

std::string page_json(const Page &page, const hub::HistoryPage &found) {
    JsonWriter out;
    out.begin_object().member("topic", page.topic);
    out.member("epoch", proto::epoch_text(found.head.epoch)).member("offset", found.head.offset);
    out.member("first", found.first).key("messages").begin_array();
    for (const auto &message : found.messages) write_message(out, *message);
    out.end_array().key("next");
    if (found.more && !found.messages.empty()) {
        const uint64_t last = found.messages.back()->position.offset;
        out.begin_object().member(page.reverse ? "before" : "after", last).end_object();
    } else {
        out.raw("null");
    }
    return out.end_object().take();
}

// [hub]
Outcome read_page(const hub::Hub &hub, const Page &page) {
    const auto found = hub.history(page.topic, page.offset, page.limit, kPageBytes, page.reverse);
    if (!found) return {.code = "not_found", .message = no_topic(page.topic)};
    if (page.epoch && *page.epoch != found->head.epoch)
        return {.code = "gone",
                .message = "epoch: the topic has begun anew, its epoch is " +
                           proto::epoch_text(found->head.epoch)};
    return {.ok = true, .result = page_json(page, *found)};
}

void answer(const Ref<admin::Reply> &reply, const Outcome &outcome) {
    outcome.ok ? reply->ok(outcome.result) : reply->fail(outcome.code, outcome.message);
}

}  // namespace

void call_history(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    Page page{.topic = std::string(args["topic"].string().value_or("")),
              .limit = static_cast<size_t>(args["limit"].integer().value_or(kDefaultPage)),
              .reverse = args["reverse"].boolean().value_or(false),
              .epoch = {}};
    if (args[page.reverse ? "after" : "before"])
        return reply->fail("invalid", page.reverse ? "after: not together with reverse"
                                                   : "before: only together with reverse");
    const int64_t from = page.reverse ? args["before"].integer().value_or(INT64_MAX)
                                      : args["after"].integer().value_or(0);
    page.offset = static_cast<uint64_t>(from);
    if (const auto epoch = args["epoch"].string()) {
        page.epoch = proto::parse_epoch(*epoch);
        if (!page.epoch) return reply->fail("invalid", "epoch: not eight hex digits");
    }
    auto &context = api.context();
    context.hub.ask([&home = context.home, reply, page](const hub::Hub &hub) {
        home.post([reply, outcome = read_page(hub, page)] { answer(reply, outcome); });
    });
}

void call_presence(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    auto &context = api.context();
    const std::string topic(args["topic"].string().value_or(""));
    const std::string text = args.whole();
    context.hub.ask([&api, reply, topic, text](const hub::Hub &hub) {
        const bool known = hub.row(topic) || hub.roster(topic, 1).total > 0;
        api.context().home.post([&api, reply, topic, text, known] {
            if (!known) return reply->fail("not_found", no_topic(topic));
            const auto document = JsonDocument::parse(text);
            api.run("presence", admin::Args(document->root(), text), reply);
        });
    });
}

}  // namespace wse::server
