// SPDX-License-Identifier: MIT
// One instance on one loop: what the module holds as wse_loop. It knows everything of the module
// that is still under way there (tokens, posts, blocking work), so stop can wait for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include <wse/module.h>

#include "base/counters.h"
#include "base/ref.h"
#include "loop/loop.h"
#include "module/token.h"

namespace wse::module {

class Host;

// Counted because tasks in the loop's mailbox may outlive the instance.
class LoopSide final : public RefCounted<LoopSide> {
public:
    static constexpr uint32_t kMaxPosts = 65536;
    static constexpr uint32_t kMaxWork = 1024;
    using HeaderLookup = std::function<std::string_view(std::string_view name)>;

    LoopSide(Host &host, uint32_t index, Loop &loop, Counters &counters);

    wse_loop *abi() { return reinterpret_cast<wse_loop *>(this); }
    static LoopSide &of(wse_loop *loop) { return *reinterpret_cast<LoopSide *>(loop); }
    static const LoopSide &of(const wse_loop *loop) {
        return *reinterpret_cast<const LoopSide *>(loop);
    }

    uint32_t index() const { return index_; }
    Loop &loop() const { return loop_; }
    const char *loop_name() const { return loop_name_; }  // never freed
    TokenTable &tokens() { return tokens_; }
    const TokenTable &tokens() const { return tokens_; }
    Host &host() { return host_; }
    const Host &host() const { return host_; }
    bool stopping() const { return stopping_; }  // [loop] no new questions

    // [any] The module's calls; the status is what it gets. `judge` reads its memory, and is only
    // called when somebody waits for the answer.
    int32_t post(void (*fn)(void *) noexcept, void *arg);
    int32_t answer(TokenId token, const std::function<Result<Answer>()> &judge);
    void stop_done();
    // [loop]
    int32_t work(void (*blocking)(void *) noexcept, void (*after)(void *) noexcept, void *arg);
    int32_t header(TokenId token, const char *name, wse_bytes *ret) const;

    // [loop] For a function that the server calls later: `begin` gets what tells whether it may
    // still be called, and must be asked exactly once when begin returns WSE_OK. The stop waits.
    using StillThere = std::function<bool()>;
    int32_t expect(const std::function<int32_t(StillThere)> &begin);

    // [loop] The question that authenticate is being called for, for header().
    void set_asking(TokenId token, const HeaderLookup *lookup);

    // [any] The stop is done: nothing of the module is under way here.
    bool closed() const { return closed_.load(std::memory_order_acquire); }
    // [loop] Ends what waits, calls the module's stop, and `stopped` once: true when the module is
    // done here, false when it was not within the deadline (then it must not be destroyed).
    using StopFunction = void (*)(void *self, wse_loop *, wse_stop_token *) noexcept;
    void stop(StopFunction function, void *self, uint64_t deadline_ms,
              std::function<void(bool in_time)> stopped);

private:
    struct Work;
    enum StopState : int { kRunning, kAsked, kDone };

    void deliver(TokenId token, Result<Answer> answer);
    void finish_stop(bool deadline_passed);
    void task_ended();

    Host &host_;  // gone once the stop is done, when tasks in the mailbox may still hold us
    uint32_t index_;
    Loop &loop_;
    const char *const loop_name_;
    Counters &counters_;
    TokenTable tokens_;
    TokenId asking_;
    const HeaderLookup *lookup_ = nullptr;
    bool stopping_ = false;
    std::atomic<bool> closed_{false};
    std::atomic<int> stop_state_{kRunning};
    std::atomic<uint32_t> posts_{0};
    uint32_t work_ = 0;
    std::function<void(bool)> stopped_;
    Timer stop_timer_;
};

}  // namespace wse::module
