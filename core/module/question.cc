// SPDX-License-Identifier: MIT
#include "module/question.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "module/call.h"

namespace wse::module {

std::unique_ptr<Pending> Question::ask(Host &host, LoopSide &side, uint64_t deadline_ms,
                                       const Ask &call, Cancel cancel, Done done,
                                       const char *function) {
    WSE_ASSERT(side.loop().on_thread(), "a module is asked outside its loop");
    std::unique_ptr<Question> question(
        new Question(host, side, std::move(cancel), std::move(done)));
    question->begin(deadline_ms, call, function);
    return question;
}

Question::Question(Host &host, LoopSide &side, Cancel cancel, Done done)
    : host_(host), side_(side), cancel_(std::move(cancel)), done_(std::move(done)), timer_([this] {
          time_is_up();
      }) {}

Question::~Question() {
    done_ = nullptr;
    give_up();
}

void Question::begin(uint64_t deadline_ms, const Ask &call, const char *function) {
    if (side_.stopping()) return refuse(WSE_ECANCELED, "is stopping");
    token_ = side_.tokens().issue(*this, std::max<uint64_t>(host_.clock().monotonic_ms(), 1));
    if (!token_) return refuse(WSE_EAGAIN, "has too many questions to answer");
    side_.loop().timers().schedule(timer_, deadline_ms);
    int32_t status = WSE_OK;
    {
        const Call timed(side_, function);
        status = call(token_);
    }
    if (status == WSE_OK) return;
    side_.tokens().revoke(std::exchange(token_, {}));
    const bool known = status < WSE_OK && status >= WSE_EIO;
    refuse(known ? static_cast<wse_status>(status) : WSE_EIO, "did not take the question");
}

void Question::answered(Result<Answer> answer) {
    token_ = {};
    finish(std::move(answer));
}

void Question::withdrawn() {
    give_up();
    finish(error(WSE_ECANCELED, "is stopping"));
}

// Nobody waits any more; the module hears of it unless its answer is on its way.
void Question::give_up() {
    const TokenId token = std::exchange(token_, {});
    if (!token || !side_.tokens().abandon(token) || !cancel_) return;
    const Call timed(side_, "cancel");
    cancel_(token);
}

Error Question::error(wse_status status, const char *why) const {
    return Error{status, "module " + host_.name() + ' ' + why};
}

// The answer is known inside ask(), but `done` may not come there: the timer, now without a
// question, brings it with the next tick.
void Question::refuse(wse_status status, const char *why) {
    refusal_ = error(status, why);
    side_.loop().timers().schedule(timer_, 0);
}

void Question::time_is_up() {
    if (refusal_) return finish(*refusal_);
    give_up();
    finish(error(WSE_ETIMEDOUT, "did not answer in time"));
}

// The last call: `done` may destroy us.
void Question::finish(Result<Answer> answer) {
    timer_.cancel();
    const Done done = std::exchange(done_, nullptr);
    if (done) done(std::move(answer));
}

}  // namespace wse::module
