// SPDX-License-Identifier: MIT
// Catching up: replays, retained state and rosters. A replay comes from the hub a part at a time,
// each when the client has taken the one before, so that it costs no more memory than a live
// stream.
#include "base/log.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxVerdicts = 10'000;
constexpr size_t kPartBytes = size_t{256} << 10;  // of a snapshot or roster (rule M15)

// At most, with what has to be escaped.
size_t written_bytes(const proto::Publication &publication) {
    return publication.bytes() + 6 * (publication.type.size() + publication.id.size()) + 128;
}

}  // namespace

// False: there is no room for all of it, and a drained socket will ask for the rest.
bool Session::take_replay(const hub::Replayed &part) {
    proto::Position last = part.from;
    bool has_room = true;
    for (const auto &message : part.messages) {
        has_room = give_kept(message, context_.replayed_frames.frame_of(message));
        if (!has_room) break;
        last = message->position;
        context_.counters.add(Counter::replayed);
    }
    // Nothing live until the rest has come.
    if (part.more || !has_room) open_lag().behind.insert_or_assign(part.topic, last);
    return has_room;
}

void Session::ask_replay() {
    if (!lag_ || lag_->asked || lag_->behind.empty()) return;
    // By turns, so that a busy topic does not hold back the others.
    auto next = lag_->behind.upper_bound(lag_->turn);
    if (next == lag_->behind.end()) next = lag_->behind.begin();
    const auto &[topic, from] = *next;
    lag_->turn = topic;
    lag_->asked = true;
    context_.hub.replay({{context_.loop, serial_, 0}, topic, from});
}

void Session::on_replayed(const hub::Replayed &part) {
    if (!lag_ || state_ == State::kClosed) return;
    lag_->asked = false;
    const auto found = lag_->behind.find(part.topic);
    // Unsubscribed, or subscribed anew from elsewhere, while the hub was asked.
    if (found != lag_->behind.end() && found->second == part.from) {
        lag_->behind.erase(found);
        // The right to it may have gone since.
        const bool wanted = takes(part.topic);
        if (wanted && !part.recovered) tell_lost(part);
        if (wanted && part.recovered && !take_replay(part)) return;
    }
    if (is_clear()) ask_replay();
}

// The history went on without the client: it goes on from where it can, and is told.
void Session::tell_lost(const hub::Replayed &part) {
    context_.counters.add(Counter::recoveries_failed);
    log::info("session", "session.fell_behind", {{"conn", id()}, {"topic", part.topic}});
    if (!tell_position(part.topic, part.head)) on_overflow();
}

// What the filter takes of it; null: all.
void Session::send_snapshot(const hub::Retained &retained, const Filter *filter) {
    std::vector<proto::MessageRef> taken;
    if (filter) taken = take(*filter, retained.messages);
    const std::span<const proto::MessageRef> all(filter ? taken : retained.messages);
    for (size_t from = 0; from < all.size() && state_ == State::kOpen;) {
        size_t end = from;
        for (size_t bytes = 0; end < all.size(); ++end) {
            bytes += written_bytes(all[end]->publication);
            if (end > from && bytes > kPartBytes) break;
        }
        const auto text = proto::topic_snapshot({.topic = retained.topic,
                                                 .position = retained.head,
                                                 .events = all.subspan(from, end - from),
                                                 .more = end < all.size(),
                                                 .wall_ms = context_.clock.wall_ms()});
        // It must not be dropped, and may be more than fits.
        if (!give_kept({}, net::Frame::text(text))) return on_overflow();
        from = end;
    }
}

void Session::send_roster(const hub::Roster &roster) {
    std::vector<proto::PresenceRow> rows;
    size_t bytes = 0;
    for (const auto &user : roster.users) {
        bytes += 6 * user.user.size() + user.data.size() + 64;
        if (bytes > kPartBytes) break;
        rows.push_back({user.user, user.data, user.connections});
    }
    const auto text = proto::presence_state({.topic = roster.topic,
                                             .rows = rows,
                                             .users = roster.total,
                                             .truncated = roster.total > rows.size()});
    if (!give_kept({}, net::Frame::text(text))) on_overflow();
}

// Asked once for each topic that came through a pattern: a right to a pattern is one to the topics
// in it that the session may have, and to no others.
bool Session::may_receive(const std::string &topic) {
    if (!verdicts_) verdicts_ = std::make_unique<std::unordered_map<std::string, bool>>();
    if (const auto known = verdicts_->find(topic); known != verdicts_->end()) return known->second;
    if (verdicts_->size() >= kMaxVerdicts) verdicts_->clear();
    const bool may = rights_->may_receive(topic);
    verdicts_->emplace(topic, may);
    return may;
}

Session *Context::find(uint64_t serial) const {
    const auto found = sessions.find(serial);
    return found == sessions.end() ? nullptr : found->second;
}

void Context::on_member(uint64_t session, const std::string &group,
                        const proto::MessageRef &message) {
    using Share = Session::Share;
    Session *const member = find(session);
    const Share share = member ? member->take_share(group, message) : Share::kNoMember;
    // Before the message goes back, so that it is not offered to this one again.
    if (share == Share::kOverflow) member->on_overflow();
    if (share != Share::kTaken)
        hub.give_back({loop, session, share == Share::kFull, group, message});
}

void Context::on_replayed(const hub::Origin &origin, const hub::Replayed &part) {
    if (Session *session = find(origin.session)) session->on_replayed(part);
}

}  // namespace wse::session
