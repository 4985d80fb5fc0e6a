// SPDX-License-Identifier: MIT
// Hub: the one writer of order. Commands in, effects out; no sockets, no threads, no clock of its
// own, no I/O but the journal's.
//
// A publish gets its place here, at once, when the topic is this host's alone. That of a topic
// which all hosts share is *submitted* to the cluster: its publisher is answered when it has a
// place there, and the message comes back with it, as those of other hosts do. What has its place
// is written to the journal, kept as the topic's policy says, and delivered. Nothing here costs
// more than the number of interested loops.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/pattern_index.h"
#include "hub/cluster.h"
#include "hub/commands.h"
#include "hub/dedup.h"
#include "hub/journal.h"
#include "hub/links.h"
#include "hub/presence.h"
#include "hub/replay.h"
#include "hub/store.h"
#include "hub/topic_table.h"

namespace wse::hub {

struct Limits {
    uint32_t loops = 1;                  // loop indexes are below it
    uint64_t topics = 1'000'000;         // beyond it, the longest idle topic nobody subscribes goes
    uint64_t patterns = 100'000;         // different ones that are subscribed
    uint64_t pending_submits = 100'000;  // at the cluster, and repeats of them
    uint64_t subscribe_wait_ms = 2000;   // for the cluster; then it is served with what is here
    size_t history_bytes = size_t{256} << 20;  // of all rings and retained messages
    uint64_t dedup_ids = 100'000;
    uint64_t dedup_age_ms = 600'000;
    Presence::Limits presence = {};
};

// A topic as it is shown to people.
struct TopicRow {
    std::string topic;
    proto::Position head;
    std::vector<uint32_t> subscribers;  // by loop
    uint64_t group_members = 0;
    uint64_t history_messages = 0;
    uint64_t history_bytes = 0;
    uint64_t retained = 0;
    bool stamped = false;
};

// A part of what a topic keeps, as it is shown to people.
struct HistoryPage {
    proto::Position head;
    uint64_t first = 0;  // offset of the oldest message that is kept
    bool more = false;   // behind the last of these, in the direction of the page
    std::vector<proto::MessageRef> messages;
};

struct HubState {
    uint64_t topics = 0;
    uint64_t patterns = 0;
    uint64_t history_bytes = 0;
    uint64_t history_evicted = 0;  // messages given up for lack of memory
    uint64_t group_dropped = 0;    // messages that no member of a full group could take
    uint64_t presence_topics = 0;  // on which somebody is present
    uint64_t links = 0;            // topics and patterns that are followed in the cluster
    uint64_t remote_lost = 0;      // messages of others for which there was no room
    bool has_journal = false;
    bool journal_writing = false;
};

class Hub final : public Journal::Holder {
public:
    // `seed` makes epochs: another one for each start of the process.
    Hub(const Clock &clock, const Limits &limits, Effects &effects, PolicyOf policy_of,
        uint64_t seed);

    // Before the first command. Null: this host is alone.
    void set_cluster(Cluster *cluster);
    // Before the first command: who hears of the joins and leaves of this host's own users. Called
    // on the hub's thread, inside the command that causes them.
    using PresenceWitness = std::function<void(const Presence::Change &move)>;
    void set_presence_witness(PresenceWitness witness);
    // Before the first command: takes up what the journal had, and writes to it from now on.
    void restore(Journal &journal, StoredHistory stored);

    // Commands. Every Publish, Subscribe, Replay and Sync is answered by exactly one effect to its
    // origin.
    void publish(Publish command);
    void subscribe(const Subscribe &command);
    // Each topic must have been answered with a position, not `again`, for that session before.
    void unsubscribe(const Unsubscribe &command);
    void replay(const Replay &command);
    void sync(const Sync &command);
    void update_presence(const UpdatePresence &command);
    void give_back(const GiveBack &command);
    void group_ready(const GroupReady &command);
    // Now and then: what has become too old goes, who has left is said to have, a journal that
    // could not write tries again.
    void tick();

    // Answers of the cluster. A ticket that is not pending is ignored.
    void commit(SubmitTicket ticket, proto::Position position);
    void refuse(SubmitTicket ticket, Error why);
    // What it tells.
    void remote(Remote message);
    void followed(Followed topic);
    void fact(const Fact &fact);

    // Questions.
    HubState state() const;
    size_t topic_count() const { return topics_.size(); }
    // Sorted by name; names that match the pattern, at most `limit` of them, and how many matched.
    std::vector<TopicRow> topics(std::string_view pattern, size_t limit, size_t &ret_total) const;
    std::optional<TopicRow> row(std::string_view topic) const;
    // The last `count` messages of the topic's history, oldest first.
    std::vector<proto::MessageRef> latest(const std::string &topic, uint64_t count) const;
    // Those behind `offset`, oldest first; or those in front of it, newest first. At most `limit`
    // of them, and of about `max_bytes`, but at least one when there is one. Nothing: no such
    // topic.
    std::optional<HistoryPage> history(const std::string &topic, uint64_t offset, size_t limit,
                                       size_t max_bytes, bool reverse) const;
    // Who is present, sorted, at most `limit`.
    Roster roster(const std::string &topic, size_t limit) const;

    // Journal::Holder
    TopicState *find(std::string_view topic) override;
    bool holds(std::string_view topic, proto::Position position) override;

private:
    // A publish at the cluster, and those that repeat it meanwhile.
    struct Pending {
        Origin origin;
        std::string topic;
        std::string id;  // empty: not given
        std::vector<Origin> repeats = {};
    };
    using LoopCounts = std::vector<uint32_t>;

    // hub.cc: publishing
    bool answer_repeat(const Publish &command);
    void submit(const Publish &command);
    bool is_full_of_pending() const;
    void refuse_pending(const Origin &origin);
    Pending take_pending(SubmitTicket ticket);
    void answer(const Pending &pending, const Result<proto::Position> &position);
    proto::Position place(proto::Publication publication, Topic &topic, proto::Position position);
    proto::MessageRef keep(proto::Publication publication, Topic &topic, proto::Position position);
    proto::MessageRef keep_as(proto::Publication publication, Topic &topic,
                              proto::Position position, uint64_t sequence);
    proto::MessageRef make_message(proto::Record record, const Topic &topic) const;
    void write(Topic &topic, const proto::Message &message);
    void note(Topic &topic);
    void deliver(Topic &topic, const proto::MessageRef &message);
    bool is_interested(Topic &topic, LoopIndex loop);
    void find_pattern_loops(Topic &topic);

    // shared.cc: topics that all hosts share
    bool is_shared(const TopicPolicy &policy) const { return cluster_ && policy.clustered; }
    bool must_wait(const Subscribe &command);
    void want_seen(const Subscribe &command, const std::string &pattern,
                   std::vector<Links::Need> &missing);
    void want(const std::string &name, std::optional<proto::Position> from,
              std::vector<Links::Need> &missing);
    proto::Position have_of(const std::string &name);
    bool needs_link(const std::string &name) const;
    bool is_followed(const std::string &name) const;
    void make_link(const std::string &name);
    bool is_unanswered(const std::string &name) const;
    bool is_behind(const std::string &name, proto::Position client) const;
    void replay_late(const Replay &command);
    static bool has_state(const Topic &topic);
    void answer_late(const std::string &name);
    void begin_pattern(const std::string &name);
    bool is_known_since(const std::string &pattern, uint64_t sequence) const;
    void serve(const Subscribe &command);
    void leave_link(const std::string &name);
    bool is_needed(const std::string &name);
    bool has_subscribers(const std::string &name);
    void go_on(Topic &topic, Followed &from);
    void take_older(Topic &topic, Followed &from);
    void jump(Topic &topic, Followed &to);
    void tell_lost(Topic &topic);
    void tick_links(uint64_t now_ms);
    // … and what holds on them
    void set_fact(Fact::Kind kind, const std::string &topic, const std::string &key,
                  std::string value);
    void set_own_facts(Topic &topic);
    void tell_facts();
    void drop_facts(const std::string &topic, const std::string &host);
    void take_facts(Topic &topic, const std::vector<Fact> &facts);
    void group_fact(Topic &topic, const Fact &fact);

    // subscribe.cc
    SubscribedTopic subscribe_topic(const Subscribe &command, const Subscribe::Topic &wanted,
                                    ReplayBudget &budget);
    Replayed replay_of(const Topic &topic, proto::Position from, ReplayBudget &budget) const;
    void replay_now(const Replay &command);
    void remember_epoch(Topic &topic);
    SubscribedTopic subscribe_group(const Origin &origin, const Subscribe::Topic &wanted);
    SubscribedTopic subscribe_pattern(const Subscribe &command, const Subscribe::Topic &wanted,
                                      ReplayBudget &budget);
    void recover_pattern(const Subscribe &command, const Subscribe::Topic &wanted,
                         SubscribedTopic &answer, ReplayBudget &budget);
    void retained_of_pattern(const std::string &pattern, SubscribedTopic &answer) const;
    void leave_pattern(LoopIndex loop, const std::string &pattern);

    // groups.cc
    void offer(const std::string &name, QueueGroup &group, const proto::MessageRef &message);
    void release(const std::string &name, QueueGroup &group);
    void share(Topic &topic, const std::string &name, QueueGroup &group,
               const proto::MessageRef &message);
    void leave_empty_groups();
    void drop_group(Topic &topic, const std::string &name);
    void take_over(Topic &topic, const std::string &name, const std::string &host,
                   const GroupLeave &left);
    void leave_group(Topic &topic, const std::string &name, const QueueGroup::Member &member);
    QueueGroup *group_of(std::string_view topic, const std::string &name);

    // presence_events.cc
    void enter(const Subscribe &command, SubscribedTopic &answer,
               std::vector<Presence::Change> &changes, size_t &roster_users);
    void tell(const Presence::Change &change);
    void tell_moves();

    // restore.cc
    void restore_ids(const std::vector<StoredTopic> &topics);
    uint64_t committed_at(const proto::Record &record) const;
    void restore_topic(StoredTopic stored);
    void restore_lost(StoredTopic stored);
    void take_back(Topic &topic, proto::Record record, bool in_tail);
    void write_again();

    const Clock &clock_;
    const Limits limits_;
    Effects &effects_;
    Cluster *cluster_ = nullptr;
    Links links_;
    // Until the cluster has answered; by topic.
    std::unordered_map<std::string, std::vector<Replay>> late_replays_;
    size_t late_count_ = 0;
    uint64_t remote_lost_ = 0;
    std::string host_;  // what this one is called in a fact
    Journal *journal_ = nullptr;
    uint64_t next_try_ms_ = 0;
    size_t others_bytes_ = 0;  // of messages that are the turn of other hosts' groups
    Store store_;
    TopicTable topics_;
    PatternIndex<LoopCounts> patterns_;
    uint64_t patterns_version_ = 1;
    uint32_t log_epoch_;
    uint64_t sequence_ = 0;
    DedupWindow dedup_;
    Presence presence_;
    PresenceWitness witness_;
    uint64_t group_dropped_ = 0;
    size_t group_bytes_ = 0;  // that wait in groups
    // Topic and group → when it goes, unless somebody joins it.
    std::map<std::pair<std::string, std::string>, uint64_t> empty_groups_;
    SubmitTicket last_ticket_ = 0;
    std::unordered_map<SubmitTicket, Pending> pending_;
    uint64_t pending_repeats_ = 0;
    std::unordered_map<std::string, SubmitTicket> pending_ids_;  // topic and id
};

}  // namespace wse::hub
