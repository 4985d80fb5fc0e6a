// SPDX-License-Identifier: MIT
// event_map: makes messages of the wire out of the events of a backend's domain.
#include <cstdio>
#include <string>
#include <string_view>

#include <wse/module.h>

#include "abi/module_class.h"
#include "mapping.h"
#include "options.h"

namespace wse::event_map {
namespace {

enum Counter : uint32_t { kMapped, kUnmapped, kOnWire, kFaulty, kUnreadable, kWithheld, kCount };

constexpr struct {
    const char *name;
    const char *help;
} kCounters[kCount] = {
    {"mapped", "events whose type is in `types`"},
    {"unmapped", "events whose type is not"},
    {"on_wire", "events that had the form of the wire already"},
    {"faulty", "events with members that were left alone: a bad time, id or priority"},
    {"unreadable", "events that were left alone: more than 64 members"},
    {"withheld", "events that were dropped: `keep`, `drop` and `rename` could not be applied"},
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config) : host_(host), mapping_(config) {}

    std::string load();
    int32_t shape(const wse_event &event, wse_shaping *shaping) noexcept;

private:
    int32_t try_shape(const wse_event &event, wse_shaping *shaping);
    void count(Counter counter) { host_->stat_add(host_, counters_[counter], 1); }
    int32_t withhold(std::string_view topic) noexcept;
    bool set(wse_shaping *shaping, uint32_t member, const std::string &value);

    const wse_host *host_;
    const Mapping mapping_;
    uint32_t counters_[kCount] = {};
};

std::string Instance::load() {
    for (uint32_t i = 0; i < kCount; ++i) {
        if (host_->stat(host_, kCounters[i].name, kCounters[i].help, &counters_[i]) != WSE_OK)
            return std::string("the server takes no counter ") + kCounters[i].name;
    }
    return "";
}

bool Instance::set(wse_shaping *shaping, uint32_t member, const std::string &value) {
    return value.empty() ||
           host_->shape_set(host_, shaping, member, {value.data(), value.size()}) == WSE_OK;
}

// Denied, for a failure lets the event pass as it came when events.on_failure says so, with the
// members that were to stay here.
int32_t Instance::withhold(std::string_view topic) noexcept {
    count(kWithheld);
    char text[512];
    std::snprintf(text, sizeof text,
                  "event.withheld topic=\"%.*s\" why=\"keep, drop or rename cannot be applied\"",
                  static_cast<int>(topic.size()), topic.data());
    host_->log(host_, WSE_LOG_WARN, text);
    return WSE_EDENIED;
}

int32_t Instance::shape(const wse_event &event, wse_shaping *shaping) noexcept {
    const std::string_view topic = abi::text_of(event.message->topic);
    if (!mapping_.is_for(topic)) return WSE_OK;
    const int32_t status = abi::guarded([&] { return try_shape(event, shaping); });
    return status != WSE_OK && mapping_.selects() ? withhold(topic) : status;
}

int32_t Instance::try_shape(const wse_event &event, wse_shaping *shaping) {
    const wse_message &message = *event.message;
    const auto out = mapping_.apply({abi::text_of(message.topic), abi::text_of(message.type),
                                     abi::text_of(message.payload), event.now_ms});
    if (!out) {
        count(kUnreadable);
        return WSE_OK;
    }
    if (out->is_withheld) return WSE_ETOOBIG;
    constexpr Counter kKinds[] = {kMapped, kUnmapped, kOnWire};
    count(kKinds[static_cast<size_t>(out->kind)]);
    if (out->has_faults) count(kFaulty);
    const bool is_set =
        set(shaping, WSE_SHAPE_TYPE, out->type) && set(shaping, WSE_SHAPE_ID, out->id) &&
        set(shaping, WSE_SHAPE_PAYLOAD, out->payload) &&
        set(shaping, WSE_SHAPE_EXTRA, out->extra) &&
        set(shaping, WSE_SHAPE_PRIORITY, out->priority ? std::to_string(*out->priority) : "") &&
        set(shaping, WSE_SHAPE_TIME, out->time_ms ? std::to_string(*out->time_ms) : "");
    return is_set ? WSE_OK : WSE_EIO;
}

using Class = abi::Lifecycle<Instance, Config>;

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(problem_in(*static_cast<const Config *>(config)), error); });
}

int32_t shape(void *self, wse_loop *, const wse_event *event, wse_shaping *shaping) noexcept {
    return static_cast<Instance *>(self)->shape(*event, shaping);
}

const wse_event_ops kOps = {
    sizeof kOps, 0, shape, nullptr, nullptr, nullptr, nullptr, nullptr,
};

}  // namespace
}  // namespace wse::event_map

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_EVENT, 0),
    "event_map",
    "1.0",
    wse::event_map::kOptions,
    sizeof(wse_option),
    sizeof(wse::event_map::Config),
    &wse::event_map::kOps,
    wse::event_map::check,
    wse::event_map::Class::create,
    nullptr,
    nullptr,
    wse::event_map::Class::destroy,
};
