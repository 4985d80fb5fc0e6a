// SPDX-License-Identifier: MIT
// What a session tells the applications behind the server. Events of one session arrive in the
// order in which they are told here.
#include "base/json_writer.h"
#include "base/log.h"
#include "base/utf8.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr std::string_view kBusy = "the application is behind; try again in a moment";

// A text that is meant to be an envelope: `{…}`, or with a category before it.
bool is_object(std::string_view text) {
    for (const std::string_view prefix : {"WSE{", "S{", "U{"}) {
        if (text.starts_with(prefix)) return true;
    }
    const size_t begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && text[begin] == '{';
}

}  // namespace

// Kept until CONNECT is told: who is anonymous may have told the application's own pages who it is.
void Session::keep_cookie(const net::RequestHead &head) {
    const std::string_view cookie = head.header("cookie");
    if (context_.apps && is_utf8(cookie)) cookie_ = cookie;
}

void Session::open_line() {
    if (!context_.apps) return;
    const size_t listener = static_cast<size_t>(&listen_ - generation_->settings->listeners.data());
    AppClient client{.connection = id(),
                     .user = identity_.user,
                     .serial = serial_,
                     .listener = listener,
                     .data = {}};
    if (context_.apps->wants(listener, WSE_APP_EVENT_CONNECT)) {
        JsonWriter out;
        out.begin_object().member("peer", connection_.peer().ip);
        out.member("listener", listen_.name);
        out.key("claims").raw(identity_.claims.empty() ? "{}" : identity_.claims);
        if (identity_.user.empty() && !cookie_.empty()) out.member("cookie", cookie_);
        client.data = out.end_object().take();
    }
    cookie_ = {};
    line_ = context_.apps->open(std::move(client));
}

void Session::close_line(const net::CloseReason &reason) {
    if (!line_) return;
    line_->close(reason.code, reason.text);
    line_.reset();
}

// The applications are so far behind that one more client could not be told of.
void Session::refuse_busy() {
    context_.counters.add(Counter::app_refused);
    log::warn("session", "session.backend_busy",
              {{"conn", id()}, {"ip", connection_.peer().ip}, {"listener", listen_.name}});
    observe(WSE_OBSERVE_REFUSED, {}, proto::error::kBackendBusy);
    send_error({.code = proto::error::kBackendBusy, .text = kBusy, .retry_after = true});
    close(proto::close::kTryAgain, kBusy);
}

void Session::tell_app(uint32_t event, std::string_view topic) {
    if (line_ && line_->wants(event))
        line_->tell({.event = event, .topic = topic, .time_ms = context_.clock.wall_ms()});
}

// What is told whether there is room or not comes of subscribing.
bool Session::app_has_room() const {
    return !line_ || line_->has_room(asked_topics_ + 1);
}

// False: nobody wants to hear of such messages.
bool Session::offer_message(const proto::ClientMessage &message) {
    if (!line_ || !line_->wants(WSE_APP_EVENT_MESSAGE)) return false;
    offer({.event = WSE_APP_EVENT_MESSAGE,
           .type = message.type,
           .id = message.id,
           .data = message.payload,
           .time_ms = context_.clock.wall_ms()});
    return true;
}

bool Session::offer_raw(uint32_t event, std::string_view data, Cover cover) {
    if (!line_ || !line_->wants(event)) return false;
    if (event == WSE_APP_EVENT_TEXT && is_object(data)) return false;
    if (event == WSE_APP_EVENT_BINARY && is_object(data) && is_utf8(data)) return false;
    // Under a key it is as any other message.
    if (may_pass({}, cover))
        offer({.event = event, .data = data, .time_ms = context_.clock.wall_ms()});
    return true;
}

void Session::offer(const module::AppEvent &event) {
    if (line_->offer(event)) return;
    context_.counters.add(Counter::app_refused);
    send_error({.code = proto::error::kBackendBusy,
                .text = kBusy,
                .request_id = event.id,
                .retry_after = true});
}

}  // namespace wse::session
