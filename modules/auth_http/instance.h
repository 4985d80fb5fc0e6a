// SPDX-License-Identifier: MIT
// An instance of auth_http: questions on their way to the application, and answers kept.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/lanes.h"
#include "answer.h"
#include "cache/cache.h"
#include "http_client/http_client.h"
#include "options.h"

namespace wse::auth_http {

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                 // [main]
    std::string start(wse_loop *loop);  // [loop], as all that follows
    void stop(wse_loop *loop, wse_stop_token *token);
    int32_t authenticate(wse_loop *loop, const wse_auth_request &request, wse_auth_token *token);
    void cancel(wse_loop *loop, wse_auth_token *token);

private:
    // An answer that may serve again.
    struct Kept {
        Identity identity;
        uint64_t fresh_until_ms = 0;  // of the loop's clock
    };
    struct Question {
        std::string key;  // in kept; empty: not to be kept
        uint64_t call = 0;
    };
    // What one loop has for itself.
    struct Lane {
        Lane(uint64_t max_kept, uint64_t max_bytes) : kept(max_kept, max_bytes) {}

        uv_loop_t *uv = nullptr;
        std::unique_ptr<http::TlsContext> tls;
        std::unique_ptr<http::HttpClient> client;
        std::map<wse_auth_token *, Question> questions;
        Cache<Kept> kept;
    };

    const Identity *find_kept(Lane &lane, const std::string &key) const;
    http::Request make_request(const wse_auth_request &request, std::string body) const;
    int32_t ask(Lane &lane, wse_auth_token *token, http::Request request, Question question);
    void take(Lane &lane, wse_auth_token *token, const http::Outcome &outcome) noexcept;
    void done(Lane &lane, wse_auth_token *token, const Question &question,
              const http::Outcome &outcome);
    void fail(wse_auth_token *token, int32_t status, const std::string &problem);
    void grant(wse_auth_token *token, const Identity &identity);
    void count(int counter) const;

    const wse_host *host_;
    const Config &config_;
    http::Url url_;
    std::vector<std::string> request_headers_;  // in lower case
    abi::Lanes<Lane> lanes_;
    uint32_t counters_[6] = {};
};

// [main] One sentence about the first option that is wrong, or empty.
std::string option_problem(const Config &config);

}  // namespace wse::auth_http
