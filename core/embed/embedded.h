// SPDX-License-Identifier: MIT
// wse_server of <wse/embed.h>: a Server whose service loop is a guest on the program's loop.
// Starting and stopping wait for loops, the program's among them, so a thread beside it does both.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <wse/embed.h>

#include "config/load.h"
#include "module/watchdog.h"
#include "server/certificate_table.h"
#include "server/server.h"

namespace wse::embed {

// [the thread of the program's loop]
class Embedded {
public:
    using Started = std::function<void(const Result<void> &started)>;

    // The error is the first problem; all of them have been written to standard error.
    static Result<std::unique_ptr<Embedded>> make(uv_loop_t *loop,
                                                  const wse_server_options &options);
    // It has never started, has not been able to, or has stopped.
    ~Embedded();
    Embedded(const Embedded &) = delete;
    Embedded &operator=(const Embedded &) = delete;

    // `started` and `stopped` come on the loop, later, once.
    void start(Started started);
    void stop(std::function<void()> stopped);
    const char *address(std::string_view listener) const;

private:
    using Task = std::function<void()>;

    explicit Embedded(uv_loop_t *loop) : loop_(loop) {}
    Result<void> prepare(const wse_server_options &options);
    Result<void> bind();
    // Runs `work` on the thread beside the loop, then what it returns on the loop, where it may
    // free this.
    void beside(std::function<Task()> work);

    uv_loop_t *const loop_;
    const SystemClock clock_;
    config::Loaded loaded_;
    std::string config_path_;
    std::unique_ptr<server::CertificateTable> certificates_;
    std::vector<std::string> addresses_;  // by listener
    std::unique_ptr<module::Watchdog> watchdog_;
    std::unique_ptr<server::Server> server_;
    std::thread thread_;
    bool has_log_ = false;
};

}  // namespace wse::embed
