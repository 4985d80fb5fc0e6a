// SPDX-License-Identifier: MIT
// Notices a loop that stands inside a module: nobody on that loop is served meanwhile, and the
// module that holds it cannot be made to return.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "module/call.h"

namespace wse::module {

// One call that stands, or has returned after it stood.
struct StuckCall {
    const char *module = nullptr;
    const char *function = nullptr;
    const char *loop = nullptr;
    uint64_t ms = 0;  // since it began
    bool returned = false;
};

// Finds calls that take longer than kStuckMs. One thread at a time.
class CallWatch {
public:
    static constexpr uint64_t kStuckMs = 1000;

    // What is new: each call once when it is found standing, and once when it has returned.
    std::vector<StuckCall> look(uint64_t now_ms);

private:
    struct Known {
        uint64_t serial = 0;
        uint64_t began_ms = 0;
        StuckCall call;
    };
    std::map<const CallSlot *, Known> known_;
};

// Looks a few times a second, on a thread of its own, and logs.
class Watchdog {
public:
    // [main]
    explicit Watchdog(const Clock &clock);
    ~Watchdog();
    Watchdog(const Watchdog &) = delete;
    Watchdog &operator=(const Watchdog &) = delete;

private:
    static constexpr uint64_t kIntervalMs = 200;
    void run() noexcept;

    const Clock &clock_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace wse::module
