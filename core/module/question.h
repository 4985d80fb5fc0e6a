// SPDX-License-Identifier: MIT
// One question to a module, whatever its kind: the token, the deadline, giving up, the answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "loop/timer_wheel.h"
#include "module/answer.h"
#include "module/host.h"
#include "module/loop_side.h"
#include "module/pending.h"

namespace wse::module {

// [loop]
class Question final : public Pending, public Asker {
public:
    // Asks the module; the status is whether it took the token.
    using Ask = std::function<int32_t(TokenId token)>;
    // Tells the module that nobody waits any more.
    using Cancel = std::function<void(TokenId token)>;
    using Done = std::function<void(Result<Answer> answer)>;

    // `done` comes on this loop exactly once unless the result is destroyed first; never inside
    // this call. At the deadline it comes with WSE_ETIMEDOUT.
    // `function` is the literal by which slow calls are named.
    static std::unique_ptr<Pending> ask(Host &host, LoopSide &side, uint64_t deadline_ms,
                                        const Ask &call, Cancel cancel, Done done,
                                        const char *function = "request");
    ~Question() override;

    // Asker
    void answered(Result<Answer> answer) override;
    void withdrawn() override;

private:
    Question(Host &host, LoopSide &side, Cancel cancel, Done done);
    void begin(uint64_t deadline_ms, const Ask &call, const char *function);
    void give_up();
    Error error(wse_status status, const char *why) const;
    void refuse(wse_status status, const char *why);
    void time_is_up();
    void finish(Result<Answer> answer);

    Host &host_;
    LoopSide &side_;
    Cancel cancel_;
    Done done_;
    TokenId token_;
    std::optional<Error> refusal_;
    Timer timer_;
};

// A token as the module holds it, and back.
template <class Token>
Token *abi_token(TokenId token) {
    return reinterpret_cast<Token *>(static_cast<uintptr_t>(token.value));
}

template <class Token>
TokenId id_of(const Token *token) {
    return {reinterpret_cast<uintptr_t>(token)};
}

}  // namespace wse::module
