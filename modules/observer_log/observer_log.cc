// SPDX-License-Identifier: MIT
// observer_log: an access log, one line for each thing that happens.
#include <memory>
#include <string>
#include <utility>

#include <wse/module.h>

#include "abi/module_class.h"
#include "line.h"
#include "options.h"
#include "writer.h"

namespace wse::observer_log {

std::optional<uint32_t> mask_of(const wse_strings &names) {
    uint32_t mask = 0;
    for (uint64_t i = 0; i < names.count; ++i) {
        uint32_t found = 0;
        for (const Event &event : kEvents)
            if (std::string_view(names.items[i]) == event.name) found = event.event;
        if (found == 0) return std::nullopt;
        mask |= found;
    }
    if (names.count > 0) return mask;
    for (const Event &event : kEvents) mask |= event.event;
    return mask;
}

namespace {

const wse_option kOptions[] = {
    {"file", WSE_OPT_STRING, WSE_OPT_F_REQUIRED, offsetof(Config, file), 0, 0, nullptr, nullptr,
     nullptr, "absolute path of the log, or - for the server's own log"},
    {"events", WSE_OPT_STRINGS, 0, offsetof(Config, events), 0, 0, nullptr, nullptr, nullptr,
     "which of open, close, refused, subscribe, unsubscribe and publish are written; without it "
     "all"},
    {"format", WSE_OPT_ENUM, 0, offsetof(Config, format), 0, 0, "text", "text|json", nullptr,
     "lines of words and key=value, or of JSON objects"},
    {"buffer", WSE_OPT_SIZE, 0, offsetof(Config, buffer), 65536, 1 << 26, "1m", nullptr, nullptr,
     "how much may wait for a slow disk before lines are lost"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), mask_(mask_of(config.events).value_or(0)) {}

    // Empty, or what is wrong.
    std::string load();
    uint32_t wants() const { return mask_; }
    std::string start(wse_loop *loop);
    void stop(wse_loop *loop, wse_stop_token *token);
    void observe(const wse_observation &observation) noexcept;

private:
    std::string line_of(const Event &event, const wse_observation &observation) const;
    void write(std::string line);

    const wse_host *host_;
    const Config &config_;
    const uint32_t mask_;
    std::unique_ptr<Writer> writer_;  // null: the lines go to the server's log
};

bool is_server_log(const Config &config) {
    return std::string_view(config.file) == "-";
}

std::string Instance::load() {
    if (is_server_log(config_)) return "";
    Writer::Counters counters;
    if (host_->stat(host_, "lines", "lines written", &counters.written) != WSE_OK ||
        host_->stat(host_, "lost", "lines lost to a slow or full disk", &counters.lost) != WSE_OK)
        return "the server takes no counters";
    writer_ = std::make_unique<Writer>(host_, config_.file, static_cast<size_t>(config_.buffer),
                                       counters);
    const std::string problem = writer_->open();
    return problem.empty() ? "" : "file: " + problem;
}

std::string Instance::start(wse_loop *loop) {
    if (writer_) writer_->start(loop);
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    if (writer_) return writer_->stop(token);
    host_->stop_done(host_, token);
}

std::string Instance::line_of(const Event &event, const wse_observation &observation) const {
    const bool json = static_cast<Format>(config_.format) == Format::kJson;
    return json ? json_line(event, observation) : text_line(event, observation);
}

void Instance::write(std::string line) {
    if (writer_) return writer_->add(std::move(line));
    host_->log(host_, WSE_LOG_INFO, line.c_str());
}

void Instance::observe(const wse_observation &observation) noexcept {
    for (const Event &event : kEvents) {
        if (event.event != observation.event) continue;
        const int32_t status = abi::guarded([&] {
            write(line_of(event, observation));
            return WSE_OK;
        });
        if (status != WSE_OK && writer_) writer_->lose();
        return;
    }
}

using Class = abi::Lifecycle<Instance, Config>;

std::string problem_in(const Config &config) {
    if (!is_server_log(config) && config.file[0] != '/')
        return std::string("file: '") + config.file + "' is neither an absolute path nor -";
    if (!mask_of(config.events))
        return "events: one is none of open, close, refused, subscribe, unsubscribe, publish";
    return "";
}

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(problem_in(*static_cast<const Config *>(config)), error); });
}

void observe(void *self, wse_loop *, const wse_observation *observation) noexcept {
    static_cast<Instance *>(self)->observe(*observation);
}

uint32_t wants(void *self) noexcept {
    return static_cast<Instance *>(self)->wants();
}

const wse_observer_ops kOps = {
    sizeof kOps,
    WSE_OBSERVE_OPEN | WSE_OBSERVE_CLOSE | WSE_OBSERVE_REFUSED | WSE_OBSERVE_SUBSCRIBE |
        WSE_OBSERVE_UNSUBSCRIBE | WSE_OBSERVE_PUBLISH,
    observe,
    wants,
};

}  // namespace
}  // namespace wse::observer_log

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_OBSERVER, 0),
    "observer_log",
    "1.0",
    wse::observer_log::kOptions,
    sizeof(wse_option),
    sizeof(wse::observer_log::Config),
    &wse::observer_log::kOps,
    wse::observer_log::check,
    wse::observer_log::Class::create,
    wse::observer_log::Class::start,
    wse::observer_log::Class::stop,
    wse::observer_log::Class::destroy,
};
