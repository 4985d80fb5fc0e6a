// SPDX-License-Identifier: MIT
// An instance of snapshot_http: questions on their way to the application, and answers kept.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <wse/module.h>

#include "answer.h"
#include "cache/cache.h"
#include "http_client/freshness.h"
#include "http_client/http_client.h"
#include "options.h"
#include "question.h"

namespace wse::snapshot_http {

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                                // [main]
    std::string start(wse_loop *loop);                 // [loop], as all that follows
    void stop(wse_loop *loop, wse_stop_token *token);  // ends what is under way as canceled
    int32_t request(const wse_snapshot_request &request, wse_snapshot_token *token);
    void cancel(wse_snapshot_token *token);
    bool per_user() const;  // [any]

private:
    // An answer that may serve again.
    struct Kept {
        snapshot::State state;
        snapshot::Place asked_at;  // where the topic stood when it was asked for
        std::string etag;
        uint64_t fresh_until_ms = 0;  // of the loop's clock
    };
    struct Question {
        std::string key;  // in kept_; empty: not to be kept
        snapshot::Place asked_at;
        uint64_t call = 0;
    };

    bool is_good(const Kept &kept, const snapshot::Place &asked_at) const;
    http::Request make_request(const wse_snapshot_request &request, http::Url url,
                               const Kept *kept) const;
    int32_t ask(wse_snapshot_token *token, http::Request request, Question question);
    void take(wse_snapshot_token *token, http::Outcome outcome) noexcept;
    void done(wse_snapshot_token *token, const Question &question, http::Outcome outcome);
    void not_modified(wse_snapshot_token *token, const Question &question,
                      const http::Response &response);
    void keep(const Question &question, const http::Freshness &freshness,
              const snapshot::State &state);
    void answer(wse_snapshot_token *token, const snapshot::State &state);
    void fail(wse_snapshot_token *token, int32_t status, const std::string &problem);

    const wse_host *host_;
    const Config &config_;
    UrlPattern url_;
    std::unique_ptr<http::TlsContext> tls_;
    std::unique_ptr<http::HttpClient> client_;
    uv_loop_t *uv_ = nullptr;
    uint32_t answered_ = 0, cached_ = 0, missing_ = 0, failed_ = 0, refused_ = 0;  // counters
    std::map<wse_snapshot_token *, Question> questions_;
    Cache<Kept> kept_;
};

// [main] One sentence about the first option that is wrong, or empty.
std::string option_problem(const Config &config);

}  // namespace wse::snapshot_http
