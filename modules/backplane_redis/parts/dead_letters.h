// SPDX-License-Identifier: MIT
// What cannot be delivered, kept in Redis for an operator: the latest kMaxLetters of each topic, a
// week long.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "abi/timer.h"
#include "link.h"
#include "refusal.h"
#include "seldom.h"
#include "site.h"

namespace wse::backplane_redis::parts {

class LetterTask;

// One loop, from which everything is called.
class DeadLetters {
public:
    // A JSON value, or with another status than WSE_OK a sentence.
    using Answer = std::function<void(int32_t status, const std::string &answer)>;

    static constexpr size_t kMaxLetters = 1000;  // of a topic
    static constexpr size_t kMaxTopics = 1000;   // further ones share a stream, kOthers
    static constexpr size_t kMaxTopic = 512;     // bytes; a longer one is no topic
    static constexpr size_t kMaxMessage = 64 << 10;
    static constexpr const char *kOthers = "(others)";

    // The link is that of site.key(""), and outlives this; `counter` counts the letters.
    DeadLetters(const Site &site, Link &link, uint32_t counter);
    // After `closed` of close().
    ~DeadLetters();
    DeadLetters(const DeadLetters &) = delete;
    DeadLetters &operator=(const DeadLetters &) = delete;

    // A message that is an event, by bus_message.h, can be replayed. One over kMaxMessage is cut,
    // and then it cannot. While Redis is away as many as fit into a little memory are kept, and the
    // others are lost, which the counter does not tell, but the log.
    void add(std::string_view topic, std::string_view message, std::string_view reason);
    // The same for what is in Redis already, where `source` names it: moved twice within
    // ten minutes it is one letter. None is lost here, so whoever calls this bounds it. `kept` is
    // called when the letter is in Redis, not in this call; it may be that it is never called.
    void move(std::string_view topic, std::string_view message, std::string_view reason,
              std::string source, std::function<void()> kept);

    // Whether command() knows it: "dlq_list", "dlq_replay", "dlq_drop".
    static bool takes(std::string_view command);
    // `request`, of a command that is taken: {"command":…,"topic":…,"id":…,"limit":…}. A list
    // without a topic is {"topics":[{"topic","count","latest_ms"}]}, one of a topic
    // {"topic","letters":[{"id","time_ms","topic","reason","bytes","message"}],"more":bool}; a
    // replay
    // {"replayed":n,"failed":[{"id","problem"}]}; a drop {"dropped":n}. Answered once, also in this
    // call.
    void command(std::string_view request, Answer answer);

    // Ends commands as canceled. `closed` is called when none is under way, not in this call.
    void close(std::function<void()> closed);

private:
    struct Letter {
        std::string topic;
        std::string message;
        std::string reason;
        std::string mark;            // what its repetition is known by
        std::function<void()> kept;  // empty: there is no other copy of it
        size_t bytes() const { return topic.size() + message.size() + reason.size(); }
    };

    Letter make(std::string_view topic, std::string_view message, std::string_view reason);
    void tell(const Letter &letter);
    void tell_lost(const char *problem, uint64_t count);
    void flush();
    void flushed(bool taken);
    void put_back();
    void begin(std::unique_ptr<LetterTask> task);
    void end(const LetterTask *task);
    void check_closed();

    const Site &site_;
    Link &link_;
    const uint32_t counter_;
    abi::Timer timer_;            // to try again
    std::deque<Letter> letters_;  // that wait for Redis
    size_t waiting_ = 0;          // of them, those that were added
    size_t waiting_bytes_ = 0;
    uint64_t added_ = 0;  // since the start
    bool flushing_ = false;
    Seldom tellings_;
    Seldom losses_;
    Refusal refusal_;
    std::map<const LetterTask *, std::unique_ptr<LetterTask>> tasks_;
    bool closing_ = false;
    bool timer_open_ = true;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
