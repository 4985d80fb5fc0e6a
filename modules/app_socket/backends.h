// SPDX-License-Identifier: MIT
// The backends that are connected, and how they are spoken to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <wse/module.h>

#include "app/call.h"
#include "counters.h"
#include "msgpack_json/message_writer.h"
#include "socket.h"
#include "step.h"

namespace wse::app_socket {

using msgpack_json::Form;
using msgpack_json::MessageWriter;

struct Backend {
    Socket *socket = nullptr;
    bool is_greeted = false;  // its hello was taken
    bool takes_over = false;
    Form form = Form::kJson;
    std::string name;
    uint32_t answers = 0;              // which questions, of 1 << WSE_ASK_*
    uint64_t calls = 0;                // under way
    uint64_t questions = 0;            // that it owes an answer to
    std::optional<app::Call> partial;  // of which the server has not taken all yet
    std::string partial_id;            // as written
    uint64_t patience_until_ms = 0;    // of the loop's clock; 0: nothing was turned away

    uint64_t id() const { return socket->id(); }
    bool can_hear() const { return is_greeted && socket->is_open() && !socket->is_crowded(); }
};

// One loop. A Backend lives until it is ended or forgotten, which no call here does on its own
// accord: what cannot be sent to is told of by its socket, later.
class Backends {
public:
    Backends(const wse_host *host, const Counters &counters) : host_(host), counters_(counters) {}

    // Called for a backend that is no longer to be found, with nothing of it left but this.
    std::function<void(const Backend &)> forgotten;

    Backend *find(uint64_t id);  // null when it has gone
    Backend &add(Socket *socket);
    size_t size() const { return backends_.size(); }
    const std::map<uint64_t, Backend> &all() const { return backends_; }
    std::map<uint64_t, Backend> &all() { return backends_; }

    // An error frame, which ends nothing. `id`: of the message it answers, as written, or empty.
    void tell(Backend &backend, const Problem &problem, std::string_view id);
    // With an error frame, and in good order.
    void end(uint64_t id, const Problem &problem);
    void forget(uint64_t id, const char *cause) noexcept;

private:
    void log(int32_t level, const char *event, const Backend &backend, const char *cause) noexcept;

    const wse_host *host_;
    const Counters &counters_;
    std::map<uint64_t, Backend> backends_;
};

}  // namespace wse::app_socket
