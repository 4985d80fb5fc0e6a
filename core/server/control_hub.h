// SPDX-License-Identifier: MIT
// The control socket's dealings with the hub: publishing, and streams of events for
// `wsectl subscribe`. To the hub the service loop is one more loop with subscribers. [service loop]
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "admin/command.h"
#include "base/counters.h"
#include "base/pattern_index.h"
#include "config/settings.h"
#include "module/observation.h"
#include "server/hub_thread.h"
#include "session/publish_entry.h"

namespace wse::server {

class ControlHub {
public:
    // `index` is the service loop's at the hub. All arguments outlive it.
    ControlHub(hub::LoopIndex index, const Clock &clock, const config::Limits &limits,
               HubThread &hub, Counters &counters)
        : index_(index), clock_(clock), limits_(limits), hub_(hub), counters_(counters) {}

    // [main] Before the loop runs.
    void set_shapers(session::Shapers shapers, config::OnFailure on_failure) {
        shapers_ = std::move(shapers);
        on_failure_ = on_failure;
    }
    // Of the service loop, for all that publish there.
    session::PublishEntry entry() const {
        return {limits_, on_failure_, shapers_, clock_, counters_};
    }
    // [main] Where publishes are told; null when nobody listens. Before the service loop starts.
    void set_observations(module::Observations *observations) { observations_ = observations; }

    void publish(const admin::Args &args, const Ref<admin::Reply> &reply);
    // The same to `topic`, whatever `args` says of one.
    void publish(const admin::Args &args, std::string_view topic, const Ref<admin::Reply> &reply);
    void subscribe(const admin::Args &args, const Ref<admin::Reply> &reply);
    void take(Delivery &delivery);

private:
    struct Waiting {
        Ref<admin::Reply> reply;
        std::string topic, id;
        std::string type;
        uint64_t bytes = 0;  // of the payload
    };
    struct Stream {
        Ref<admin::Reply> reply;
        std::vector<std::string> topics;  // those the hub has accepted
        bool gone = false;                // its client went before the hub answered
    };
    static constexpr size_t kMaxStreams = 256;
    static constexpr size_t kMaxTopics = 1000;  // of one stream

    void on_message(const proto::MessageRef &message);
    void on_subscribed(const SubscribedAnswer &answer);
    void on_published(const PublishedAnswer &answer);
    void observe(const Waiting &published) const;
    void end_stream(uint64_t number);

    const hub::LoopIndex index_;
    const Clock &clock_;
    const config::Limits &limits_;
    HubThread &hub_;
    Counters &counters_;
    session::Shapers shapers_;
    config::OnFailure on_failure_ = config::OnFailure::kPass;
    module::Observations *observations_ = nullptr;
    uint64_t last_number_ = 0;
    std::unordered_map<uint64_t, Waiting> waiting_;
    std::unordered_map<uint64_t, Stream> streams_;
    std::unordered_map<std::string, std::vector<uint64_t>> topics_;  // to streams
    PatternIndex<std::vector<uint64_t>> patterns_;                   // likewise
};

}  // namespace wse::server
