// SPDX-License-Identifier: MIT
// Relay: one request that is not for the WebSocket path, to the fallback, and its answer back. The
// answer ends when the fallback closes; then the client's connection ends too, and the answer says
// so. Keep-alive and other upgrades are for later. Each direction holds back its source while its
// sink does not take more. The request's query may carry a token: nothing here logs it.
#pragma once

#include <string>

#include "loop/timer_wheel.h"
#include "net/answer_head.h"
#include "net/body.h"
#include "net/stage.h"

namespace wse::net {

class Relay final : public Stage {
public:
    // Takes over `upstream`, which may still be connecting. `rest`: what came behind the head.
    Relay(Context &context, Socket client, int upstream, const Request &request,
          std::string_view rest);
    ~Relay() override;

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;

private:
    // The fallback's end in the poller.
    class Upstream final : public Pollable {
    public:
        Upstream(Relay &relay, int fd) : fd_(fd), relay_(relay) {}
        void on_events(uint32_t events) override { relay_.on_upstream(events); }
        int fd_;

    private:
        Relay &relay_;
    };

    void on_upstream(uint32_t events);
    void pump();
    bool move_request();
    bool move_answer();
    void refuse(int status, const char *text);
    void on_deadline();
    void touch();
    void drop_upstream();
    void end();

    Upstream upstream_;
    BodyFramer body_;
    std::string to_upstream_;  // at most one head and one buffer, framed anew
    AnswerHead answer_head_;
    std::string to_client_;  // at most one head and one buffer
    std::string method_;
    Timer deadline_;
    bool malformed_ = false;  // already in what came with the head
    bool connected_ = false;
    bool answered_ = false;        // a byte of the answer has gone to the client
    bool client_readable_ = true;  // edge-triggered: until a read says otherwise
    bool upstream_readable_ = false;
    bool upstream_ended_ = false;
    bool upstream_deaf_ = false;  // takes no more of the request, but may still answer
};

}  // namespace wse::net
