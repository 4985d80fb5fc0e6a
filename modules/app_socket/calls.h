// SPDX-License-Identifier: MIT
// Calls of backends on their way through the server.
#pragma once

#include <uv.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <wse/module.h>

#include "app/call.h"
#include "app/members.h"
#include "backends.h"

namespace wse::app_socket {

// One loop. Outlives the calls: the server tells how each has ended before destroy.
class Calls {
public:
    struct Limits {
        uint64_t under_way;  // of one backend
        uint64_t frame;      // bytes
    };
    Calls(const wse_host *host, wse_loop *loop, Backends &backends, const Counters &counters,
          const Limits &limits);

    // Later: too many are under way, which resumes the backend when one ends; or the server has no
    // room, in which case the backend is_turned_away() and wants to be resumed in a moment.
    Step take(Backend &backend, const app::Members &message);
    // The same message once more, of which the server had not taken all; it need not be read again.
    Step go_on(Backend &backend);
    static bool is_turned_away(const Backend &backend) { return backend.patience_until_ms != 0; }

private:
    Step begin(Backend &backend, const app::Members &message, std::string_view id);
    Step issue(Backend &backend, app::Call call, std::string_view id);
    bool has_patience(Backend &backend) const;
    void finish(uint64_t backend, const std::string &id, const app::CallResult &result);
    void tell(Backend &backend, std::string_view id, const app::CallResult &result);

    const wse_host *host_;
    wse_loop *loop_;
    uv_loop_t *uv_;
    Backends &backends_;
    const Counters &counters_;
    const Limits limits_;
};

}  // namespace wse::app_socket
