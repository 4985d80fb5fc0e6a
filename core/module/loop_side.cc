// SPDX-License-Identifier: MIT
#include "module/loop_side.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "module/call.h"
#include "module/host.h"

namespace wse::module {

LoopSide::LoopSide(Host &host, uint32_t index, Loop &loop, Counters &counters)
    : host_(host),
      index_(index),
      loop_(loop),
      loop_name_(interned(loop.name())),
      counters_(counters),
      tokens_(index),
      stop_timer_([this] { finish_stop(true); }) {}

int32_t LoopSide::post(void (*fn)(void *) noexcept, void *arg) {
    if (!fn) return WSE_EINVAL;
    if (closed()) return WSE_ECANCELED;
    if (posts_.fetch_add(1, std::memory_order_acq_rel) >= kMaxPosts) {
        posts_.fetch_sub(1, std::memory_order_acq_rel);
        return WSE_EAGAIN;
    }
    loop_.post([self = Ref(this), fn, arg] {
        // Closed meanwhile: it was posted after stop_done, and `arg` is perhaps gone.
        if (!self->closed()) {
            const Call call(*self, "post");
            fn(arg);
        }
        self->task_ended();
    });
    return WSE_OK;
}

void LoopSide::task_ended() {
    posts_.fetch_sub(1, std::memory_order_acq_rel);
    if (stopping_) finish_stop(false);
}

int32_t LoopSide::answer(TokenId token, const std::function<Result<Answer>()> &judge) {
    const Claim claim = tokens_.claim(token);
    if (claim == Claim::kDoubled) {
        counters_.add(Counter::tokens_doubled);
        host_.misuse("answered a question twice, or one it did not take");
        return WSE_EINVAL;
    }
    if (claim == Claim::kLate) {
        counters_.add(Counter::tokens_late);
        loop_.post([self = Ref(this), token] { self->tokens_.redeem(token); });
        return WSE_OK;
    }
    // Copied on the answering thread, before the module's memory is its own again.
    loop_.post([self = Ref(this), token, answer = judge()] { self->deliver(token, answer); });
    return WSE_OK;
}

void LoopSide::deliver(TokenId token, Result<Answer> answer) {
    if (Asker *asker = tokens_.redeem(token)) {
        asker->answered(std::move(answer));
    } else {
        // The asker left while the answer was on its way.
        counters_.add(Counter::tokens_late);
    }
}

struct LoopSide::Work {
    uv_work_t request{};
    Ref<LoopSide> side;
    void (*blocking)(void *) noexcept = nullptr;
    void (*after)(void *) noexcept = nullptr;
    void *arg = nullptr;

    static void run(uv_work_t *request) noexcept {
        const Work *work = static_cast<Work *>(request->data);
        work->blocking(work->arg);
    }
    static void ended(uv_work_t *request, int) noexcept {
        const std::unique_ptr<Work> work(static_cast<Work *>(request->data));
        if (work->after) {
            const Call call(*work->side, "after");
            work->after(work->arg);
        }
        --work->side->work_;
        if (work->side->stopping_) work->side->finish_stop(false);
    }
};

int32_t LoopSide::work(void (*blocking)(void *) noexcept, void (*after)(void *) noexcept,
                       void *arg) {
    if (!blocking) return WSE_EINVAL;
    if (closed()) return WSE_ECANCELED;
    if (work_ == kMaxWork) return WSE_EAGAIN;
    auto item = std::make_unique<Work>();
    item->request.data = item.get();
    item->side = Ref(this);
    item->blocking = blocking;
    item->after = after;
    item->arg = arg;
    if (uv_queue_work(loop_.uv(), &item->request, Work::run, Work::ended) != 0) return WSE_EIO;
    ++work_;
    static_cast<void>(item.release());  // ended() owns it now
    return WSE_OK;
}

int32_t LoopSide::expect(const std::function<int32_t(StillThere)> &begin) {
    if (closed()) return WSE_ECANCELED;
    if (posts_.fetch_add(1, std::memory_order_acq_rel) >= kMaxPosts) {
        posts_.fetch_sub(1, std::memory_order_acq_rel);
        return WSE_EAGAIN;
    }
    const int32_t status = begin([self = Ref(this)] {
        // The function runs before the stop hears that it has ended.
        self->loop_.post([self] { self->task_ended(); });
        return !self->closed();
    });
    if (status != WSE_OK) posts_.fetch_sub(1, std::memory_order_acq_rel);
    return status;
}

void LoopSide::set_asking(TokenId token, const HeaderLookup *lookup) {
    asking_ = token;
    lookup_ = lookup;
}

int32_t LoopSide::header(TokenId token, const char *name, wse_bytes *ret) const {
    if (!name || !ret) return WSE_EINVAL;
    if (!asking_ || token != asking_) return WSE_EINVAL;
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const std::string_view value = *lookup_ ? (*lookup_)(lower) : std::string_view();
    if (value.empty()) return WSE_ENOTFOUND;
    *ret = {value.data(), value.size()};
    return WSE_OK;
}

void LoopSide::stop(StopFunction function, void *self, uint64_t deadline_ms,
                    std::function<void(bool)> stopped) {
    stopping_ = true;
    stopped_ = std::move(stopped);
    tokens_.withdraw_all();
    loop_.timers().schedule(stop_timer_, deadline_ms);
    stop_state_ = kAsked;
    if (function) {
        const Call call(*this, "stop");
        function(self, abi(), reinterpret_cast<wse_stop_token *>(this));
    } else {
        stop_done();
    }
}

void LoopSide::stop_done() {
    int expected = kAsked;
    if (!stop_state_.compare_exchange_strong(expected, kDone))
        return host_.misuse("called stop_done twice, or before stop");
    loop_.post([self = Ref(this)] { self->finish_stop(false); });
}

void LoopSide::finish_stop(bool deadline_passed) {
    const bool quiet = stop_state_ == kDone && posts_ == 0 && work_ == 0;
    if (closed() || (!quiet && !deadline_passed)) return;
    stop_timer_.cancel();
    auto stopped = std::exchange(stopped_, nullptr);
    if (quiet) closed_.store(true, std::memory_order_release);
    if (stopped) {
        stopped(quiet);
    } else {
        log::info("module", "module.stopped_late", {{"module", host_.name()}, {"loop", index_}});
    }
}

}  // namespace wse::module
