// SPDX-License-Identifier: MIT
// Fetches the keys of the issuers when they are due and when a token asks, from one loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/timer.h"
#include "http_client/http_client.h"
#include "options.h"
#include "source.h"

namespace wse::auth_jwt {

// Milliseconds of the steady clock that all loops share. [any]
uint64_t steady_ms();

class Fetcher {
public:
    // `ended` is called on the loop after each fetch, however it ended.
    Fetcher(const wse_host *host, const Config &config,
            const std::vector<std::unique_ptr<Source>> &sources, std::function<void()> ended);

    std::string load();          // [main]
    void start(wse_loop *loop);  // [loop], as all that follows
    void fetch(Source &source);  // which was claimed
    void stop(wse_stop_token *token);

private:
    struct FileJob;

    void arm();
    void on_time();
    int32_t ask(Source &source);
    int32_t read(Source &source);
    void answered(Source &source, const http::Outcome &outcome);
    void take(Source &source, std::string_view json, uint64_t max_age_ms) noexcept;
    void fail(Source &source, std::string_view problem) noexcept;
    void end();
    void finish_stop();
    void log(int32_t level, const char *event, const Source &source, const std::string &rest);

    const wse_host *host_;
    const Config &config_;
    const std::vector<std::unique_ptr<Source>> &sources_;
    const std::function<void()> ended_;
    uint32_t counters_[2] = {};
    wse_loop *loop_ = nullptr;
    std::unique_ptr<http::TlsContext> tls_;
    std::unique_ptr<http::HttpClient> client_;
    std::unique_ptr<abi::Timer> timer_;
    uint32_t jobs_ = 0;  // files that are being read
    bool client_closed_ = false;
    wse_stop_token *stop_token_ = nullptr;  // once it is stopping
};

}  // namespace wse::auth_jwt
