// SPDX-License-Identifier: MIT
// Messages to clients themselves, outside of topics: what `wsectl send` makes, here and on other
// hosts.
#pragma once

#include <string>
#include <string_view>

#include "admin/command.h"
#include "base/result.h"
#include "config/settings.h"
#include "proto/message.h"
#include "session/context.h"
#include "session/session.h"

namespace wse::server {

struct Direct {
    std::string connection, user;  // one of them says whom it is for,
    bool all = false;              // or this
    proto::MessageRef message;
};

struct Reached {
    size_t sent = 0, dropped = 0;

    void count(bool was_sent) { ++(was_sent ? sent : dropped); }
};

// As the command `send` has it in docs/control-protocol.md. `now_ms` is the wall clock.
Result<Direct> read_direct(const admin::Args &args, const config::Limits &limits, uint64_t now_ms);
// For the other hosts, and what one of them has said; of another kind, it is nothing for this one,
// WSE_ENOTFOUND.
std::string broadcast_of(const Direct &direct);
Result<Direct> read_broadcast(std::string_view data, const config::Limits &limits, uint64_t now_ms);

// [loop] Calls `visit` with those sessions of the loop; of a user, with the open ones. Closing one
// is allowed, it stays in the lists until its connection has gone.
template <class Visit>
void each_of(session::Context &loop, std::string_view connection, std::string_view user,
             Visit visit) {
    if (!user.empty()) {
        const auto [first, last] = loop.users.equal_range(user);
        for (auto at = first; at != last; ++at) visit(*at->second);
        return;
    }
    for (const auto &[serial, session] : loop.sessions) {
        if (session->id() == connection) visit(*session);
    }
}

// [loop] To those of the loop whom it is for.
Reached send_on_loop(session::Context &loop, const Direct &direct);

}  // namespace wse::server
