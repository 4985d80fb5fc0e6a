// SPDX-License-Identifier: MIT
#include "ingress.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "reply_text.h"
#include "script.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kMany = 100;    // entries at once
constexpr uint64_t kBlock = 1000;  // milliseconds
constexpr uint64_t kPatience = 3000;
constexpr uint64_t kTick = 100;
constexpr uint64_t kRest = 1000;  // after Redis has refused something
constexpr uint64_t kFarewell = 500;
constexpr size_t kMaxRemoved = 256;  // in one command
constexpr size_t kMaxDone = 10'000;

// The id of the first entry of KEYS[1] after ARGV[1]: the entry itself stays in Redis.
constexpr const char *kNext = R"(
local entry = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 1)[1]
return entry and entry[1] or ''
)";

}  // namespace

Ingress::Ingress(const Site &site, Locator &locator, Link &link, DeadLetters &dead_letters,
                 const redis::Limits &limits, uint64_t lease_ms, const IngressCounters &counters)
    : site_(site),
      locator_(locator),
      dead_letters_(dead_letters),
      limits_(limits),
      queue_(
          site, dead_letters, counters, [this] { return lease_.is_held(); },
          [this](const std::string &id) { remove(id); }),
      channel_(site, locator, limits,
               [this](std::string_view topic, std::string_view event) { heard(topic, event); }),
      lease_ms_(lease_ms),
      reading_refusal_(site, "ingress-read"),
      removing_refusal_(site, "ingress-remove"),
      count_(kMany),
      timer_(site.uv, [this] { tick(); }),
      lease_(site, link, site.key("lease"), lease_ms, [this](bool held) { lease_changed(held); }) {}

void Ingress::lease_changed(bool held) {
    site_.host->log(site_.host, WSE_LOG_INFO, held ? "ingress.taken" : "ingress.given_up");
    ++round_;
    channel_.want(held);
    last_ = "0";
    if (!held) return queue_.leave_stream();
    taken_at_ = uv_now(site_.uv);
    if (!reader_) connect();
    read();
}

void Ingress::connect() {
    LinkEvents events;
    // Entries whose removal has been lost are read again, and are in the topic once all the same.
    events.up = [this] {
        if (!std::exchange(too_big_, false)) last_ = "0";
        read();
    };
    events.down = [this](const std::string &problem) {
        if (too_big_) return;
        site_.host->log(
            site_.host, WSE_LOG_ERROR,
            ("ingress.lost url=" + reader_->address() + " problem=\"" + problem + '"').c_str());
    };
    reader_ = std::make_unique<Link>(site_.uv, locator_, stream(), limits_, std::move(events));
    remover_ = std::make_unique<Link>(site_.uv, locator_, stream(), limits_,
                                      LinkEvents{[this] { flush(); }, [](const std::string &) {}});
    timer_.start(kTick);
}

// Another host may be able to publish what this one cannot.
void Ingress::tick() {
    timer_.start(kTick);
    read();
    flush();
    if (drained_) close_remover();
    const bool is_patient = uv_now(site_.uv) < taken_at_ + lease_ms_;
    if (closing_ || is_patient || !lease_.is_held() || !queue_.is_stuck(lease_ms_)) return;
    site_.host->log(site_.host, WSE_LOG_WARN, "ingress.stuck problem=\"nothing can be published\"");
    lease_.rest(2 * lease_ms_);
}

void Ingress::read() {
    if (reading_ || skipping_ || closing_ || !lease_.is_held() || !reader_ ||
        uv_now(site_.uv) < read_at_ || !queue_.wants_more() || done_.size() >= kMaxDone)
        return;
    reading_ = reader_->send({"XREAD", "COUNT", std::to_string(count_), "BLOCK",
                              std::to_string(kBlock), "STREAMS", stream(), last_},
                             kBlock + kPatience,
                             [this, round = round_](redis::Failure failure, const redisReply *it) {
                                 reading_ = false;
                                 if (round == round_) return read_done(failure, it);
                                 read();
                             }) != 0;
}

// Without an answer the timer reads again.
void Ingress::read_done(redis::Failure failure, const redisReply *reply) {
    if (closing_) return;
    if (failure == redis::Failure::kTooBig) return read_fewer();
    if (failure != redis::Failure::kNone) return;
    if (reading_refusal_.is_refused(*reply)) {
        read_at_ = uv_now(site_.uv) + kRest;
        return;
    }
    if (item_at(*reply, 0)) take(*reply);
    read();
}

// What has been read already is not read again for one entry that is large.
void Ingress::read_fewer() {
    too_big_ = true;
    if (count_ == 1) return skip();
    count_ = std::max<uint64_t>(1, count_ / 4);
}

void Ingress::take(const redisReply &reply) {
    if (!lease_.is_held()) return;
    for (IngressEntry &entry : read_entries(reply)) {
        last_ = entry.id;
        if (!queue_.has(entry.id)) queue_.add(std::move(entry));
    }
    // Large entries seldom come alone, and a reply that is too large costs a connection.
    count_ = std::min(kMany, count_ + 1);
}

// An entry that no reply can carry would stand in the way for ever.
void Ingress::skip() {
    skipping_ = send_script(*remover_, kNext, {stream()}, {last_}, kPatience,
                            [this, round = round_](redis::Failure failure, const redisReply *it) {
                                skipping_ = false;
                                if (round == round_) skipped(failure, it);
                            }) != 0;
}

void Ingress::skipped(redis::Failure failure, const redisReply *reply) {
    if (closing_ || failure != redis::Failure::kNone || reading_refusal_.is_refused(*reply)) return;
    IngressEntry entry;
    entry.id = text_of(*reply);
    if (entry.id.empty() || !lease_.is_held()) return;
    entry.problem = "entry " + entry.id + " was too large to read";
    last_ = entry.id;
    queue_.add(std::move(entry));
}

// After a pause of this process the host that has the lease now has heard it, too.
void Ingress::heard(std::string_view topic, std::string_view event) {
    if (closing_ || !lease_.is_held() || queue_.add(read_channel(topic, event))) return;
    const uint64_t count = drops_.happened(site_.uv);
    if (count == 0) return;
    const std::string text = "ingress.dropped count=" + std::to_string(count) +
                             " problem=\"more is published on channels than can be taken\"";
    site_.host->log(site_.host, WSE_LOG_WARN, text.c_str());
}

void Ingress::remove(const std::string &id) {
    done_.push_back(id);
    if (done_.size() >= kMaxRemoved) flush();
}

void Ingress::flush() {
    if (done_.empty() || removing_ || !remover_ || leaving_ || uv_now(site_.uv) < remove_at_)
        return;
    const size_t count = std::min(done_.size(), kMaxRemoved);
    const std::vector<std::string> ids(done_.end() - static_cast<std::ptrdiff_t>(count),
                                       done_.end());
    std::vector<std::string> command = {"XDEL", stream()};
    command.insert(command.end(), ids.begin(), ids.end());
    removing_ = remover_->send(std::move(command), kPatience,
                               [this, ids](redis::Failure failure, const redisReply *reply) {
                                   removing_ = false;
                                   const bool answered = failure == redis::Failure::kNone;
                                   const bool refused =
                                       answered && removing_refusal_.is_refused(*reply);
                                   if (refused) remove_at_ = uv_now(site_.uv) + kRest;
                                   removed(ids, answered && !refused);
                               }) != 0;
    if (removing_) done_.resize(done_.size() - count);
}

// A Redis that takes no writes for now still gives the entries to read.
void Ingress::removed(const std::vector<std::string> &ids, bool done) {
    if (done) {
        for (const std::string &id : ids) queue_.removed(id);
        if (drained_ || done_.size() >= kMaxRemoved) flush();
    } else {
        done_.insert(done_.end(), ids.begin(), ids.end());
    }
    if (drained_) close_remover();
}

void Ingress::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    const auto one = [this] { check_closed(); };
    if (reader_) open_ += 2;
    lease_.close(one);
    channel_.close(one);
    if (reader_) reader_->close(one);
    queue_.close([this] {
        drained_ = true;
        remove_until_ = uv_now(site_.uv) + kFarewell;
        flush();
        close_remover();
        check_closed();
    });
}

// What has been published until the end is removed first, if Redis does that in a moment.
void Ingress::close_remover() {
    const bool waits = remover_ && (removing_ || !done_.empty());
    if (leaving_ || (waits && uv_now(site_.uv) < remove_until_)) return;
    leaving_ = true;
    timer_.close([this] { check_closed(); });
    if (remover_) remover_->close([this] { check_closed(); });
}

// `closed` may destroy this: nothing is touched after it.
void Ingress::check_closed() {
    if (--open_ == 0) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
