// SPDX-License-Identifier: MIT
// Backlog: what waits for one slow client once its socket's own queue is full, and what is lost
// when this is full too. A session makes one when it first needs it.
//
// Control frames always find room and are never dropped. A message whose policy is to pause or to
// disconnect is never dropped either, but it may find no room. Lossy messages make room among each
// other, by the policy of the one that comes: whatever their topic, and whatever policy those have
// that go. The limit counts the bytes of frames, though clients share them, and what each entry
// costs. Every operation but trim() costs the logarithm of what waits, for each frame that it
// moves. [loop]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/handler.h"
#include "proto/message.h"

namespace wse::session {

// Why a lossy message was not sent.
enum class Drop : uint8_t {
    kOldest,     // the oldest went for a newer one
    kLowest,     // the one of the lowest priority went, or came
    kConflated,  // a newer one of its topic and key took its place
    kAge,        // it waited too long
    kRefused,    // nothing could go for it
    kCount
};

struct DropCounts {
    uint64_t &operator[](Drop why) { return counts[static_cast<size_t>(why)]; }
    uint64_t operator[](Drop why) const { return counts[static_cast<size_t>(why)]; }
    friend bool operator==(const DropCounts &, const DropCounts &) = default;

    std::array<uint64_t, static_cast<size_t>(Drop::kCount)> counts{};
};

struct Waiting {
    net::FrameRef frame;
    proto::MessageRef message;                    // null: meant for this session alone
    proto::Slow slow = proto::Slow::kDisconnect;  // of the subscription it is for
    uint64_t queued_ms = 0;                       // monotonic
};

class Backlog {
public:
    // What one frame costs here beside its bytes: its places in the queue and in the indexes.
    static constexpr size_t kEntryBytes = 320;

    // Of bytes that wait here and, as `outside`, in the socket's own queue.
    explicit Backlog(size_t limit_bytes, size_t entry_bytes = kEntryBytes)
        : limit_bytes_(limit_bytes), entry_bytes_(entry_bytes) {}

    // So many frames may wait, whatever their bytes; 0: no limit, as at first.
    void limit_frames(size_t count) { limit_frames_ = count; }
    size_t size() const { return queue_.size(); }

    // It may go over the limit: the caller watches control_bytes() and closes.
    void push_control(net::FrameRef frame, uint64_t now_ms);
    // What must not be dropped. False: there is no room; the caller pauses the topic or closes.
    bool push(Waiting waiting, size_t outside);
    // A message whose policy is lossy. False: it was itself dropped, and counted.
    bool push_lossy(Waiting waiting, size_t outside);
    // The next frame to hand on, in the order of the pushes; null when none waits.
    net::FrameRef pop();

    // Takes out every stamped message of the topic that was pushed as one not to drop. The position
    // before the first of them, from which the client goes on later; nothing when there was none.
    std::optional<proto::Position> withdraw(std::string_view topic);
    // Takes out every message that `goes` says yes to, of whatever policy.
    void withdraw_if(const std::function<bool(const proto::Message &message)> &goes);
    // Drops lossy messages queued before that time. Of the others as old, which still wait, the
    // first of each topic: the caller pauses the topic or closes.
    std::vector<proto::MessageRef> trim(uint64_t before_ms);

    bool empty() const { return queue_.empty(); }
    // What pop() takes; null: nothing waits. Valid until something is pushed or taken.
    const Waiting *front() const;
    size_t bytes() const { return bytes_; }
    size_t control_bytes() const { return control_bytes_; }
    // What has been dropped since the last call.
    DropCounts take_drops() { return std::exchange(drops_, {}); }

private:
    enum class Kind : uint8_t { kControl, kKept, kLossy };
    struct Entry {
        Waiting waiting;
        Kind kind;
    };
    using Number = uint64_t;  // counts the pushes
    using Queue = std::map<Number, Entry>;
    // Topic and key, borrowed from the message that waits under it.
    using ConflationKey = std::pair<std::string_view, std::string_view>;

    bool fits(const Waiting &coming, size_t outside) const;
    bool make_room(const Waiting &coming, size_t outside);
    std::optional<Number> oldest_lossy() const;
    std::optional<Number> lowest_lossy(proto::Priority at_most) const;
    bool replace(Queue::iterator place, Waiting waiting, size_t outside);
    void add(Number number, Waiting waiting, Kind kind);
    void remove(Queue::iterator place);
    void drop(Queue::iterator place, Drop why);

    const size_t limit_bytes_;
    const size_t entry_bytes_;
    size_t limit_frames_ = 0;
    Number last_ = 0;
    Queue queue_;
    size_t bytes_ = 0;
    size_t control_bytes_ = 0;
    DropCounts drops_;

    // Where to find in queue_ what is asked for. None has an empty set.
    std::map<proto::Priority, std::set<Number>> lossy_;
    std::map<ConflationKey, Number> conflated_;
    std::map<std::string, std::set<Number>, std::less<>> stamped_;  // by topic
};

}  // namespace wse::session
