// SPDX-License-Identifier: MIT
// The applications behind the server: what its clients do comes to them, and what they want of
// clients is done.
//
// Each loop tells of its sessions, and the hub of who is present, through one mailbox, in which the
// order of each connection is kept. What may be refused is refused where it comes from, when too
// much of that connection, or of all together, waits for the slowest application.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "config/settings.h"
#include "hub/presence.h"
#include "loop/loop.h"
#include "module/services.h"
#include "server/app_queue.h"
#include "session/app_link.h"
#include "session/context.h"

namespace wse::server {

class Applications {
public:
    // Runs the task on the loop of that index.
    using Task = std::function<void(session::Context &)>;
    using Reach = std::function<void(hub::LoopIndex loop, Task task)>;
    using Done = module::Services::CalledDone;

    struct Row {
        std::string name;
        size_t events = 0;  // that wait
        size_t bytes = 0;
        bool is_away = false;  // it could not take the last batch
    };

    // [main] before the service loop starts. All arguments outlive it.
    Applications(Loop &service, const config::Settings &settings, const Clock &clock,
                 Counters &counters, std::vector<std::unique_ptr<module::AppInbox>> inboxes,
                 Reach reach);
    // [main] after all loops have ended.
    ~Applications();

    // [main] For the sessions of that loop. Lives as long as this.
    session::AppLink *make_way(hub::LoopIndex loop);
    // [main] Does anybody want to hear who is present?
    bool wants_presence() const;
    // [hub] Of this host's users.
    void tell_presence(const hub::Presence::Change &move);

    // [service loop]
    bool has(std::string_view instance) const;
    // See wse_host::app_command. `done` may be empty.
    int32_t command(const std::string &instance, const wse_app_command &command, Done done);
    void progress(std::string_view instance);
    std::vector<Row> rows() const;

    // [any] When nothing happens any more and while the service loop still runs: delivers what is
    // queued. Once.
    void begin_finish();
    // [main] After it: waits for the end, as long as an application goes on. False: the service
    // loop stands still; for so long, beside limits.close_timeout, it may.
    bool wait_finished(uint64_t stuck_ms);

private:
    static constexpr size_t kMaxCommandBytes = size_t{16} << 20;  // under way, of all applications

    enum class Step : uint8_t { kOpened, kTold, kClosed, kFinish };
    struct Item {
        Step step;
        hub::LoopIndex loop = 0;
        uint64_t serial = 0;
        AppRecordRef record = {};
    };
    struct Place {
        hub::LoopIndex loop;
        uint64_t serial;
    };
    class Way;
    class Line;

    bool hears(size_t queue, size_t listener) const;
    uint32_t mask_of(size_t listener) const;
    void take(std::vector<Item> &items);
    void take(const Item &item);
    void spread(const AppRecordRef &record);
    void start_finish();
    void answer(size_t bytes, const Done &done, int32_t status, const std::string &text);

    Loop &service_;
    const config::Settings &settings_;
    const Clock &clock_;
    const Reach reach_;
    AppTotals totals_;
    std::vector<std::unique_ptr<AppQueue>> queues_;
    // Of each listener, which of the queues hear of its clients.
    std::vector<std::vector<bool>> heard_by_;
    std::vector<std::unique_ptr<Way>> ways_;
    std::unordered_map<std::string, Place> places_;  // of connections, by id
    size_t command_bytes_ = 0;
    size_t open_ = 0;  // queues that have not finished
    std::atomic<uint64_t> steps_{0};
    std::promise<void> finished_;
    Mailbox<Item> mailbox_;
};

}  // namespace wse::server
