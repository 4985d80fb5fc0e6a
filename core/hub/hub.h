// SPDX-License-Identifier: MIT
// Hub: the one writer of order. Commands in, effects out; no sockets, no threads, no clock of its
// own, no I/O but the journal's.
//
// Every publish takes two steps. It is *submitted* to the sequencer of its topic, and it is
// *committed* when the sequencer has given it a place. The local sequencer does both at once; one
// that asks another machine commits later, and commits come in the order of their offsets. What is
// committed is written to the journal, kept as the topic's policy says, and delivered. Nothing here
// costs more than the number of interested loops.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/pattern_index.h"
#include "hub/commands.h"
#include "hub/dedup.h"
#include "hub/journal.h"
#include "hub/presence.h"
#include "hub/replay.h"
#include "hub/store.h"
#include "hub/topic_table.h"

namespace wse::hub {

using SubmitTicket = uint64_t;

// Gives messages their places. It answers each ticket with Hub::commit or Hub::refuse, inside
// submit or later on the hub's thread.
class Sequencer {
public:
    virtual ~Sequencer() = default;
    virtual void submit(SubmitTicket ticket, const proto::Publication &publication) = 0;
};

struct Limits {
    uint32_t loops = 1;                  // loop indexes are below it
    uint64_t topics = 1'000'000;         // beyond it, the longest idle topic nobody subscribes goes
    uint64_t patterns = 100'000;         // different ones that are subscribed
    uint64_t pending_submits = 100'000;  // at the sequencer, and repeats of them
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

struct HubState {
    uint64_t topics = 0;
    uint64_t patterns = 0;
    uint64_t history_bytes = 0;
    uint64_t history_evicted = 0;  // messages given up for lack of memory
    uint64_t group_dropped = 0;    // messages that no member of a full group could take
    bool has_journal = false;
    bool journal_writing = false;
};

class Hub final : public Journal::Holder {
public:
    // `seed` makes epochs: another one for each start of the process.
    Hub(const Clock &clock, const Limits &limits, Effects &effects, PolicyOf policy_of,
        uint64_t seed);

    // Before the first publish. Null: places are given here, at once.
    void set_sequencer(Sequencer *sequencer) { sequencer_ = sequencer; }
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

    // Answers of the sequencer. A ticket that is not pending is ignored.
    void commit(SubmitTicket ticket, proto::Position position);
    void refuse(SubmitTicket ticket, Error why);

    // Questions.
    HubState state() const;
    size_t topic_count() const { return topics_.size(); }
    // Sorted by name; names that match the pattern, at most `limit` of them, and how many matched.
    std::vector<TopicRow> topics(std::string_view pattern, size_t limit, size_t &ret_total) const;
    std::optional<TopicRow> row(std::string_view topic) const;
    // The last `count` messages of the topic's history, oldest first.
    std::vector<proto::MessageRef> latest(const std::string &topic, uint64_t count) const;
    // Who is present, sorted, at most `limit`.
    Roster roster(const std::string &topic, size_t limit) const;

    // Journal::Holder
    TopicState *find(std::string_view topic) override;
    bool holds(std::string_view topic, proto::Position position) override;

private:
    // A publish at the sequencer, and those that repeat it meanwhile.
    struct Pending {
        Publish command;
        std::vector<Origin> repeats = {};
    };
    using LoopCounts = std::vector<uint32_t>;

    // hub.cc: publishing
    bool answer_repeat(const Publish &command);
    void submit(Publish command);
    bool is_full_of_pending() const;
    void refuse_pending(const Origin &origin);
    Pending take_pending(SubmitTicket ticket);
    void answer(const Pending &pending, const Result<proto::Position> &position);
    proto::Position place(proto::Publication publication, Topic &topic, proto::Position position);
    proto::MessageRef make_message(proto::Record record, const Topic &topic) const;
    void write(Topic &topic, const proto::Message &message);
    void deliver(Topic &topic, const proto::MessageRef &message);
    bool is_interested(Topic &topic, LoopIndex loop);
    void find_pattern_loops(Topic &topic);

    // subscribe.cc
    SubscribedTopic subscribe_topic(const Subscribe &command, const Subscribe::Topic &wanted,
                                    ReplayBudget &budget);
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
    void leave_group(Topic &topic, const std::string &name, const QueueGroup::Member &member);
    QueueGroup *group_of(std::string_view topic, const std::string &name);

    // presence_events.cc
    void enter(const Subscribe &command, SubscribedTopic &answer,
               std::vector<Presence::Change> &changes, size_t &roster_users);
    void tell(const Presence::Change &change);

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
    Sequencer *sequencer_ = nullptr;
    Journal *journal_ = nullptr;
    uint64_t next_try_ms_ = 0;
    Store store_;
    TopicTable topics_;
    PatternIndex<LoopCounts> patterns_;
    uint64_t patterns_version_ = 1;
    uint32_t log_epoch_;
    uint64_t sequence_ = 0;
    DedupWindow dedup_;
    Presence presence_;
    uint64_t group_dropped_ = 0;
    size_t group_bytes_ = 0;  // that wait in groups
    SubmitTicket last_ticket_ = 0;
    std::unordered_map<SubmitTicket, Pending> pending_;
    uint64_t pending_repeats_ = 0;
    std::unordered_map<std::string, SubmitTicket> pending_ids_;  // topic and id
};

}  // namespace wse::hub
