// SPDX-License-Identifier: MIT
// The table of operations.
#include <algorithm>

#include "server/api_parts.h"

namespace wse::server {
namespace {

using Type = ParameterType;

constexpr int64_t kMaxTopics = 1000;
constexpr int64_t kMaxRows = 100'000;

constexpr Parameter kTopic{"topic", Type::kText, true, "name of the topic"};
constexpr Parameter kType{"type", Type::kText, false, "event type, the t of the message"};
constexpr Parameter kPayload{"payload", Type::kAny, false, "the p of the message, any JSON"};
constexpr Parameter kPriority{"priority", Type::kInteger, false,
                              "1 background, 3 low, 5 normal, 8 high, 10 critical"};
constexpr Parameter kId{"id", Type::kText, false, "message id; default: a new one"};
constexpr Parameter kOnce{"idempotency_key",
                          Type::kText,
                          false,
                          "who says it again under the same key gets the same answer",
                          1,
                          128};
// Each publish of a batch has it with its number, of up to three digits, behind a slash.
constexpr Parameter kBatchOnce{"idempotency_key",
                               Type::kText,
                               false,
                               "for the publishes of the batch that have none of their own",
                               1,
                               124};
constexpr Parameter kConnection{"connection", Type::kText, false, "id of one connection"};
constexpr Parameter kUser{"user", Type::kText, false, "all connections of this user"};
constexpr Parameter kTopics{"topics", Type::kTexts, true, "names of topics", 1, kMaxTopics};

constexpr Parameter kPublish[] = {kTopic, kPayload, kType, kPriority, kId, kOnce};
constexpr Parameter kBroadcast[] = {kTopics, kPayload, kType, kPriority, kId, kOnce};
constexpr Parameter kBatch[] = {
    {"commands", Type::kCommands, true, "operations with their parameters, in order", 1, 1000},
    kBatchOnce};
constexpr Parameter kSend[] = {{"type", Type::kText, true, "event type, the t of the message"},
                               kConnection,
                               kUser,
                               {"all", Type::kBoolean, false, "every connection"},
                               kPayload,
                               kPriority,
                               kId};
constexpr Parameter kSubscribe[] = {
    kConnection,
    kUser,
    {"topics", Type::kTexts, true, "names of topics, and patterns", 1, kMaxTopics},
    {"queue_group", Type::kText, false, "share the messages with this group"},
    {"presence", Type::kObject, false, "the user is present on the topics with this data"},
    {"recover", Type::kBoolean, false, "replay what came after the positions in recovery"},
    {"recovery", Type::kObject, false, "topic to {epoch, offset}"},
    {"params", Type::kObject, false, "for the module that has the state of the topics"}};
constexpr Parameter kUnsubscribe[] = {
    kConnection,
    kUser,
    {"topics", Type::kTexts, false, "names of topics and patterns; default: all", 1, kMaxTopics}};
constexpr Parameter kDisconnect[] = {
    kConnection,
    kUser,
    {"code", Type::kInteger, false, "close code; default: 4000", 1000, 4999},
    {"reason", Type::kText, false, "told to the client", 0, 123}};
constexpr Parameter kAcl[] = {
    kConnection,
    kUser,
    {"allow", Type::kTexts, false, "patterns of topics; without it, it stays", 0, kMaxTopics},
    {"deny", Type::kTexts, false, "patterns of topics; without it, it stays", 0, kMaxTopics}};
constexpr Parameter kPresence[] = {
    kTopic, {"limit", Type::kInteger, false, "users at most; default: 1000", 1, kMaxRows}};
constexpr Parameter kHistory[] = {
    kTopic,
    {"limit", Type::kInteger, false, "messages at most; default: 100", 1, 1000},
    {"after", Type::kInteger, false, "those behind this offset; default: from the oldest", 0},
    {"before", Type::kInteger, false, "with reverse: those in front of this offset", 1},
    {"reverse", Type::kBoolean, false, "the newest first"},
    {"epoch", Type::kText, false, "of the offset; in another one the answer is gone"}};
constexpr Parameter kTopicRows[] = {
    {"pattern", Type::kText, false, "* is any text, ? one byte; default: all"},
    {"limit", Type::kInteger, false, "topics at most; default: 1000", 1, kMaxRows}};
constexpr Parameter kConnections[] = {
    kConnection,
    kUser,
    {"topic", Type::kText, false, "that are subscribed to this topic"},
    {"ip", Type::kText, false, "that come from this address"},
    {"limit", Type::kInteger, false, "connections at most; default: 1000", 1, kMaxRows}};

template <const char *kCommand>
void command(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    api.run(kCommand, args, reply);
}
constexpr char kPublishCommand[] = "publish";
constexpr char kSendCommand[] = "send";
constexpr char kTopicsCommand[] = "topic.ls";
constexpr char kStatusCommand[] = "status";

constexpr Operation kOperations[] = {
    {"publish", "publish to a topic", false, true, kPublish, "topic, epoch, offset, id",
     command<kPublishCommand>},
    {"broadcast", "publish the same to many topics", false, false, kBroadcast, "results",
     call_broadcast},
    {"batch", "many operations in order", false, false, kBatch, "results", call_batch},
    {"send", "send to connections, outside of topics", false, false, kSend, "id, sent, dropped",
     command<kSendCommand>},
    {"subscribe", "subscribe connections to topics", false, false, kSubscribe,
     "connections, results", call_subscribe},
    {"unsubscribe", "end subscriptions of connections", false, false, kUnsubscribe, "connections",
     call_unsubscribe},
    {"disconnect", "close connections", false, false, kDisconnect, "connections", call_disconnect},
    {"acl", "say which topics connections may use", false, false, kAcl, "connections", call_acl},
    {"presence", "who is present on a topic", true, false, kPresence,
     "topic, users, total, truncated", call_presence},
    {"history", "messages that a topic keeps, page by page", true, false, kHistory,
     "topic, epoch, offset, first, messages, next", call_history},
    {"topics", "list topics", true, false, kTopicRows, "topics, total, truncated",
     command<kTopicsCommand>},
    {"connections", "list connections, or show one", true, false, kConnections,
     "connections, total, truncated", call_connections},
    {"info",
     "what the server is and does",
     true,
     false,
     {},
     "version, connections, topics, …",
     command<kStatusCommand>},
};

}  // namespace

std::span<const Operation> operations() {
    return kOperations;
}

const Operation *find_operation(std::string_view name) {
    const auto *const end = std::end(kOperations);
    const auto *const found = std::find_if(std::begin(kOperations), end,
                                           [&](const auto &one) { return one.name == name; });
    return found == end ? nullptr : found;
}

}  // namespace wse::server
