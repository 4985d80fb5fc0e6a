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
#include "server/hub_thread.h"

namespace wse::server {

class ControlHub {
public:
    // `index` is the service loop's at the hub. All arguments outlive it.
    ControlHub(hub::LoopIndex index, const Clock &clock, const config::Limits &limits,
               HubThread &hub, Counters &counters)
        : index_(index), clock_(clock), limits_(limits), hub_(hub), counters_(counters) {}

    void publish(const admin::Args &args, const Ref<admin::Reply> &reply);
    void subscribe(const admin::Args &args, const Ref<admin::Reply> &reply);
    void take(Delivery &delivery);

private:
    struct Waiting {
        Ref<admin::Reply> reply;
        std::string topic, id;
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
    void end_stream(uint64_t number);

    const hub::LoopIndex index_;
    const Clock &clock_;
    const config::Limits &limits_;
    HubThread &hub_;
    Counters &counters_;
    uint64_t last_number_ = 0;
    std::unordered_map<uint64_t, Waiting> waiting_;
    std::unordered_map<uint64_t, Stream> streams_;
    std::unordered_map<std::string, std::vector<uint64_t>> topics_;  // to streams
    PatternIndex<std::vector<uint64_t>> patterns_;                   // likewise
};

}  // namespace wse::server
