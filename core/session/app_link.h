// SPDX-License-Identifier: MIT
// The seam between the sessions of a loop and the applications behind the server. [loop]
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "module/app_event.h"

namespace wse::session {

// One client's way to the applications, from its CONNECT to its DISCONNECT. What is told arrives in
// its order. Owned by the session.
class AppLine {
public:
    // `mask` has the bit of every event that somebody wants to hear of this client.
    explicit AppLine(uint32_t mask) : mask_(mask) {}
    // Tells that the client has gone, if close() did not.
    virtual ~AppLine() = default;

    bool wants(uint32_t event) const { return (mask_ & module::app_bit(event)) != 0; }
    // What the client may be asked to send again. False: too much of it waits, and it was not told.
    virtual bool offer(const module::AppEvent &event) = 0;
    // What is told however much waits. `connection` and `user` are filled in here, as above.
    virtual void tell(const module::AppEvent &event) = 0;
    // May the client cause that many more events that are told in any case?
    virtual bool has_room(size_t events) const = 0;
    // The last.
    virtual void close(uint32_t code, std::string_view reason) = 0;

private:
    const uint32_t mask_;
};

struct AppClient {
    std::string connection, user;
    uint64_t serial = 0;    // of its session
    size_t listener = 0;    // index
    std::string data = {};  // of CONNECT, where it is wanted
};

class AppLink {
public:
    virtual ~AppLink() = default;
    // So much waits for the applications that no more clients can be told of.
    virtual bool is_full() const = 0;
    // Does anybody want to hear of that event of the listener's clients?
    virtual bool wants(size_t listener, uint32_t event) const = 0;
    // Tells CONNECT.
    virtual std::unique_ptr<AppLine> open(AppClient client) = 0;
};

}  // namespace wse::session
