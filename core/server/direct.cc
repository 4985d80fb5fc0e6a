// SPDX-License-Identifier: MIT
#include "server/direct.h"

#include <utility>

#include "base/json_writer.h"

namespace wse::server {
namespace {

constexpr std::string_view kDo = "send";
// Of a broadcast, beside the payload.
constexpr uint64_t kEnvelopeRoom = 16 * 1024;

std::string text_in(const admin::Args &args, std::string_view name) {
    return std::string(args[name].string().value_or(""));
}

// A message outside of topics: in no history and no order but that of its sending.
Result<proto::MessageRef> message_of(const admin::Args &args, const config::Limits &limits,
                                     uint64_t now_ms) {
    const std::string type = text_in(args, "type");
    if (type.empty()) return Error{WSE_EINVAL, "type: missing or empty"};
    auto publication = proto::make_publication(
        {.topic = "direct",  // which nobody sees
         .type = type,
         .id = args["id"].string().value_or(""),
         .payload = args.text("payload"),
         .priority = args["priority"].integer().value_or(5)},
        {.payload_bytes = limits.max_publish_size, .topic_bytes = limits.max_topic_length}, now_ms);
    if (!publication) return publication.error();
    return proto::MessageRef(
        new proto::Message({std::move(*publication), {}, 0, now_ms},
                           {.stamped = false, .slow = proto::Slow::kDropLowest}));
}

}  // namespace

Result<Direct> read_direct(const admin::Args &args, const config::Limits &limits, uint64_t now_ms) {
    Direct direct{text_in(args, "connection"), text_in(args, "user"),
                  args["all"].boolean().value_or(false), proto::MessageRef()};
    const int named =
        (direct.connection.empty() ? 0 : 1) + (direct.user.empty() ? 0 : 1) + (direct.all ? 1 : 0);
    if (named != 1)
        return Error{WSE_EINVAL, "one of connection, user and all says whom to send to"};
    auto message = message_of(args, limits, now_ms);
    if (!message) return message.error();
    direct.message = *message;
    return direct;
}

std::string broadcast_of(const Direct &direct) {
    const auto &publication = direct.message->publication;
    JsonWriter out;
    out.begin_object().member("do", kDo);
    if (!direct.connection.empty()) out.member("connection", direct.connection);
    if (!direct.user.empty()) out.member("user", direct.user);
    if (direct.all) out.member("all", true);
    out.member("type", publication.type).member("id", publication.id);
    out.member("priority", static_cast<int>(publication.priority));
    return out.key("payload").raw(publication.payload).end_object().take();
}

Result<Direct> read_broadcast(std::string_view data, const config::Limits &limits,
                              uint64_t now_ms) {
    if (data.size() > limits.max_publish_size + kEnvelopeRoom)
        return Error{WSE_ETOOBIG, "broadcast: " + std::to_string(data.size()) +
                                      " bytes, over limits.max_publish_size"};
    const auto document = JsonDocument::parse(data);
    if (!document) return document.error();
    const admin::Args args(document->root(), data);
    if (args["do"].string() != kDo) return Error{WSE_ENOTFOUND, "broadcast: of another kind"};
    return read_direct(args, limits, now_ms);
}

Reached send_on_loop(session::Context &loop, const Direct &direct) {
    const auto frame = net::Frame::text(proto::bare_event(*direct.message));
    Reached reached;
    const auto send = [&](session::Session &session) {
        reached.count(session.send_direct(direct.message, frame));
    };
    if (!direct.all) {
        each_of(loop, direct.connection, direct.user, send);
        return reached;
    }
    for (const auto &[serial, session] : loop.sessions) {
        if (session->is_open()) send(*session);
    }
    return reached;
}

}  // namespace wse::server
