// SPDX-License-Identifier: MIT
#include "instance.h"

#include <utility>

#include "abi/module_class.h"
#include "name.h"
#include "snapshot/state.h"

namespace wse::snapshot_file {
namespace {

constexpr size_t kMaxFiles = 4096;    // in memory
constexpr size_t kMaxLooks = 64;      // at the disk at once, of different files
constexpr size_t kMaxWaiting = 1024;  // questions for one file; the server asks once for many

}  // namespace

Instance::Instance(const wse_host *host, const Config &config)
    : host_(host),
      config_(config),
      directory_(config.directory),
      watch_(directory_, [this](const std::string &name) { forget(name); }),
      files_(kMaxFiles, static_cast<uint64_t>(config.cache)) {}

std::string Instance::load() {
    const struct {
        const char *name;
        const char *help;
        uint32_t *id;
    } counters[] = {{"answered", "snapshots given", &answered_},
                    {"missing", "topics without a file", &missing_},
                    {"failed", "files that could not be used", &failed_},
                    {"reads", "times a file was read from the disk", &reads_}};
    for (const auto &counter : counters) {
        if (host_->stat(host_, counter.name, counter.help, counter.id) != WSE_OK)
            return std::string("the server takes no counter ") + counter.name;
    }
    return "";
}

std::string Instance::start(wse_loop *loop) {
    uv_ = static_cast<uv_loop_t *>(host_->uv(host_, loop));
    if (!watch_.start(uv_))
        host_->log(host_, WSE_LOG_WARN,
                   "directory.not_watched effect=\"each question looks at the disk\"");
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    stop_token_ = token;
    watch_.close([this] {
        closed_ = true;
        finish_stop();
    });
}

void Instance::finish_stop() {
    if (stop_token_ && closed_ && looks_.empty()) host_->stop_done(host_, stop_token_);
}

bool Instance::believed(const Entry &entry) const {
    return watch_.works() && uv_now(uv_) < entry.believed_until_ms;
}

int32_t Instance::request(wse_loop *loop, const wse_snapshot_request &request,
                          wse_snapshot_token *token) {
    const std::string name = file_name(abi::text_of(request.topic), config_.suffix);
    if (name.empty()) return WSE_ENOTFOUND;
    const Entry *entry = files_.find(name);
    if (entry && believed(*entry)) {
        answer(token, *entry->file);
        return WSE_OK;
    }
    return begin(loop, name, token);
}

int32_t Instance::begin(wse_loop *loop, const std::string &name, wse_snapshot_token *token) {
    const auto under_way = looks_.find(name);
    if (under_way != looks_.end()) {
        if (under_way->second->tokens.size() == kMaxWaiting) return WSE_EAGAIN;
        under_way->second->tokens.push_back(token);
        return WSE_OK;
    }
    if (looks_.size() == kMaxLooks) return WSE_EAGAIN;
    const Entry *entry = files_.find(name);
    auto fresh = std::make_unique<Look>();
    fresh->instance = this;
    fresh->name = name;
    fresh->known = entry ? entry->file : nullptr;
    fresh->tokens.push_back(token);
    Look *const at = fresh.get();
    looks_[name] = std::move(fresh);
    const int32_t status = host_->work(host_, loop, look, looked, at);
    if (status != WSE_OK) looks_.erase(name);
    return status;
}

void Instance::look(void *p) noexcept {
    auto &look = *static_cast<Look *>(p);
    const Instance &self = *look.instance;
    abi::guarded([&] {
        look.found =
            read_file(self.directory_, look.name, static_cast<uint64_t>(self.config_.limit),
                      look.known, look.directory);
        return WSE_OK;
    });
}

void Instance::looked(void *p) noexcept {
    auto &look = *static_cast<Look *>(p);
    Instance &self = *look.instance;
    const auto at = self.looks_.find(look.name);
    std::unique_ptr<Look> done = std::move(at->second);
    self.looks_.erase(at);
    self.finish(std::move(done));
}

void Instance::finish(std::unique_ptr<Look> look) {
    abi::guarded([&] {
        if (look->found) keep(*look);
        return WSE_OK;
    });
    for (wse_snapshot_token *token : look->tokens) {
        if (look->found)
            answer(token, *look->found);
        else
            snapshot::refuse(host_, token, WSE_ENOMEM);
    }
    if (stop_token_) return finish_stop();
    follow_directory(look->directory);
}

// A file that cannot be used is kept like another, and complained of once.
void Instance::keep(const Look &look) {
    const File &file = *look.found;
    if (look.found != look.known && file.status != WSE_ENOTFOUND) {
        host_->stat_add(host_, reads_, 1);
        if (!file.problem.empty())
            host_->log(
                host_, WSE_LOG_WARN,
                ("file.refused file=" + look.name + " problem=\"" + file.problem + '"').c_str());
    }
    if (file.stamp == Stamp()) return files_.erase(look.name);
    const uint64_t until = uv_now(uv_) + static_cast<uint64_t>(config_.check_interval_ms);
    files_.put(look.name, {look.found, look.changed_meanwhile ? 0 : until},
               file.state.data.size() + look.name.size() + sizeof(File));
}

// The path may lead to another directory than at the last look.
void Instance::follow_directory(const Stamp &directory) {
    if (directory == watched_ || directory == Stamp()) return;
    const bool is_first = watched_ == Stamp();
    watched_ = directory;
    if (is_first) return;
    watch_.restart();
    forget("");
}

void Instance::forget(const std::string &name) {
    const auto distrust = [this](const std::string &file) {
        if (Entry *entry = files_.find(file)) entry->believed_until_ms = 0;
        const auto look = looks_.find(file);
        if (look != looks_.end()) look->second->changed_meanwhile = true;
    };
    if (!name.empty()) return distrust(name);
    files_.clear();
    for (const auto &each : looks_) each.second->changed_meanwhile = true;
}

void Instance::answer(wse_snapshot_token *token, const File &file) {
    if (file.status == WSE_OK) {
        host_->stat_add(host_, answered_, 1);
        return snapshot::answer(host_, token, file.state, config_.type);
    }
    host_->stat_add(host_, file.status == WSE_ENOTFOUND ? missing_ : failed_, 1);
    snapshot::refuse(host_, token, file.status);
}

}  // namespace wse::snapshot_file
