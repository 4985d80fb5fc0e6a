// SPDX-License-Identifier: MIT
#include "module/authenticator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace wse::module {
namespace {

wse_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

wse_auth_token *abi_token(TokenId token) {
    return reinterpret_cast<wse_auth_token *>(static_cast<uintptr_t>(token.value));
}

}  // namespace

class ModuleAuthenticator::Question final : public PendingAuth, public Asker {
public:
    Question(ModuleAuthenticator &owner, Done done)
        : owner_(owner), done_(std::move(done)), timer_([this] { time_is_up(); }) {}

    ~Question() override {
        done_ = nullptr;
        give_up();
    }

    void ask(const AuthRequest &request) {
        LoopSide &side = owner_.side_;
        if (side.stopping()) return refuse(WSE_ECANCELED, "is stopping");
        token_ = side.tokens().issue(*this, std::max<uint64_t>(now_ms(), 1));
        if (!token_) return refuse(WSE_EAGAIN, "has too many questions to answer");
        side.loop().timers().schedule(timer_, request.deadline_ms);
        const int32_t status = call_module(request);
        if (status == WSE_OK) return;
        side.tokens().revoke(std::exchange(token_, {}));
        const bool known = status < WSE_OK && status >= WSE_EIO;
        refuse(known ? static_cast<wse_status>(status) : WSE_EIO, "did not take the question");
    }

    void answered(Result<Identity> answer) override {
        token_ = {};
        finish(std::move(answer));
    }

    void withdrawn() override {
        give_up();
        finish(error(WSE_ECANCELED, "is stopping"));
    }

private:
    uint64_t now_ms() const { return owner_.host_.clock().monotonic_ms(); }

    int32_t call_module(const AuthRequest &request) {
        const wse_auth_request abi = {
            .struct_size = sizeof abi,
            .source = static_cast<uint32_t>(request.source),
            .credential = bytes(request.credential),
            .peer = bytes(request.peer_ip),
            .listener = bytes(request.listener),
            .deadline_ms = request.deadline_ms,
        };
        LoopSide &side = owner_.side_;
        side.set_asking(token_, &request.header);
        const int32_t status =
            owner_.ops_.authenticate(owner_.self_, side.abi(), &abi, abi_token(token_));
        side.set_asking({}, nullptr);
        return status;
    }

    // Nobody waits any more; the module hears of it unless its answer is on its way.
    void give_up() {
        const TokenId token = std::exchange(token_, {});
        if (!token || !owner_.side_.tokens().abandon(token)) return;
        if (owner_.ops_.cancel)
            owner_.ops_.cancel(owner_.self_, owner_.side_.abi(), abi_token(token));
    }

    Error error(wse_status status, const char *why) const {
        return Error{status, "module " + owner_.host_.name() + ' ' + why};
    }

    // The answer is known inside authenticate(), but `done` may not come there: the timer, now
    // without a question, brings it with the next tick.
    void refuse(wse_status status, const char *why) {
        refusal_ = error(status, why);
        owner_.side_.loop().timers().schedule(timer_, 0);
    }

    void time_is_up() {
        if (refusal_) return finish(*refusal_);
        give_up();
        finish(error(WSE_ETIMEDOUT, "did not answer in time"));
    }

    // The last call: `done` may destroy us.
    void finish(Result<Identity> answer) {
        timer_.cancel();
        const Done done = std::exchange(done_, nullptr);
        if (done) done(std::move(answer));
    }

    ModuleAuthenticator &owner_;
    Done done_;
    TokenId token_;
    std::optional<Error> refusal_;
    Timer timer_;
};

std::unique_ptr<PendingAuth> ModuleAuthenticator::authenticate(const AuthRequest &request,
                                                               Done done) {
    WSE_ASSERT(side_.loop().on_thread(), "authenticate outside the loop of the authenticator");
    auto question = std::make_unique<Question>(*this, std::move(done));
    question->ask(request);
    return question;
}

bool ModuleAuthenticator::authorize(const Identity &who, Action action, std::string_view topic) {
    WSE_ASSERT(side_.loop().on_thread(), "authorize outside the loop of the authenticator");
    if (!ops_.authorize) return true;
    const wse_auth_result abi = {
        .struct_size = sizeof abi,
        .reserved = 0,
        .user = bytes(who.user),
        .claims = bytes(who.claims),
        .expires_ms = who.expires_ms,
    };
    return ops_.authorize(self_, side_.abi(), &abi, static_cast<uint32_t>(action), bytes(topic)) ==
           WSE_OK;
}

}  // namespace wse::module
