// SPDX-License-Identifier: MIT
// The end of a connection: writes what is left, says that nothing follows, and reads until the peer
// has closed too, for a limited time. Closing at once with unread input would reset the connection,
// and the peer might never see our last bytes.
#pragma once

#include <string>

#include "loop/timer_wheel.h"
#include "net/stage.h"

namespace wse::net {

class Farewell final : public Stage {
public:
    Farewell(Context &context, Socket socket, std::string last_bytes);

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;

private:
    void write();
    void drain();

    std::string bytes_;
    size_t written_ = 0;
    size_t drained_ = 0;
    bool shut_ = false;
    Timer deadline_;
};

}  // namespace wse::net
