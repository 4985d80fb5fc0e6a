// SPDX-License-Identifier: MIT
// event_filter: subscriptions that bring only the events which meet a client's criteria.
#include <memory>
#include <string>

#include <wse/module.h>

#include "abi/module_class.h"
#include "filter.h"
#include "options.h"
#include "view.h"

namespace wse::event_filter {
namespace {

enum Counter : uint32_t { kCompiled, kRefused, kRead, kUnreadable, kCount };

constexpr struct {
    const char *name;
    const char *help;
} kCounters[kCount] = {
    {"compiled", "filters compiled"},
    {"refused", "filters refused: malformed, or over a limit"},
    {"read", "messages that filters were asked about"},
    {"unreadable", "messages that no filter takes: their payload cannot be read"},
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), patterns_(config) {}

    std::string load();
    std::unique_ptr<Filter> compile(std::string_view criteria, std::string &problem);
    std::unique_ptr<View> read(const wse_message &message);

private:
    void count(Counter counter) { host_->stat_add(host_, counters_[counter], 1); }

    const wse_host *host_;
    const Config &config_;
    Patterns patterns_;
    uint32_t counters_[kCount] = {};
};

std::string Instance::load() {
    for (uint32_t i = 0; i < kCount; ++i) {
        if (host_->stat(host_, kCounters[i].name, kCounters[i].help, &counters_[i]) != WSE_OK)
            return std::string("the server takes no counter ") + kCounters[i].name;
    }
    return "";
}

std::unique_ptr<Filter> Instance::compile(std::string_view criteria, std::string &problem) {
    auto filter = Filter::compile(criteria, config_, patterns_, problem);
    count(filter ? kCompiled : kRefused);
    return filter;
}

std::unique_ptr<View> Instance::read(const wse_message &message) {
    auto view = View::read(message);
    count(view ? kRead : kUnreadable);
    return view;
}

using Class = abi::Lifecycle<Instance, Config>;

int32_t compile(void *self, wse_loop *, wse_bytes criteria, void **ret_filter,
                wse_error *error) noexcept {
    return abi::guarded([&] {
        std::string problem;
        auto filter = static_cast<Instance *>(self)->compile(abi::text_of(criteria), problem);
        if (filter) *ret_filter = filter.release();
        return abi::report(problem, error);
    });
}

void discard(void *, wse_loop *, void *filter) noexcept {
    delete static_cast<Filter *>(filter);
}

int32_t read(void *self, wse_loop *, const wse_message *message, void **ret_view) noexcept {
    return abi::guarded([&] {
        auto view = static_cast<Instance *>(self)->read(*message);
        if (!view) return WSE_EINVAL;
        *ret_view = view.release();
        return WSE_OK;
    });
}

int32_t match(void *, const void *filter, const void *view) noexcept {
    const int32_t answer = abi::guarded([&] {
        return static_cast<const Filter *>(filter)->takes(*static_cast<const View *>(view)) ? 1 : 0;
    });
    return answer == 1 ? 1 : 0;  // a filter that memory does not suffice for takes nothing
}

void close(void *, wse_loop *, void *view) noexcept {
    delete static_cast<View *>(view);
}

const wse_event_ops kOps = {
    sizeof kOps, 0, nullptr, compile, discard, read, match, close,
};

}  // namespace
}  // namespace wse::event_filter

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_EVENT, 0),
    "event_filter",
    "1.0",
    wse::event_filter::kOptions,
    sizeof(wse_option),
    sizeof(wse::event_filter::Config),
    &wse::event_filter::kOps,
    nullptr,
    wse::event_filter::Class::create,
    nullptr,
    nullptr,
    wse::event_filter::Class::destroy,
};
