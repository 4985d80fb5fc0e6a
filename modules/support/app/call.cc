// SPDX-License-Identifier: MIT
#include "app/call.h"

#include <utility>

#include "abi/module_class.h"
#include "app/json_object.h"
#include "app/members.h"

namespace wse::app {
namespace {

struct Trouble {
    std::string_view code;
    std::string_view message;
};

Trouble trouble_of(int32_t status) {
    switch (status) {
        case WSE_EINVAL:
            return {"invalid", "a parameter cannot be used"};
        case WSE_EDENIED:
            return {"denied", "not allowed"};
        case WSE_ENOTFOUND:
            return {"not_found", "there is no such connection, or no such method"};
        case WSE_ETIMEDOUT:
            return {"timeout", "no answer in time"};
        case WSE_ETOOBIG:
            return {"too_large", "over a limit"};
        case WSE_EAGAIN:
            return {"unavailable", "cannot be done for now"};
        default:
            return {"failed", "could not be done"};
    }
}

bool is_object(std::string_view json) {
    return json.starts_with('{');
}

// Two answers as one: lists and objects of the same name are joined.
std::string merged(const std::string &left, const std::string &right) {
    Members ours, theirs;
    if (!ours.read(left) || !theirs.read(right)) return left;
    std::string out;
    JsonObject object(out);
    for (const json_text::Member &member : ours.all()) {
        std::string value(member.value);
        const std::string_view other = theirs.raw(member.name);
        if (other.size() > 2 && other.front() == value.front() &&
            (other.front() == '[' || is_object(other))) {
            value.pop_back();
            if (value.size() > 1) value += ',';
            value += other.substr(1);
        }
        object.raw(json_text::decoded(member.name), value);
    }
    for (const json_text::Member &member : theirs.all()) {
        if (ours.raw(member.name).empty())
            object.raw(json_text::decoded(member.name), member.value);
    }
    object.end();
    return out;
}

}  // namespace

// Of all commands of a call; lives until the last one is answered.
struct Call::Outcome {
    Done done;
    bool is_operation = false;
    size_t open = 0;  // not answered, one of them the handing over itself
    int32_t status = WSE_OK;
    std::string answer;

    void take(int32_t result, std::string_view text) {
        if (status == WSE_OK && result != WSE_OK) {
            status = result;
            answer = is_operation ? text : std::string_view();
        } else if (status == WSE_OK && !text.empty()) {
            answer = answer.empty() ? std::string(text) : merged(answer, std::string(text));
        }
        close();
    }
    void close() {
        if (--open > 0 || !done) return;
        const Trouble trouble = trouble_of(status);
        const Done tell = std::exchange(done, nullptr);
        if (status == WSE_OK)
            tell({true, answer.empty() ? "{}" : answer});
        else
            tell(is_object(answer) ? CallResult{false, answer}
                                   : failed_call(trouble.code, trouble.message));
    }
    // What the server is given as `arg`.
    static void answered(void *arg, int32_t status, wse_bytes answer) noexcept {
        const std::unique_ptr<std::shared_ptr<Outcome>> held(
            static_cast<std::shared_ptr<Outcome> *>(arg));
        abi::guarded([&] {
            (*held)->take(status, abi::text_of(answer));
            return WSE_OK;
        });
    }
};

CallResult failed_call(std::string_view code, std::string_view message) {
    CallResult result;
    JsonObject object(result.json);
    object.text("code", code);
    object.text("message", message);
    object.end();
    return result;
}

std::optional<Call> Call::parse(std::string_view method, std::string_view params, Done done,
                                std::string &ret_problem) {
    Call call;
    call.outcome_ = std::make_shared<Outcome>();
    call.outcome_->done = std::move(done);
    call.outcome_->open = 1;
    if (params.empty() || params == "null") params = "{}";
    if (method.starts_with("conn.")) {
        ret_problem = read_commands(method, params, call.commands_);
    } else {
        const bool usable = is_object(params) && json_text::is_json(params);
        ret_problem = usable ? "" : "params: are no JSON object";
        call.outcome_->is_operation = true;
        call.method_ = method;
        call.params_ = params;
    }
    if (!ret_problem.empty()) return std::nullopt;
    return call;
}

// One command or operation. The server owns `held` once it has taken it.
int32_t Call::hand_over(const wse_host *host, wse_loop *loop) {
    auto held = std::make_unique<std::shared_ptr<Outcome>>(outcome_);
    const int32_t status =
        outcome_->is_operation
            ? host->api_call(host, loop, abi::bytes_of(method_), abi::bytes_of(params_),
                             &Outcome::answered, held.get())
            : issue_command(host, loop, commands_[issued_], &Outcome::answered, held.get());
    if (status == WSE_OK) static_cast<void>(held.release());
    return status;
}

int32_t Call::issue(const wse_host *host, wse_loop *loop) {
    const size_t count = outcome_->is_operation ? 1 : commands_.size();
    for (; issued_ < count; ++issued_) {
        ++outcome_->open;
        const int32_t status = hand_over(host, loop);
        if (status == WSE_OK) continue;
        --outcome_->open;
        if (status == WSE_EAGAIN) return WSE_EAGAIN;
        if (outcome_->status == WSE_OK) outcome_->status = status;
    }
    outcome_->close();
    return WSE_OK;
}

}  // namespace wse::app
