// SPDX-License-Identifier: MIT
// The hub on its thread, and the two ways between it and the loops: commands in through one
// mailbox, deliveries and answers out through one mailbox per loop. Both are bounded in bytes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "hub/hub.h"
#include "loop/loop.h"
#include "server/cluster_link.h"
#include "session/context.h"

namespace wse::server {

struct SubscribedAnswer {
    hub::Origin origin;
    std::vector<hub::SubscribedTopic> topics;
};

struct PublishedAnswer {
    hub::Origin origin;
    Result<proto::Position> position;
};

struct ReplayedAnswer {
    hub::Origin origin;
    hub::Replayed part;
};

struct SyncedAnswer {
    hub::Origin origin;
    hub::Synced state;
};

// For one member of a queue group.
struct MemberDelivery {
    uint64_t session = 0;
    std::string group;
    proto::MessageRef message;
};

// What the hub sends to a loop; a loop handles them in their order.
using Delivery =
    std::variant<proto::MessageRef, MemberDelivery, hub::NoticeRef, SubscribedAnswer,
                 ReplayedAnswer, SyncedAnswer, PublishedAnswer, session::SnapshotDelivery>;

// The loop's end. The loop that owns it takes deliveries in `take`.
class HubPort {
public:
    HubPort(Loop &loop, std::function<void(Delivery &)> take);

    // [hub] Queues; send() hands over what has been queued since.
    void queue(Delivery delivery, size_t bytes);
    void send();
    bool congested() const { return backlog_bytes_ > kMaxBacklogBytes; }

private:
    // Messages are shared, so this bounds what a stalled loop keeps alive, not copies of it.
    static constexpr size_t kMaxBacklogBytes = size_t{64} << 20;
    struct Batch {
        std::vector<Delivery> deliveries;
        size_t bytes = 0;
    };
    void drain(std::vector<Batch> &batches);

    std::function<void(Delivery &)> take_;
    Batch outgoing_;  // [hub]
    std::atomic<size_t> backlog_bytes_{0};
    Mailbox<Batch> mailbox_;
};

class HubThread final : public hub::Effects, public session::HubLink, public ClusterLink {
public:
    HubThread(const Clock &clock, const hub::Limits &limits, hub::PolicyOf policy_of,
              uint64_t seed);
    ~HubThread() override;

    // [main] Before start(): the ports by loop index. They outlive stop().
    void attach(std::vector<HubPort *> ports) { ports_ = std::move(ports); }
    // [main] Before start(): what the journal had, and where messages are written from now on.
    void restore(std::unique_ptr<hub::Journal> journal, hub::StoredHistory stored);
    // [main] Before start(). What joins this host with others; outlives stop().
    void set_cluster(hub::Cluster *cluster) { hub_.set_cluster(cluster); }
    // [main] Before start(). See Hub.
    void set_presence_witness(hub::Hub::PresenceWitness witness) {
        hub_.set_presence_witness(std::move(witness));
    }
    void start();
    // [main] Closes the journal, too.
    void stop();

    // HubLink. [any]
    bool publish(hub::Publish command) override;
    void subscribe(hub::Subscribe command) override { inbox_.post(std::move(command)); }
    void unsubscribe(hub::Unsubscribe command) override { inbox_.post(std::move(command)); }
    void replay(hub::Replay command) override { inbox_.post(std::move(command)); }
    void sync(hub::Sync command) override { inbox_.post(std::move(command)); }
    void update_presence(hub::UpdatePresence command) override { inbox_.post(std::move(command)); }
    void give_back(hub::GiveBack command) override { inbox_.post(std::move(command)); }
    void group_ready(hub::GroupReady command) override { inbox_.post(std::move(command)); }
    // ClusterLink. [any]
    bool has_room(size_t bytes) const override;
    void commit(hub::SubmitTicket ticket, proto::Position position) override;
    void refuse(hub::SubmitTicket ticket, Error why) override;
    bool remote(hub::Remote message) override;
    bool followed(hub::Followed topic) override;
    bool fact(hub::Fact fact) override;
    // [any] A state that a module has: it reaches the loop behind every message that was committed
    // before, so that none of those in it comes after it.
    void pass_on(hub::LoopIndex loop, session::SnapshotDelivery state) {
        inbox_.post(PassedOn{loop, std::move(state)});
    }
    // [any] Runs `question` on the hub's thread.
    void ask(std::function<void(const hub::Hub &)> question);

    const Counters &counters() const { return counters_; }

private:
    struct PassedOn {
        hub::LoopIndex loop;
        session::SnapshotDelivery state;
    };
    struct Placed {
        hub::SubmitTicket ticket;
        Result<proto::Position> position;
    };
    // What the inbox counts until it has been run.
    template <class T>
    struct Weighed {
        T what;
        size_t bytes;
    };
    using Command =
        std::variant<PassedOn, hub::Publish, hub::Subscribe, hub::Unsubscribe, hub::Replay,
                     hub::Sync, hub::UpdatePresence, hub::GiveBack, hub::GroupReady, Placed,
                     Weighed<hub::Remote>, Weighed<hub::Followed>, Weighed<hub::Fact>,
                     std::function<void(const hub::Hub &)>>;
    static constexpr size_t kMaxInboxBytes = size_t{64} << 20;
    static constexpr uint64_t kTickMs = 200;

    void drain(std::vector<Command> &commands);
    void on_tick();
    void send_all();
    void run(hub::Publish &command);
    void run(PassedOn &command) { ports_[command.loop]->queue(std::move(command.state), 0); }
    void run(hub::Subscribe &command) { hub_.subscribe(command); }
    void run(hub::Unsubscribe &command) { hub_.unsubscribe(command); }
    void run(hub::Replay &command) { hub_.replay(command); }
    void run(hub::Sync &command) { hub_.sync(command); }
    void run(hub::UpdatePresence &command) { hub_.update_presence(command); }
    void run(hub::GiveBack &command) { hub_.give_back(command); }
    void run(hub::GroupReady &command) { hub_.group_ready(command); }
    void run(Placed &command);
    void run(Weighed<hub::Remote> &command);
    void run(Weighed<hub::Followed> &command);
    void run(Weighed<hub::Fact> &command);
    void run(std::function<void(const hub::Hub &)> &question) { question(hub_); }
    template <class T>
    bool take(T what, size_t bytes);

    // hub::Effects
    void deliver(hub::LoopIndex loop, const proto::MessageRef &message) override;
    void deliver_to(hub::LoopIndex loop, uint64_t session, const std::string &group,
                    const proto::MessageRef &message) override;
    void notice(hub::LoopIndex loop, const hub::NoticeRef &notice) override;
    void subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) override;
    void replayed(const hub::Origin &origin, hub::Replayed part) override;
    void synced(const hub::Origin &origin, hub::Synced state) override;
    void published(const hub::Origin &origin, Result<proto::Position> position) override;
    bool congested() const override;

    Loop loop_;
    Counters counters_;
    std::unique_ptr<hub::Journal> journal_;
    hub::Hub hub_;
    hub::HubState told_;  // what the counters know of
    Timer tick_;
    std::vector<HubPort *> ports_;
    std::atomic<size_t> inbox_bytes_{0};
    Mailbox<Command> inbox_;
};

}  // namespace wse::server
