// SPDX-License-Identifier: MIT
// One command about dead letters, on its way.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "letter_request.h"
#include "link.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// One loop, from which everything is called.
class LetterTask {
public:
    using Answer = std::function<void(int32_t status, const std::string &answer)>;
    using Ended = std::function<void(const LetterTask *task)>;

    // Site and link outlive it. `answer` is called once; `ended` when nothing is under way any
    // more, which may be in start(), and may destroy this.
    LetterTask(const Site &site, Link &link, LetterRequest request, Answer answer, Ended ended);
    LetterTask(const LetterTask &) = delete;
    LetterTask &operator=(const LetterTask &) = delete;

    void start();
    // Answers, if that has not been done. `ended` comes when what is under way has come back.
    void cancel();

private:
    struct Letter {
        std::string id;
        std::string topic;
        std::string message;
        std::string reason;
        int32_t status = 0;  // of its replay
    };
    // A letter of a replay while it is with the server.
    struct Publishing {
        LetterTask *task;
        size_t index;
    };
    using Then = void (LetterTask::*)(const redisReply &reply);

    void send(std::vector<std::string> command, Then then);
    void send_script_of(const char *script, const std::vector<std::string> &keys,
                        const std::vector<std::string> &arguments, Then then);
    void replied(redis::Failure failure, const redisReply *reply, Then then);
    void finish(int32_t status, const std::string &answer);
    void settle();
    std::string stream() const { return site_.key("dlq:" + request_.topic); }

    void take_topics(const redisReply &reply);
    void take_counts(const redisReply &reply);
    void next_page();
    void take_page(const redisReply &reply);
    void list(const std::vector<Letter> &letters);
    void publish_page();
    bool publish(size_t index);
    void published();
    void fail_letter(const Letter &letter, const std::string &problem);
    void drop(const std::vector<std::string> &ids);
    void take_dropped(const redisReply &reply);

    const Site &site_;
    Link &link_;
    const LetterRequest request_;
    Answer answer_;
    const Ended ended_;
    std::vector<std::pair<std::string, int64_t>> topics_;
    std::string last_;  // the entry before the next page
    bool is_last_page_ = false;
    std::vector<Letter> page_;
    std::string out_;  // the answer so far
    std::string failed_;
    uint64_t count_ = 0;    // of letters that were listed, replayed or dropped
    size_t under_way_ = 0;  // commands and publications
    bool running_ = false;  // in start()
};

}  // namespace wse::backplane_redis::parts
