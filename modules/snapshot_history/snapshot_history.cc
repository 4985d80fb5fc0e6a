// SPDX-License-Identifier: MIT
// snapshot_history: the state behind a topic is the last messages that the server keeps of it.
#include <string>

#include <wse/module.h>

#include "abi/module_class.h"
#include "events.h"
#include "snapshot/state.h"

namespace wse::snapshot_history {
namespace {

struct Config {
    int64_t messages;
    int64_t limit;
    const char *type;  // null: the usual
};

const wse_option kOptions[] = {
    {"messages", WSE_OPT_INT, 0, offsetof(Config, messages), 1, 1000, "50", nullptr, nullptr,
     "how many of the last messages"},
    {"limit", WSE_OPT_SIZE, 0, offsetof(Config, limit), 1024, 8 << 20, "256k", nullptr, nullptr,
     "size of all together; the oldest are left out"},
    {"type", WSE_OPT_STRING, 0, offsetof(Config, type), 0, 0, nullptr, nullptr, nullptr,
     "type of the message that carries it"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config) : host_(host), config_(config) {}

    std::string load();
    std::string start(wse_loop *) { return ""; }
    void stop(wse_loop *loop, wse_stop_token *token);
    int32_t request(wse_loop *loop, const wse_snapshot_request &request, wse_snapshot_token *token);

private:
    struct Question {
        Instance *instance;
        wse_snapshot_token *token;
    };
    static void found(void *arg, int32_t status, const wse_message *messages,
                      uint64_t count) noexcept;
    void answer(wse_snapshot_token *token, int32_t status, const wse_message *messages,
                uint64_t count);

    const wse_host *host_;
    const Config &config_;
    uint32_t answered_ = 0, empty_ = 0;  // counters
    uint64_t open_ = 0;                  // questions to the history
    wse_stop_token *stop_token_ = nullptr;
};

std::string Instance::load() {
    if (host_->stat(host_, "answered", "snapshots given", &answered_) != WSE_OK ||
        host_->stat(host_, "empty", "topics of which nothing is kept", &empty_) != WSE_OK)
        return "the server takes no counter";
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    stop_token_ = token;
    if (open_ == 0) host_->stop_done(host_, token);
}

int32_t Instance::request(wse_loop *loop, const wse_snapshot_request &request,
                          wse_snapshot_token *token) {
    auto question = std::make_unique<Question>(Question{this, token});
    const int32_t status = host_->history(
        host_, loop, request.topic, static_cast<uint64_t>(config_.messages), found, question.get());
    if (status != WSE_OK) return status;
    ++open_;
    static_cast<void>(question.release());  // found() has it now
    return WSE_OK;
}

void Instance::found(void *arg, int32_t status, const wse_message *messages,
                     uint64_t count) noexcept {
    const std::unique_ptr<Question> question(static_cast<Question *>(arg));
    Instance &self = *question->instance;
    const int32_t answered = abi::guarded([&] {
        self.answer(question->token, status, messages, count);
        return WSE_OK;
    });
    if (answered != WSE_OK) snapshot::refuse(self.host_, question->token, answered);
    if (--self.open_ == 0 && self.stop_token_) self.host_->stop_done(self.host_, self.stop_token_);
}

// Needs no memory once it has answered.
void Instance::answer(wse_snapshot_token *token, int32_t status, const wse_message *messages,
                      uint64_t count) {
    if (status == WSE_OK && count == 0) status = WSE_ENOTFOUND;
    if (status != WSE_OK) {
        if (status == WSE_ENOTFOUND) host_->stat_add(host_, empty_, 1);
        return snapshot::refuse(host_, token, status);
    }
    const snapshot::State state = state_of(messages, count, static_cast<uint64_t>(config_.limit));
    if (state.data.empty()) return snapshot::refuse(host_, token, WSE_ETOOBIG);
    host_->stat_add(host_, answered_, 1);
    snapshot::answer(host_, token, state, config_.type);
}

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded([&] {
        return abi::report(snapshot::type_problem(static_cast<const Config *>(config)->type),
                           error);
    });
}

int32_t request(void *self, wse_loop *loop, const wse_snapshot_request *request,
                wse_snapshot_token *token) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->request(loop, *request, token); });
}

// What is asked of the history comes within a turn of the hub, so there is nothing to cancel; and
// everybody who may subscribe sees the same messages.
const wse_snapshot_ops kOps = {sizeof kOps, 0, request, nullptr, nullptr};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::snapshot_history

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0),
    "snapshot_history",
    "1.0",
    wse::snapshot_history::kOptions,
    sizeof(wse_option),
    sizeof(wse::snapshot_history::Config),
    &wse::snapshot_history::kOps,
    wse::snapshot_history::check,
    wse::snapshot_history::Class::create,
    wse::snapshot_history::Class::start,
    wse::snapshot_history::Class::stop,
    wse::snapshot_history::Class::destroy,
};
