// SPDX-License-Identifier: MIT
// Modules of kind event as the rest of the server sees them, one object per instance and loop. The
// seam between the publishing and delivering sides and module_event.h; tests put fakes here. [loop]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <wse/module.h>

#include "base/result.h"
#include "module/shaping.h"

namespace wse::module {

enum class Source : uint32_t {
    kClient = WSE_SOURCE_CLIENT,
    kControl = WSE_SOURCE_CONTROL,
    kModule = WSE_SOURCE_MODULE
};

// What is published, or has been. Borrowed; empty and 0: not known.
struct Event {
    std::string_view topic = {};
    std::string_view type = {};
    std::string_view id = {};
    std::string_view payload = {};  // a JSON object
    std::string_view extra = {};    // likewise
    uint32_t priority = 0;
    uint64_t time_ms = 0;
    uint64_t epoch = 0;
    uint64_t offset = 0;
};

class EventShaper {
public:
    virtual ~EventShaper() = default;
    virtual const std::string &instance_name() const = 0;
    // WSE_OK: it goes on, changed as `shaping` says afterwards, unchecked. WSE_EDENIED: the module
    // drops it. Anything else: it has failed, and `shaping` says nothing.
    virtual int32_t shape(const Event &event, Source source, std::string_view user, uint64_t now_ms,
                          Shaping &shaping) = 0;
};

class EventFilters {
public:
    virtual ~EventFilters() = default;
    // A JSON object that a client wrote becomes a filter, to be discarded. The error is for the
    // client.
    virtual Result<void *> compile(std::string_view criteria) = 0;
    virtual void discard(void *filter) = 0;
    // What filters match; to be closed. The error is a message that the module cannot read.
    virtual Result<void *> read(const Event &event) = 0;
    virtual bool match(const void *filter, const void *view) = 0;
    virtual void close(void *view) = 0;
};

}  // namespace wse::module
