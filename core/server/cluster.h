// SPDX-License-Identifier: MIT
// Cluster: the hub's way to the backplane, and back. The hub says on its thread what it wants; it
// is done on the service loop, where the module is. A publish waits for its place at most for
// cluster.publish_timeout; a topic that the module could not follow, or a fact that it could not
// pass on, is tried again until it has, or until the hub has changed its mind.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "loop/loop.h"
#include "module/backplane.h"
#include "server/intake.h"

namespace wse::server {

class Cluster final : public hub::Cluster {
public:
    struct Limits {
        size_t publish_bytes = size_t{64} << 20;  // on their way from the hub to the module
        size_t facts = 100'000;                   // that wait for the module to take them
    };

    // [main] Everything outlives it. The module has started when the service loop begins.
    Cluster(Loop &service, const config::Settings &settings, const Clock &clock, Counters &counters,
            ClusterLink &hub, std::unique_ptr<module::Backplane> backplane, const Limits &limits);
    Cluster(const Cluster &) = delete;
    Cluster &operator=(const Cluster &) = delete;

    // hub::Cluster. [hub]
    void submit(hub::SubmitTicket ticket, const proto::Publication &publication,
                const hub::TopicPolicy &policy) override;
    void follow(const std::string &name, proto::Position have,
                const hub::TopicPolicy &policy) override;
    void unfollow(const std::string &name) override;
    void set_fact(const hub::Fact &fact) override;

    // [any] When all that the hub has wished before is done, the module is asked nothing any more.
    // What waits for its place may still get it, for a second; then it is refused, and `done` is
    // called on the service loop. Before the modules stop.
    void stop(std::function<void()> done);

    // [service loop]
    const std::string &instance_name() const { return backplane_->instance_name(); }
    int32_t broadcast(std::string_view data) { return backplane_->broadcast(data); }
    // `done` comes on this loop, later.
    void command(std::string_view request, module::Backplane::Said done);

    // [service loop] From the module; see module::Services.
    int32_t remote_message(const wse_message &message);
    int32_t followed(const wse_followed &followed);
    int32_t remote_fact(const wse_fact &fact);

private:
    struct Submit {
        hub::SubmitTicket ticket;
        proto::Publication publication;
        uint64_t history_messages, history_age_ms;
        size_t bytes;
    };
    struct Follow {
        std::string name;
        proto::Position have;
        uint64_t history_messages, history_age_ms;
    };
    struct Unfollow {
        std::string name;
    };
    struct Stop {
        std::function<void()> done;
    };
    struct Asked {
        std::unique_ptr<module::Pending> pending;
        module::Backplane::Said done;
    };
    using Wish = std::variant<Submit, Follow, Unfollow, hub::Fact, Stop>;

    void take(std::vector<Wish> &wishes);
    void run(Submit &wish);
    void run(Follow &wish);
    void run(Unfollow &wish);
    void run(hub::Fact &wish);
    void run(Stop &wish);
    void placed(hub::SubmitTicket ticket, const Result<module::Place> &place);
    void end();
    bool follow_now(const Follow &wish);
    bool pass_on(const hub::Fact &fact);
    void try_again();

    Loop &service_;
    Counters &counters_;
    ClusterLink &hub_;
    const std::unique_ptr<module::Backplane> backplane_;
    const uint64_t publish_timeout_ms_;
    const Limits limits_;
    Intake intake_;
    std::atomic<size_t> publish_bytes_{0};
    bool stopped_ = false;
    std::function<void()> done_;  // of stop(), while publishes wait
    std::unordered_map<hub::SubmitTicket, std::unique_ptr<module::Pending>> submits_;
    std::unordered_map<uint64_t, Asked> commands_;
    uint64_t last_command_ = 0;
    std::map<std::string, Follow> follows_to_try_;
    std::map<std::string, hub::Fact> facts_to_try_;  // by what they are about
    Timer again_, end_;
    Mailbox<Wish> wishes_;
};

}  // namespace wse::server
