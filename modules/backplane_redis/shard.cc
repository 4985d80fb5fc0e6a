// SPDX-License-Identifier: MIT
// Following and asking; shard_pass.cc has what is done with the entries.
#include "shard.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "json_text/json_text.h"

namespace wse::backplane_redis {
namespace {

constexpr size_t kUnderWay = 64;  // questions about topics
constexpr uint64_t kAskAgainMs = 250;
constexpr uint64_t kPassAgainMs = 5;
constexpr uint64_t kStartMs = 3000;
constexpr uint64_t kFewer = 10;  // kept messages, where all of them are too large for a reply

// True as long as it lives, whatever is thrown.
class Busy {
public:
    explicit Busy(bool &flag) : flag_(flag) { flag_ = true; }
    ~Busy() { flag_ = false; }
    Busy(const Busy &) = delete;
    Busy &operator=(const Busy &) = delete;

private:
    bool &flag_;
};

}  // namespace

Shard::Shard(const Context &context, Budget &budget, uint32_t index, PatternAttached attached)
    : context_(context), index_(index), attached_(std::move(attached)) {
    WriterEvents events;
    events.knowledge = [this] { return knowledge(); };
    events.opened = [this](bool is_new_generation, EntryId last, uint64_t count) {
        opened(is_new_generation, last, count);
    };
    writer_ = std::make_unique<Writer>(context, budget, index, std::move(events));
}

void Shard::follow(const wse_topic_use &use) {
    const std::string name(abi::text_of(use.topic));
    if (is_pattern(name))
        subjects_.add_pattern(name);
    else
        subjects_.add_topic(name, {use.epoch, use.offset}, use.history_messages);
    begin();
    context_.wake(0);
}

void Shard::unfollow(const std::string &name) {
    subjects_.remove(name);
    if (subjects_.empty() && !is_busy_) stop();
}

void Shard::begin() {
    if (start_ == Start::kStopped) {
        start_ = Start::kPositioning;
        begun_at_ = context_.now();
    }
    ask();
}

void Shard::stop() {
    start_ = Start::kStopped;
    inbox_.clear();
    is_reading_ = false;
    canary_sent_at_ = 0;
    lost_.reset();
    if (!reader_) return;
    Reader *const reader = reader_.get();
    leaving_.push_back(std::move(reader_));
    reader->close([this, reader] {
        leaving_.erase(std::find_if(leaving_.begin(), leaving_.end(),
                                    [&](const auto &each) { return each.get() == reader; }));
        check_closed();
    });
}

void Shard::ask() {
    if (closing_ || start_ == Start::kStopped || !writer_->is_open() || context_.now() < ask_at_)
        return;
    if (start_ == Start::kPositioning && !position_is_asked_) ask_position();
    while (under_way_ < kUnderWay) {
        const uint64_t number = ++questions_;
        const auto name = subjects_.next_unasked(number);
        if (!name) return;
        ask_topic(*name, number);
    }
}

void Shard::ask_position() {
    position_is_asked_ =
        writer_->attach("", {}, 0, [this](const std::optional<Attached> &attached, bool) {
            position_is_asked_ = false;
            if (!closing_ && start_ == Start::kPositioning) take_position(attached);
        });
}

void Shard::take_position(const std::optional<Attached> &attached) {
    if (!attached) {
        ask_at_ = context_.now() + kAskAgainMs;
        return;
    }
    start_ = Start::kRunning;
    position_ = attached->last;
    count_ = attached->count;
    canary_next_at_ = context_.now();
    start_reader();
    process();
}

// Reader and writer are on the same process of Redis, or one of them has not heard of the other's:
// the one that was there first.
void Shard::start_reader() {
    ReaderEvents events;
    events.up = [this](const std::string &run_id) {
        if (writer_->is_open() && writer_->run_id() != run_id)
            writer_->suspect("the stream is read elsewhere");
    };
    events.is_whole = [this](const std::string &run_id) {
        return writer_->is_open() && writer_->run_id() == run_id;
    };
    events.differs = [this] { writer_->check_again(); };
    events.done = [this](std::vector<Entry> entries) { take_entries(std::move(entries)); };
    reader_ = std::make_unique<Reader>(context_, index_, std::move(events));
}

// What has been read will be passed on, whether Redis still has it or not.
Knowledge Shard::knowledge() const {
    if (lost_) return {lost_->last, true};
    const EntryId read = inbox_.empty() ? position_ : inbox_.back().id;
    return {std::max(read, subjects_.last_waiting()), start_ == Start::kRunning};
}

void Shard::ask_topic(const std::string &name, uint64_t number) {
    const Topic &topic = *subjects_.find(name);
    const bool sent =
        writer_->attach(name, topic.have, topic.most,
                        [this, name, number](std::optional<Attached> answer, bool is_too_big) {
                            --under_way_;
                            if (!closing_) take_answer(name, number, std::move(answer), is_too_big);
                        });
    if (sent)
        ++under_way_;
    else
        subjects_.ask_again(name);
    if (!sent) ask_at_ = context_.now() + kAskAgainMs;
}

void Shard::take_answer(const std::string &name, uint64_t number, std::optional<Attached> &&answer,
                        bool is_too_big) {
    Topic *topic = subjects_.find(name);
    const bool is_current = topic && topic->state == Topic::State::kAsked && topic->asked == number;
    if (is_current && !answer) {
        if (is_too_big) topic->most = topic->most > kFewer ? kFewer : 0;
        subjects_.ask_again(name);
        ask_at_ = context_.now() + kAskAgainMs;
    } else if (is_current) {
        context_.count(kFollowed);
        if (answer->facts_left_out > 0)
            refuse(name, std::to_string(answer->facts_left_out) + " facts are too many");
        subjects_.answer(name, std::move(*answer), rounds_);
    }
    ask();
    process();
}

// What was under way may be lost, or has been.
void Shard::opened(bool is_new_generation, EntryId last, uint64_t count) {
    ask_at_ = 0;
    if (is_new_generation) {
        context_.count(kEpochsLost);
        context_.log(WSE_LOG_ERROR, "shard.data_lost shard=" + std::to_string(index_));
        canary_sent_at_ = 0;
        if (start_ == Start::kRunning)
            lost_ = Position{last, count};
        else
            position_ = last;
    }
    if (reader_ && reader_->link().is_up() && reader_->run_id() != writer_->run_id())
        reader_->suspect("the stream is written elsewhere");
    if (reader_) reader_->proceed();
    ask();
    process();
}

void Shard::take_entries(std::vector<Entry> &&entries) {
    is_reading_ = false;
    if (closing_ || start_ != Start::kRunning) return;
    if (entries.empty()) {
        // Nothing comes up to where an answer stands that was there before this was asked: it has
        // been trimmed.
        while (const auto waiting = subjects_.first_waiting()) {
            if (waiting->round >= rounds_ || !(position_ < waiting->id)) break;
            position_ = waiting->id;
        }
    }
    std::move(entries.begin(), entries.end(), std::back_inserter(inbox_));
    process();
}

void Shard::process() {
    if (is_busy_ || closing_ || start_ != Start::kRunning) return;
    Step step = Step::kDone;
    {
        const Busy busy(is_busy_);
        while (step == Step::kDone && !subjects_.empty()) step = next();
    }
    if (subjects_.empty()) return stop();
    if (step == Step::kLater) context_.wake(kPassAgainMs);
    if (step == Step::kIdle && !is_reading_) {
        is_reading_ = true;
        ++rounds_;
        reader_->read(position_);
    }
    ask();
}

void Shard::check_canary(uint64_t now) {
    const auto period = static_cast<uint64_t>(context_.config.canary_ms);
    if (canary_sent_at_ == 0 && now >= canary_next_at_) {
        canary_sent_at_ = now;
        canary_next_at_ = now + period;
        writer_->send_canary(++canaries_);
    }
    // Nothing else says that the connections are wrong: they are given up.
    if (canary_sent_at_ != 0 && now >= canary_next_at_ + period) {
        canary_next_at_ = now + period;
        context_.count(kCanariesLate);
        writer_->suspect("a canary does not come back");
        reader_->suspect("a canary does not come back");
    }
}

uint64_t Shard::tick() {
    const uint64_t now = context_.now();
    uint64_t next = writer_->tick();
    if (start_ == Start::kRunning) check_canary(now);
    ask();
    process();
    if (is_busy_ || start_ != Start::kRunning) return next;
    if (!inbox_.empty()) next = std::min(next, kPassAgainMs);
    return next;
}

std::string Shard::link_problem() const {
    if (!writer_->link().is_up()) return writer_->link().problem();
    if (reader_ && !reader_->link().is_up()) return reader_->link().problem();
    return "";
}

// That it begins is no problem, but that must not take long.
std::string Shard::problem() const {
    if (subjects_.empty()) return "";
    const uint64_t now = context_.now();
    std::string problem = link_problem();
    if (problem.empty()) problem = writer_->problem();
    if (problem.empty() && now >= begun_at_ + kStartMs) {
        if (!writer_->is_open())
            problem = "it is not clear what Redis has lost";
        else if (start_ != Start::kRunning || !reader_->link().is_up())
            problem = "is not connected";
    }
    const auto late = 2 * static_cast<uint64_t>(context_.config.canary_ms);
    if (problem.empty() && canary_sent_at_ != 0 && now >= canary_sent_at_ + late)
        problem = "a canary does not come back";
    return problem.empty() ? "" : "shard " + std::to_string(index_) + ": " + problem;
}

std::string Shard::status() const {
    std::string out = "{\"shard\":" + std::to_string(index_) + ",\"address\":";
    json_text::append_string(out, writer_->link().address());
    out += ",\"breaker\":";
    json_text::append_string(out, writer_->link().breaker());
    out += std::string(",\"attached\":") + (start_ == Start::kRunning ? "true" : "false");
    out += ",\"topics\":" + std::to_string(subjects_.size());
    out += ",\"queued\":" + std::to_string(writer_->queued());
    out += ",\"last_id\":\"" + position_.text() + '"';
    out += ",\"lag_ms\":" + std::to_string(inbox_.empty() ? lag_ms_ : lag_of(inbox_.front()));
    out += ",\"canary_ms\":" + std::to_string(canary_took_ms_);
    out += ",\"canary_age_ms\":";
    return out + (canary_back_at_ ? std::to_string(context_.now() - canary_back_at_) : "null") +
           '}';
}

void Shard::rest() {
    subjects_ = {};
    stop();
}

void Shard::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    stop();
    writer_->close([this] {
        writer_is_closed_ = true;
        check_closed();
    });
}

void Shard::check_closed() {
    // `closed` may destroy this shard: nothing is touched after it.
    if (closing_ && writer_is_closed_ && leaving_.empty()) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis
