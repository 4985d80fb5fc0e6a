// SPDX-License-Identifier: MIT
// What modules may ask of the server, beside what their host does by itself.
#pragma once

#include <atomic>
#include <functional>

#include "config/settings.h"
#include "module/observation.h"
#include "module/services.h"
#include "server/hub_thread.h"
#include "session/publish_entry.h"

namespace wse::server {

class ModuleServices final : public module::Services {
public:
    // Asked on the service loop.
    using Entry = std::function<session::PublishEntry()>;

    // `index` is the service loop's at the hub. All arguments outlive it.
    ModuleServices(hub::LoopIndex index, Loop &service, const config::Limits &limits,
                   HubThread &hub, Entry entry)
        : index_(index), service_(service), limits_(limits), hub_(hub), entry_(std::move(entry)) {}

    // [main] Where publishes are told; null when nobody listens. Before the service loop starts.
    void set_observations(module::Observations *observations) { observations_ = observations; }

    // [any] It enters on the service loop, where event modules shape it. WSE_EAGAIN: too much is on
    // its way there.
    int32_t publish(const std::string &instance, const wse_message &message) override;
    // [service loop]
    int32_t history(std::string_view topic, uint64_t count, HistoryDone done) override;
    int32_t remote_message(const std::string &instance, const wse_message &message) override;
    int32_t app_command(const std::string &instance, const wse_app_command &command) override;

private:
    struct Owned;
    Result<void> submit(const std::string &instance, const wse_message &message);
    void enter(const Owned &message);

    static constexpr size_t kMaxBytes = size_t{16} << 20;  // on their way to the service loop

    const hub::LoopIndex index_;
    Loop &service_;
    const config::Limits &limits_;
    HubThread &hub_;
    const Entry entry_;
    module::Observations *observations_ = nullptr;
    std::atomic<size_t> bytes_{0};
};

}  // namespace wse::server
