// SPDX-License-Identifier: MIT
// publish, subscribe, topic.ls, topic.show
#include <numeric>

#include "base/json_writer.h"
#include "config/settings_row.h"
#include "server/command_parts.h"

namespace wse::server {
namespace {

constexpr size_t kDefaultLimit = 1000;

uint64_t subscribers_of(const hub::TopicRow &row) {
    return std::accumulate(row.subscribers.begin(), row.subscribers.end(), uint64_t{0});
}

void write_row(JsonWriter &out, const hub::TopicRow &row) {
    out.member("topic", row.topic).member("epoch", proto::epoch_text(row.head.epoch));
    out.member("offset", row.head.offset).member("subscribers", subscribers_of(row));
    out.member("history_messages", row.history_messages);
    out.member("history_bytes", row.history_bytes).member("retained", row.retained);
}

void list_topics(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const std::string pattern = args["pattern"] ? text_of(args["pattern"]) : "*";
    const size_t limit = limit_of(args, kDefaultLimit);
    context.hub.ask([&home = context.home, reply, pattern, limit](const hub::Hub &hub) {
        size_t total = 0;
        const auto rows = hub.topics(pattern, limit, total);
        JsonWriter out;
        out.begin_object().key("topics").begin_array();
        for (const auto &row : rows) {
            out.begin_object();
            write_row(out, row);
            out.end_object();
        }
        out.end_array().member("total", total).member("truncated", total > rows.size());
        home.post([reply, text = out.end_object().take()] { reply->ok(text); });
    });
}

void show_topic(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const std::string topic = text_of(args["topic"]);
    const config::TopicRow *rights = config::settings_row(context.settings.topics, topic);
    context.hub.ask([&home = context.home, reply, topic, rights](const hub::Hub &hub) {
        const auto row = hub.row(topic);
        if (!row) {
            return home.post([reply, topic] {
                reply->fail("not_found",
                            "no topic '" + topic + "': nobody subscribed or published");
            });
        }
        JsonWriter out;
        out.begin_object();
        write_row(out, *row);
        out.key("loops").begin_array();
        for (size_t loop = 0; loop < row->subscribers.size(); ++loop) {
            // The last one is not a connection loop: it serves `wsectl subscribe`.
            const bool service = loop + 1 == row->subscribers.size();
            out.begin_object().member("loop", service ? "service" : "loop-" + std::to_string(loop));
            out.member("subscribers", row->subscribers[loop]).end_object();
        }
        out.end_array().member("group_members", row->group_members);
        out.member("stamped", row->stamped).key("rights");
        if (rights) {
            out.begin_object().member("match", rights->match);
            out.member("subscribe", rights->subscribe).member("publish", rights->publish);
            out.end_object();
        } else {
            out.raw("null");
        }
        home.post([reply, text = out.end_object().take()] { reply->ok(text); });
    });
}

void publish(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    context.control_hub.publish(args, reply);
}

void subscribe(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    context.control_hub.subscribe(args, reply);
}

}  // namespace

void add_topic_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "publish", publish);
    add(table, context, "subscribe", subscribe);
    add(table, context, "topic.ls", list_topics);
    add(table, context, "topic.show", show_topic);
}

}  // namespace wse::server
