// SPDX-License-Identifier: MIT
// The part of Session that agrees on a key with its client, and keeps to it.
//
// A client switches to its cipher when it has read server_hello. What it sent before that is plain
// and still under way when the cipher is open here, so plain messages pass until the client has
// shown that it has the hello: by its first encrypted message, or by the answer to a ping that
// follows the hello and a moment to make the key. The other way, a client may need a moment to make
// its key out of the hello: nothing is sent for that long (rule M12).
#include "session/sealing.h"

#include <algorithm>

#include "base/base64.h"
#include "base/clock.h"
#include "base/glob.h"
#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "net/frame.h"
#include "proto/codes.h"
#include "proto/encryption.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr uint64_t kQuietMs = 100;
// A client that answers no ping is believed to have the hello.
constexpr uint64_t kPlainMs = 10'000;
constexpr uint64_t kRekeyEveryMs = 1000;
constexpr std::string_view kMarker = "hello";

bool is_keep_alive(std::string_view type) {
    return type == "ping" || type == "PING" || type == "pong" || type == "PONG";
}

bool is_listed(const std::vector<std::string> &patterns, std::string_view type) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string &pattern) { return glob_match(pattern, type); });
}

std::string_view content_of(std::string_view raw) {
    return raw.size() >= 2 && raw.front() == '"' ? raw.substr(1, raw.size() - 2)
                                                 : std::string_view();
}

}  // namespace

// With a hello, answers it. Again: the first key stays, and the answer offers none.
void Session::open_wire(std::string_view hello) {
    const bool is_first = hello.empty() || !std::exchange(said_hello_, true);
    // What was gathered is older than the key.
    if (!flush_batch()) return on_overflow();
    Wire::Opening opening;
    if (is_first) {
        JsonWriter offer;
        offer.begin_object().key("query").raw(query_);
        offer.key("hello").raw(hello.empty() ? "{}" : hello).end_object();
        opening = wire_.open(offer.text(), !hello.empty());
    }
    if (opening.failed) return refuse_encryption();
    if (hello.empty()) return;
    query_ = {};
    if (opening.bad_key)
        send_bare(proto::error_message({.code = proto::error::kKeyExchangeFailed,
                                        .text = "the encryption key is not one: nothing is "
                                                "encrypted on this connection"}));
    proto::Greeting answer = greeting();
    const std::vector<std::string> replies = wire_.replies(is_first);
    answer.replies = replies;
    const std::string text = proto::server_hello(answer);
    if (!wire_.sealed() || sealing_) return send_bare(text);
    arm(text);
}

// Going on without a key would be to say in plain text what the client wants encrypted.
void Session::refuse_encryption() {
    log::error("session", "session.encryption_unavailable", {{"conn", id()}});
    close(proto::close::kTryAgain, "encryption is not available");
}

// What waits is encrypted when it leaves, so the hello goes in front of it.
void Session::arm(std::string_view hello) {
    context_.counters.add(Counter::sessions_encrypted);
    sealing_ = std::make_unique<Sealing>([this] { pump(); });
    sealing_->armed_ms = context_.timers.now_ms();
    open_lag();
    messages_out_ += 1;
    if (!put(net::Frame::text(hello, true)) ||
        !put(net::make_frame(net::Opcode::kPing, kMarker, true)))
        return on_overflow();
    context_.timers.schedule(sealing_->quiet, kQuietMs);
}

bool Session::is_quiet() const {
    return sealing_ && context_.timers.now_ms() < sealing_->armed_ms + kQuietMs;
}

// A client that has the hello may need its moment to make the key.
void Session::on_pong(std::string_view payload) {
    if (sealing_ && payload == kMarker) sealing_->has_hello = true;
}

// Keep-alives are plain always, as published clients send them.
bool Session::may_pass(const proto::ClientMessage &message, Cover cover) {
    if (!sealing_) return true;
    if (cover == Cover::kSealed) sealing_->takes_plain = false;
    if (cover != Cover::kPlain) return true;
    if (is_keep_alive(message.type)) return true;
    const uint64_t grace = sealing_->has_hello ? kQuietMs : kPlainMs;
    if (sealing_->takes_plain && context_.timers.now_ms() < sealing_->armed_ms + grace) return true;
    sealing_->takes_plain = false;
    context_.counters.add(Counter::plain_refused);
    send_error({.code = proto::error::kEncryptionRequired,
                .text = "this connection is encrypted: the message was ignored",
                .request_id = message.id});
    return false;
}

// A layer that cannot be read. Nobody but an attacker sends what the cipher refuses.
void Session::refuse_unreadable(const Error &error) {
    context_.counters.add(Counter::messages_malformed);
    if (error.status == WSE_EDENIED) return close(proto::close::kProtocol, error.text);
    if (error.status == WSE_ETOOBIG) return close(proto::close::kTooBig, error.text);
    send_error({.code = proto::error::kInvalidMessage, .text = error.text});
}

// ---- Signatures.

bool Session::has_signed(std::string_view type) const {
    return sealing_ && is_listed(listen_.signed_types, type);
}

// Whether a message of that type may be: the one that is being handled has a right signature, or
// needs none.
bool Session::prove(std::string_view type) {
    if (arrival_.proven || !is_listed(listen_.signed_types, type)) return true;
    arrival_.proven = check_signature(*arrival_.message);
    return arrival_.proven;
}

bool Session::check_signature(const proto::ClientMessage &message) {
    const auto refuse_it = [&](std::string_view code, std::string_view text) {
        context_.counters.add(Counter::signatures_refused);
        send_error({.code = code, .text = text, .request_id = message.id});
        return false;
    };
    if (message.signature.empty() || !sealing_)
        return refuse_it(proto::error::kSignatureRequired,
                         "messages of this type are signed, on an encrypted connection");
    const auto signature = from_base64(message.signature);
    const std::string bytes =
        signed_bytes({message.raw_type, message.raw_id, message.time, message.payload});
    if (!signature || wire_.cipher()->verify(bytes, *signature) != WSE_OK)
        return refuse_it(proto::error::kSignatureInvalid, "the signature is not right");
    const auto time_ms = parse_timestamp(message.time);
    if (message.raw_id.empty() || !time_ms)
        return refuse_it(proto::error::kSignatureInvalid, "a signed message has an id and a ts");
    const auto admitted = sealing_->seen.admit(message.raw_id, *time_ms, context_.clock.wall_ms());
    return admitted || refuse_it(proto::error::kSignatureInvalid, admitted.error().text);
}

// The frame, or one in its place with a signature when it is of a type that has one. Null: it could
// not be signed.
net::FrameRef Session::with_signature(const net::FrameRef &plain) {
    if (!sealing_ || listen_.signed_types.empty() || plain->bare()) return plain;
    const std::string_view text = plain->payload();
    const std::string_view type = content_of(find_json_member(text, "t"));
    if (!has_signed(type)) return plain;
    std::string signature;
    const std::string bytes =
        signed_bytes({type, content_of(find_json_member(text, "id")),
                      content_of(find_json_member(text, "ts")), find_json_member(text, "p")});
    if (wire_.cipher()->sign(bytes, signature) != WSE_OK) return {};
    std::string out(text.substr(0, text.size() - 1));
    out += R"(,"sig":")" + base64(signature) + "\"}";
    return net::Frame::text(out);
}

// ---- What clients ask about the key.

void Session::on_encryption_request(const proto::ClientMessage & /*message*/) {
    send(proto::encryption_response(
        {.enabled = wire_.sealed(), .signing = wire_.sealed() && !listen_.signed_types.empty()}));
}

void Session::on_key_rotation(const proto::ClientMessage &message) {
    if (!sealing_) {
        return send_error({.code = proto::error::kEncryptionRequired,
                           .text = "there is no key on this connection",
                           .request_id = message.id});
    }
    // What was gathered goes first: the answer must be the next that is encrypted.
    if (!flush_batch()) return on_overflow();
    const uint64_t now = context_.timers.now_ms();
    const bool is_soon = sealing_->rekeyed_ms != 0 && now < sealing_->rekeyed_ms + kRekeyEveryMs;
    if (is_soon || !is_clear()) {
        return send_error({.code = proto::error::kRateLimited,
                           .text = "the key cannot be changed now; try again in a moment",
                           .request_id = message.id,
                           .retry_after = true});
    }
    sealing_->rekeyed_ms = now;
    const auto reply = wire_.cipher()->rekey(message.payload);
    // The module may have changed its key, and the client cannot know to what.
    if (!reply && reply.error().status == WSE_EIO) is_broken_ = true;
    if (is_broken_) return on_overflow();
    if (!reply) {
        const bool is_early = reply.error().status == WSE_EAGAIN;
        return send_error(
            {.code = is_early ? proto::error::kRateLimited : proto::error::kKeyExchangeFailed,
             .text = reply.error().text,
             .request_id = message.id,
             .retry_after = is_early});
    }
    send(proto::key_rotation_response(*reply, context_.clock.wall_ms()));
}

}  // namespace wse::session
