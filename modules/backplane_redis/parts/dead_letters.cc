// SPDX-License-Identifier: MIT
#include "dead_letters.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "letter_request.h"
#include "letter_task.h"
#include "reply_text.h"
#include "script.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kRetry = 1000;  // milliseconds
constexpr uint64_t kPatience = 2000;
constexpr size_t kMaxWaiting = 256;
constexpr size_t kMaxWaitingBytes = 8 << 20;
constexpr size_t kMaxTasks = 8;
constexpr const char *kAge = "604800000";  // milliseconds: a week

constexpr const char *kMarkAge = "600000";  // milliseconds: repetitions come sooner

// A letter for the topic ARGV[1]; the index KEYS[2] has the time of the latest of each topic. One
// whose mark KEYS[4] is there is there itself; the mark is set last, for a script may end at any
// command that is refused.
constexpr const char *kAdd = R"(
if redis.call('EXISTS', KEYS[4]) == 1 then return 1 end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local old = string.format('%.0f', now - ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', old)
local key, name = KEYS[1], ARGV[1]
if not redis.call('ZSCORE', KEYS[2], name)
    and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
  key, name = KEYS[3], ARGV[7]
end
redis.call('XADD', key, 'MAXLEN', ARGV[4], '*', 'topic', ARGV[1], 'message', ARGV[2],
           'reason', ARGV[3])
redis.call('XTRIM', key, 'MINID', old)
redis.call('PEXPIRE', key, ARGV[6])
redis.call('ZADD', KEYS[2], now, name)
redis.call('SET', KEYS[4], '', 'PX', ARGV[8])
return 1
)";

}  // namespace

DeadLetters::DeadLetters(const Site &site, Link &link, uint32_t counter)
    : site_(site),
      link_(link),
      counter_(counter),
      timer_(site.uv, [this] { flush(); }),
      refusal_(site, "dead-letter") {}

DeadLetters::~DeadLetters() = default;

DeadLetters::Letter DeadLetters::make(std::string_view topic, std::string_view message,
                                      std::string_view reason) {
    const bool is_topic = !topic.empty() && topic.size() <= kMaxTopic;
    Letter letter{std::string(is_topic ? topic : kOthers),
                  std::string(message.substr(0, kMaxMessage)),
                  std::string(reason),
                  {},
                  nullptr};
    if (topic.size() > kMaxTopic)
        letter.reason += "; its topic has " + std::to_string(topic.size()) + " bytes";
    if (message.size() > kMaxMessage)
        letter.reason += "; cut from " + std::to_string(message.size()) +
                         " bytes, so that it cannot be replayed";
    site_.host->stat_add(site_.host, counter_, 1);
    tell(letter);
    return letter;
}

void DeadLetters::add(std::string_view topic, std::string_view message, std::string_view reason) {
    Letter letter = make(topic, message, reason);
    if (closing_ || waiting_ >= kMaxWaiting || waiting_bytes_ + letter.bytes() > kMaxWaitingBytes)
        return tell_lost("too many", losses_.happened(site_.uv));
    letter.mark = site_.host_id + '-' + std::to_string(++added_);
    ++waiting_;
    waiting_bytes_ += letter.bytes();
    letters_.push_back(std::move(letter));
    flush();
}

void DeadLetters::move(std::string_view topic, std::string_view message, std::string_view reason,
                       std::string source, std::function<void()> kept) {
    Letter letter = make(topic, message, reason);
    letter.mark = std::move(source);
    letter.kept = std::move(kept);
    letters_.push_back(std::move(letter));
    flush();
}

void DeadLetters::tell(const Letter &letter) {
    const uint64_t count = tellings_.happened(site_.uv);
    if (count == 0) return;
    const std::string text = "dead_letter.added topic=\"" + printable(letter.topic) +
                             "\" reason=\"" + letter.reason +
                             "\" untold=" + std::to_string(count - 1);
    site_.host->log(site_.host, WSE_LOG_WARN, text.c_str());
}

void DeadLetters::tell_lost(const char *problem, uint64_t count) {
    if (count == 0) return;
    const std::string text =
        std::string("dead_letter.lost problem=\"") + problem + "\" count=" + std::to_string(count);
    site_.host->log(site_.host, WSE_LOG_ERROR, text.c_str());
}

// One at a time: letters are rare, and the next one is on its way when this one is kept.
void DeadLetters::flush() {
    if (flushing_ || letters_.empty() || closing_) return;
    const Letter &letter = letters_.front();
    const uint64_t sent = send_script(
        link_, kAdd,
        {site_.key("dlq:" + letter.topic), site_.key("dlq"),
         site_.key(std::string("dlq:") + kOthers), site_.key("letter:" + letter.mark)},
        {letter.topic, letter.message, letter.reason, std::to_string(kMaxLetters),
         std::to_string(kMaxTopics), kAge, kOthers, kMarkAge},
        kPatience, [this](redis::Failure failure, const redisReply *reply) {
            flushing_ = false;
            if (failure == redis::Failure::kNone && refusal_.is_refused(*reply)) put_back();
            flushed(failure == redis::Failure::kNone && reply->type != REDIS_REPLY_ERROR);
        });
    flushing_ = sent != 0;
    if (!flushing_) flushed(false);
}

// What stands in the way of one letter need not stand in the way of the others.
void DeadLetters::put_back() {
    letters_.push_back(std::move(letters_.front()));
    letters_.pop_front();
}

void DeadLetters::flushed(bool taken) {
    if (closing_) return check_closed();
    if (!taken) return timer_.start(kRetry);
    const Letter letter = std::move(letters_.front());
    letters_.pop_front();
    if (letter.kept) {
        letter.kept();
    } else {
        --waiting_;
        waiting_bytes_ -= letter.bytes();
    }
    flush();
}

bool DeadLetters::takes(std::string_view command) {
    return command == "dlq_list" || command == "dlq_replay" || command == "dlq_drop";
}

void DeadLetters::command(std::string_view request, Answer answer) {
    std::string problem;
    auto asked = read_letter_request(request, problem);
    if (!asked) return answer(WSE_EINVAL, problem);
    if (closing_) return answer(WSE_ECANCELED, "the server stops");
    if (tasks_.size() >= kMaxTasks) return answer(WSE_EAGAIN, "too many commands at once");
    begin(std::make_unique<LetterTask>(site_, link_, std::move(*asked), std::move(answer),
                                       [this](const LetterTask *task) { end(task); }));
}

void DeadLetters::begin(std::unique_ptr<LetterTask> task) {
    LetterTask &it = *task;
    tasks_[&it] = std::move(task);
    it.start();
}

void DeadLetters::end(const LetterTask *task) {
    tasks_.erase(task);
    check_closed();
}

void DeadLetters::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    tell_lost("too many", losses_.rest());
    tell_lost("the server stops", waiting_);
    for (const auto &[task, owned] : tasks_) owned->cancel();
    timer_.close([this] {
        timer_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this: nothing is touched after it.
void DeadLetters::check_closed() {
    if (closing_ && !timer_open_ && !flushing_ && tasks_.empty() && closed_)
        std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
