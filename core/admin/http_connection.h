// SPDX-License-Identifier: MIT
// HttpConnection: one connection of the built-in HTTP server, which is one request: its head, its
// body, the desk's answer. libwebsockets reads and writes; what is asked of it here works round
// what 4.1.6 does by itself, and of several requests in a row it would read the bodies wrong.
// [service loop]
//
//     head → body → desk → sending → closed, or draining when the body was not wanted
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "admin/chunked_body.h"
#include "admin/http_message.h"
#include "base/result.h"
#include "loop/timer_wheel.h"

struct lws;

namespace wse::admin {

struct HttpLimits {
    uint32_t connections = 256;    // at once; beyond it connect() is an error
    uint64_t request_ms = 10'000;  // for a request to come whole, and for an answer to be read
    uint64_t answer_ms = 30'000;   // for the desk; then 504
    size_t body_bytes = size_t{1} << 20;  // of a request; beyond it 413
    // Of a request as it is relayed: who lets in more of a head must give room for it here.
    uint16_t head_bytes = 20 * 1024;
};

// What the connections of one server share.
struct HttpShared {
    HttpLimits limits;
    HttpDesk &desk;
    TimerWheel &timers;
    std::atomic<uint32_t> connections{0};
};

class HttpConnection {
public:
    HttpConnection(lws *wsi, HttpShared &shared, Entrance entrance);
    ~HttpConnection();
    HttpConnection(const HttpConnection &) = delete;
    HttpConnection &operator=(const HttpConnection &) = delete;

    // What libwebsockets tells. The result is what its callback returns: not 0 closes.
    int on_head(std::string_view path);
    int on_body(std::string_view bytes);
    int on_body_end();

private:
    enum class Phase { kHead, kBody, kDesk, kSending, kDraining };
    class Reply;

    template <class F>
    int inside(F what);
    Result<void> read_framing();
    void read_head(std::string_view path);
    std::string text_of(int token) const;
    std::string text_of(const char *header) const;
    void take_head(std::string_view path);
    void take_body(std::string_view bytes);
    void refuse(int status, std::string_view code, std::string_view message);
    void refuse_large();
    void ask_desk();
    void answer(const HttpAnswer &answer);
    void write_on();
    void finish();
    void drain();
    void close();
    void on_deadline();
    void wait(Phase phase, uint64_t limit_ms);

    lws *const wsi_;
    HttpShared &shared_;
    const Entrance entrance_;
    Phase phase_ = Phase::kHead;
    Timer deadline_;
    Timer retry_;  // to write
    HttpRequest request_;
    bool has_body_ = false;  // of which not all has come
    bool is_head_ = false;   // the method: its answer has no body
    uint64_t length_ = 0;    // of the body; without one, it is in chunks
    bool is_chunked_ = false;
    ChunkedBody chunks_;
    Reply *reply_ = nullptr;  // while the desk may still answer
    std::string output_;
    size_t sent_ = 0;       // of output_
    bool inside_ = false;   // a call of libwebsockets
    bool closing_ = false;  // when it returns
};

}  // namespace wse::admin
