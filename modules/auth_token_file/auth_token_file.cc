// SPDX-License-Identifier: MIT
// auth_token_file: lets in who brings a token that stands in a file.
#include <memory>
#include <mutex>
#include <string>

#include <wse/module.h>

#include "abi/module_class.h"
#include "file.h"
#include "options.h"
#include "watcher.h"

namespace wse::auth_token_file {
namespace {

constexpr uint64_t kMaxToken = 8192;  // what is longer is not worth a digest

enum Counter : uint32_t { kAccepted, kMissing, kUnknown, kExpired, kReloads, kBrokenFiles, kCount };

constexpr struct {
    const char *name;
    const char *help;
} kCounters[kCount] = {
    {"accepted", "tokens accepted"},
    {"refused_missing", "connections without a token"},
    {"refused_unknown", "tokens that are not in the file"},
    {"refused_expired", "tokens past the exp of their claims"},
    {"reloads", "times the changed file was read"},
    {"reload_failures", "times the changed file was wrong and the old table kept"},
};

const wse_option kOptions[] = {
    {"file", WSE_OPT_STRING, WSE_OPT_F_REQUIRED | WSE_OPT_F_PATH, offsetof(Config, file), 0, 0,
     nullptr, nullptr, nullptr, "lines of: token user [claims]"},
    {"check_interval", WSE_OPT_DURATION, 0, offsetof(Config, check_interval_ms), 10, 3'600'000,
     "1s", nullptr, nullptr, "how often the file is looked at for changes"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config) : host_(host), config_(config) {}

    std::string load();
    std::string start(wse_loop *loop);
    void stop(wse_loop *loop, wse_stop_token *token);
    void authenticate(const wse_auth_request &request, wse_auth_token *token);

private:
    // One loop is enough to look at the file.
    bool watches(const wse_loop *loop) const { return host_->loop_index(host_, loop) == 0; }
    void count(Counter counter) { host_->stat_add(host_, counters_[counter], 1); }
    void log(int32_t level, const std::string &text) { host_->log(host_, level, text.c_str()); }
    void warn_if_readable(const LoadedFile &file);
    void take(LoadedFile file);
    void use(std::shared_ptr<const Table> table);
    std::shared_ptr<const Table> table() const;
    void refuse(wse_auth_token *token, Counter counter, const char *reason);

    const wse_host *host_;
    const Config &config_;
    uint32_t counters_[kCount] = {};
    std::unique_ptr<Watcher> watcher_;
    // Held for the copy of a pointer, once per connection; the tables themselves never change.
    mutable std::mutex mutex_;
    std::shared_ptr<const Table> table_;
};

std::string Instance::load() {
    LoadedFile file = load_file(config_.file);
    if (!file.table) return "file: " + file.problem;
    for (uint32_t i = 0; i < kCount; ++i) {
        if (host_->stat(host_, kCounters[i].name, kCounters[i].help, &counters_[i]) != WSE_OK)
            return std::string("the server takes no counter ") + kCounters[i].name;
    }
    warn_if_readable(file);
    use(file.table);
    watcher_ = std::make_unique<Watcher>(
        host_, config_.file, static_cast<uint64_t>(config_.check_interval_ms), file.stamp,
        [this](LoadedFile changed) { take(std::move(changed)); });
    return "";
}

std::string Instance::start(wse_loop *loop) {
    if (!watches(loop) || watcher_->start(loop)) return "";
    return "no timer to watch the file with";
}

void Instance::stop(wse_loop *loop, wse_stop_token *token) {
    if (watches(loop)) {
        watcher_->stop(token);
    } else {
        host_->stop_done(host_, token);
    }
}

void Instance::warn_if_readable(const LoadedFile &file) {
    if (!file.readable_by_all) return;
    log(WSE_LOG_WARN,
        std::string("file.readable_by_all path=") + config_.file + " remedy=\"chmod o-r\"");
}

void Instance::take(LoadedFile file) {
    if (!file.table) {
        count(kBrokenFiles);
        log(WSE_LOG_ERROR,
            "file.refused effect=\"the old tokens stay\" problem=\"" + file.problem + '"');
        return;
    }
    count(kReloads);
    log(WSE_LOG_INFO, "file.reloaded tokens=" + std::to_string(file.table->size()));
    warn_if_readable(file);
    use(std::move(file.table));
}

void Instance::use(std::shared_ptr<const Table> table) {
    const std::lock_guard lock(mutex_);
    table_.swap(table);  // the old table goes with the argument, after the lock
}

std::shared_ptr<const Table> Instance::table() const {
    const std::lock_guard lock(mutex_);
    return table_;
}

void Instance::refuse(wse_auth_token *token, Counter counter, const char *reason) {
    count(counter);
    log(WSE_LOG_DEBUG, std::string("token.refused reason=") + reason);
    host_->auth_done(host_, token, WSE_EDENIED, nullptr);
}

void Instance::authenticate(const wse_auth_request &request, wse_auth_token *token) {
    if (request.credential.len == 0) return refuse(token, kMissing, "missing");
    const std::shared_ptr<const Table> table = this->table();
    const Entry *entry = nullptr;
    if (request.credential.len <= kMaxToken)
        entry = table->find(
            {static_cast<const char *>(request.credential.data), request.credential.len});
    if (!entry) return refuse(token, kUnknown, "unknown");
    if (entry->expires_ms != 0 && host_->now_ms(host_) >= entry->expires_ms)
        return refuse(token, kExpired, "expired");
    count(kAccepted);
    const wse_auth_result result = {
        .struct_size = sizeof result,
        .reserved = 0,
        .user = {entry->user.data(), entry->user.size()},
        .claims = {entry->claims.data(), entry->claims.size()},
        .expires_ms = entry->expires_ms,
    };
    host_->auth_done(host_, token, WSE_OK, &result);
}

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded([&] {
        const LoadedFile file = load_file(static_cast<const Config *>(config)->file);
        return abi::report(file.table ? "" : "file: " + file.problem, error);
    });
}

int32_t authenticate(void *self, wse_loop *, const wse_auth_request *request,
                     wse_auth_token *token) noexcept {
    return abi::guarded([&] {
        static_cast<Instance *>(self)->authenticate(*request, token);
        return WSE_OK;
    });
}

const wse_auth_ops kOps = {sizeof kOps, 0, authenticate, nullptr, nullptr};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::auth_token_file

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_AUTH, 0),
    "auth_token_file",
    "1.0",
    wse::auth_token_file::kOptions,
    sizeof(wse_option),
    sizeof(wse::auth_token_file::Config),
    &wse::auth_token_file::kOps,
    wse::auth_token_file::check,
    wse::auth_token_file::Class::create,
    wse::auth_token_file::Class::start,
    wse::auth_token_file::Class::stop,
    wse::auth_token_file::Class::destroy,
};
