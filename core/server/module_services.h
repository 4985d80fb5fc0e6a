// SPDX-License-Identifier: MIT
// What modules may ask of the server, beside what their host does by itself.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/settings.h"
#include "module/observation.h"
#include "module/services.h"
#include "server/api.h"
#include "server/applications.h"
#include "server/cluster.h"
#include "server/hub_thread.h"
#include "server/readiness.h"
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

    // [main] What the module of kind backplane brings in; null when there is none. Before the
    // modules start.
    void join(Cluster *cluster, Readiness *readiness) {
        cluster_ = cluster;
        readiness_ = readiness;
    }
    // [main] What applications may call. Before the service loop starts.
    void set_api(Api *api) { api_ = api; }
    // [main] Those of kind app; null when there are none. Before the modules start.
    void set_applications(Applications *applications) { applications_ = applications; }
    // [main] What applications may call. Before the service loop starts.
    void set_api(Api *api) { api_ = api; }
    // [main] Takes a broadcast of another host, on the service loop.
    void set_broadcast(std::function<void(std::string_view data)> take) {
        broadcast_ = std::move(take);
    }

    // [any] It enters on the service loop, where event modules shape it. WSE_EAGAIN: too much is on
    // its way there.
    int32_t publish(const std::string &instance, const wse_message &message) override;
    // [service loop] The place comes with the hub's answer, see take().
    int32_t publish_then(const std::string &instance, const wse_message &message,
                         PlacedDone done) override;
    int32_t history(std::string_view topic, uint64_t count, HistoryDone done) override;
    int32_t remote_message(const std::string &instance, const wse_message &message) override;
    int32_t followed(const std::string &instance, const wse_followed &followed) override;
    int32_t remote_fact(const std::string &instance, const wse_fact &fact) override;
    int32_t broadcast_received(const std::string &instance, std::string_view data) override;
    void health(const std::string &instance, int32_t status, std::string_view text) override;
    int32_t app_command(const std::string &instance, const wse_app_command &command,
                        CalledDone done) override;
    int32_t api_call(const std::string &instance, std::string_view operation,
                     std::string_view params, CalledDone done) override;
    int32_t batch_progress(const std::string &instance) override;

    // [service loop] What the hub says to the service loop: true when it answers a publish of
    // here, and nobody else wants it.
    bool take(const Delivery &delivery);

private:
    struct Owned;
    Result<void> submit(const std::string &instance, const wse_message &message, PlacedDone done);
    void enter(const Owned &message);
    bool is_backplane(const std::string &instance) const;
    bool is_application(const std::string &instance) const;
    Result<void> publish_entered(const Owned &message, proto::Publication publication);

    static constexpr size_t kMaxCalls = 10'000;            // of applications, that are not answered
    static constexpr size_t kMaxBytes = size_t{16} << 20;  // on their way to the service loop
    // In an origin, where ControlHub has 0.
    static constexpr uint64_t kSession = 1;

    const hub::LoopIndex index_;
    Loop &service_;
    const config::Limits &limits_;
    HubThread &hub_;
    const Entry entry_;
    module::Observations *observations_ = nullptr;
    Cluster *cluster_ = nullptr;
    Readiness *readiness_ = nullptr;
    Api *api_ = nullptr;
    size_t calls_ = 0;  // [service loop]
    Applications *applications_ = nullptr;
    Api *api_ = nullptr;
    size_t calls_ = 0;  // [service loop]
    std::function<void(std::string_view)> broadcast_;
    std::atomic<size_t> bytes_{0};
    uint64_t last_request_ = 0;
    std::unordered_map<uint64_t, PlacedDone> placings_;  // by request; publishes at the hub
};

}  // namespace wse::server
