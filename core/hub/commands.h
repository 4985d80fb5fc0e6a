// SPDX-License-Identifier: MIT
// What the hub is told to do, and what it does to the world. Plain values: they cross threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ref.h"
#include "base/result.h"
#include "proto/message.h"

namespace wse::hub {

// Who holds subscribers: the connection loops, then the service loop.
using LoopIndex = uint32_t;

// Where the answer to a command goes; opaque to the hub but for `loop`, and for `session` where a
// command is about what one session holds.
struct Origin {
    LoopIndex loop = 0;
    uint64_t session = 0;
    uint64_t request = 0;
};

struct Publish {
    Origin origin;
    proto::Publication publication;
};

struct Subscribe {
    struct Topic {
        std::string name;    // of a topic, or a pattern
        bool again = false;  // the session has it already and only asks for its position, or replay
        std::optional<proto::Position> from = {};  // replay what came after it
        std::string group = {};                    // share the messages with this queue group
    };
    Origin origin;
    std::vector<Topic> topics;
    // What the session has seen of topics that a pattern of the request takes.
    std::vector<std::pair<std::string, proto::Position>> known = {};
    std::string user = {};
    std::string presence = {};  // JSON object: the user is present on the topics with it
    bool roster = false;        // answer with who is present
};

struct Unsubscribe {
    struct Topic {
        std::string name;
        std::string group = {};
        bool surplus = false;  // counted twice: the session stays, and so does its presence
    };
    LoopIndex loop = 0;
    uint64_t session = 0;
    std::vector<Topic> topics;
};

// More of a replay that did not fit into one answer, or that a slow client had to wait for.
struct Replay {
    Origin origin;
    std::string topic;
    proto::Position from;
};

// What topics, or all that match a pattern, retain.
struct Sync {
    Origin origin;
    std::vector<std::string> topics;
    std::vector<std::string> places = {};  // topics to tell the position of
};

struct UpdatePresence {
    Origin origin;
    std::string topic;  // empty: all of the session's
    std::string data;
};

// A member of a queue group could not take a message: somebody else shall.
struct GiveBack {
    LoopIndex loop = 0;
    uint64_t session = 0;
    bool full = false;  // nothing more until GroupReady; else it only was not the member any more
    std::string group;
    proto::MessageRef message;
};

// … and can again.
struct GroupReady {
    LoopIndex loop = 0;
    uint64_t session = 0;
    std::vector<Unsubscribe::Topic> topics;
};

// A part of a topic's history and what it leads to. Not `more`: the next message that is delivered
// to the loop after the answer is the next one of the topic.
struct Replayed {
    std::string topic;
    proto::Position head;    // of the last message before the first live one
    bool recovered = false;  // else: something after `from` is gone for good
    uint64_t count = 0;      // messages from there to the head
    bool more = false;       // after the last of `messages`, or after `from` without any
    bool asked = true;       // the subscriber had told its position in the topic
    proto::Position from = {};
    std::vector<proto::MessageRef> messages = {};
};

// The messages that stand for a topic's present state.
struct Retained {
    std::string topic;
    proto::Position head;
    std::vector<proto::MessageRef> messages;  // in the order of their offsets
};

// Where a topic stands: the next message that is delivered to the loop is the next one of it.
struct Place {
    std::string topic;
    proto::Position head;
    bool stamped = false;
};

struct Synced {
    std::vector<Retained> topics = {};
    bool truncated = false;          // there are more
    std::vector<Place> places = {};  // of those in the command that are known
};

struct Present {
    std::string user, data;
    uint64_t connections = 0;
};

struct Roster {
    std::string topic;
    std::vector<Present> users;  // some of them, sorted
    uint64_t total = 0;
};

struct SubscribedTopic {
    std::string name;
    bool again;  // as in the command, or a member already; false and a position: one more counted
    // Of the last message before the first live one. For a pattern: the server's epoch and sequence
    // number, from which it can be recovered.
    Result<proto::Position> position;
    std::string group = {};  // as in the command
    bool stamped = false;
    bool lossy = false;
    bool recovered = false;  // everything after `from` is in `replays`, or will be
    uint64_t count = 0;
    std::vector<Replayed> replays = {};   // of the topic; for a pattern, of those it takes
    std::vector<Retained> retained = {};  // likewise
    std::optional<Roster> roster = {};
};

// A message of the server's own to whoever subscribes the topic; in no history.
struct Notice final : RefCounted<Notice> {
    Notice(std::string about, std::string json, bool is_place = false)
        : topic(std::move(about)), text(std::move(json)), tells_place(is_place) {}
    const std::string topic;
    const std::string text;
    const bool tells_place;  // where the topic goes on: nothing for who is replayed it
};
using NoticeRef = Ref<const Notice>;

// What the hub does to the world. Called inside the command that causes it. Everything for one loop
// reaches it in the order of the calls: an answer to Subscribe, then what is published after it.
class Effects {
public:
    virtual ~Effects() = default;
    virtual void deliver(LoopIndex loop, const proto::MessageRef &message) = 0;
    // To one member of a queue group alone.
    virtual void deliver_to(LoopIndex loop, uint64_t session, const std::string &group,
                            const proto::MessageRef &message) = 0;
    virtual void notice(LoopIndex loop, const NoticeRef &notice) = 0;
    virtual void subscribed(const Origin &origin, std::vector<SubscribedTopic> topics) = 0;
    virtual void replayed(const Origin &origin, Replayed part) = 0;
    virtual void synced(const Origin &origin, Synced state) = 0;
    virtual void published(const Origin &origin, Result<proto::Position> position) = 0;
    // True while a loop cannot take more: publishes are refused until it has caught up.
    virtual bool congested() const = 0;
};

}  // namespace wse::hub
