// SPDX-License-Identifier: MIT
// An event on its way to the applications, and what is held of those that none has taken yet.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ref.h"
#include "module/app_event.h"

namespace wse::server {

// Of all connections. [any]
struct AppTotals {
    std::atomic<size_t> events{0};
    std::atomic<size_t> bytes{0};
};

// Of one connection: what its loop counts, and the records give back. [any]
struct AppCredit final : RefCounted<AppCredit> {
    std::atomic<size_t> messages{0};  // that may be refused
    std::atomic<size_t> bytes{0};     // of them
    std::atomic<size_t> others{0};    // events that are told in any case
};

// A copy of an event; shared by the queues of all applications that want it, and counted until the
// last of them has taken it. [any]
class AppRecord final : public RefCounted<AppRecord> {
public:
    // Of no listener: of no connection.
    static constexpr size_t kNoListener = SIZE_MAX;

    // `totals` outlives it; `credit` may be null.
    AppRecord(const module::AppEvent &event, size_t listener, bool is_message,
              Ref<AppCredit> credit, AppTotals &totals);
    ~AppRecord();

    static size_t bytes_of(const module::AppEvent &event);
    // Views of this record.
    module::AppEvent event() const;
    size_t listener() const { return listener_; }
    size_t bytes() const { return sizeof *this + text_.size(); }

private:
    const size_t listener_;
    const bool is_message_;
    const uint32_t event_;
    const uint32_t code_;
    const uint64_t time_ms_;
    std::array<size_t, 6> ends_ = {};  // of its texts, in `text_`
    std::string text_;
    const Ref<AppCredit> credit_;
    AppTotals &totals_;
};
using AppRecordRef = Ref<const AppRecord>;

}  // namespace wse::server
