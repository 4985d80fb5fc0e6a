// SPDX-License-Identifier: MIT
// Looks at the token file now and then, from one loop, and reads it again when it has changed. The
// disk is touched on libuv's worker pool alone, for a loop must not wait for it.
#pragma once

#include <uv.h>

#include <functional>
#include <string>

#include <wse/module.h>

#include "file.h"

namespace wse::auth_token_file {

class Watcher {
public:
    using Changed = std::function<void(LoadedFile)>;

    // `seen` is the file as it was read last; `changed` comes on the loop for each other one, also
    // for a broken one, and once for it.
    Watcher(const wse_host *host, std::string path, uint64_t interval_ms, Stamp seen,
            Changed changed);
    Watcher(const Watcher &) = delete;
    Watcher &operator=(const Watcher &) = delete;

    bool start(wse_loop *loop);  // [loop]
    // [loop] Answers the token when the handle is closed and no look is under way; only then may
    // the watcher be destroyed.
    void stop(wse_stop_token *token);

private:
    static void on_tick(uv_timer_t *timer) noexcept;
    static void on_closed(uv_handle_t *timer) noexcept;
    static void look(void *self) noexcept;    // worker thread
    static void looked(void *self) noexcept;  // loop
    void finish_stop();

    const wse_host *host_;
    const std::string path_;
    const uint64_t interval_ms_;
    Stamp seen_;
    Changed changed_;
    wse_loop *loop_ = nullptr;
    uv_timer_t timer_{};
    bool looking_ = false;  // while it is true, found_ belongs to the worker thread
    bool closed_ = false;
    bool has_found_ = false;
    LoadedFile found_;
    wse_stop_token *stop_token_ = nullptr;
};

}  // namespace wse::auth_token_file
