// SPDX-License-Identifier: MIT
// The scripts of backplane_redis, in a real Redis and without anything around them.
#pragma once

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backplane_redis/attach.h"
#include "backplane_redis/batch.h"
#include "backplane_redis/script.h"
#include "support/child.h"

namespace wse::backplane_redis {

class BackplaneScripts : public testing::Test {
protected:
    struct Free {
        void operator()(redisContext *context) const { redisFree(context); }
        void operator()(redisReply *reply) const { freeReplyObject(reply); }
    };
    using Reply = std::unique_ptr<redisReply, Free>;

    BackplaneScripts() {
        char name[] = "/tmp/wse-scripts-XXXXXX";
        directory_ = mkdtemp(name);
        const std::string socket = directory_ + "/socket";
        const char *const arguments[] = {"redis-server", "--port",    "0",         "--unixsocket",
                                         socket.c_str(), "--save",    "",          "--dir",
                                         name,           "--logfile", "/dev/null", nullptr};
        server_ = child_start(arguments);
        do {
            context_.reset(redisConnectUnix(socket.c_str()));
        } while (context_->err != 0);
        for (const Script *script : all_scripts()) command({"SCRIPT", "LOAD", script->text});
        host_.stat_add = [](const wse_host *, uint32_t, int64_t) noexcept {};
    }
    ~BackplaneScripts() override {
        child_stop(&server_);
        std::filesystem::remove_all(directory_);
    }

    Reply ask(const std::vector<std::string> &words) {
        std::vector<const char *> texts;
        std::vector<size_t> sizes;
        for (const std::string &word : words) {
            texts.push_back(word.data());
            sizes.push_back(word.size());
        }
        return Reply(static_cast<redisReply *>(redisCommandArgv(
            context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
    }
    Reply command(const std::vector<std::string> &words) {
        Reply reply = ask(words);
        EXPECT_NE(reply->type, REDIS_REPLY_ERROR) << reply->str;
        return reply;
    }
    std::string word(const std::vector<std::string> &words) {
        return std::string(element_text(*command(words), 0));
    }

    // What a host says that has seen everything up to there.
    struct Vote {
        std::string run;
        std::string host;
        EntryId seen = {};
        std::string generation = "8";  // for the case that something was lost
        std::string grace = "60000";
        std::string known = "";  // generation
        std::string must_be_kept = "";
    };
    std::vector<std::string> command_of(const Vote &it) {
        return call_of(
            vote_script(), {names().incarnation(0), names().stream(0), names().votes(0)},
            {it.run, it.host, it.seen.text(), it.generation, it.grace, it.known, it.must_be_kept});
    }
    // "WAIT", or the generation in which the shard is open.
    std::string vote(const Vote &it) {
        const Reply reply = command(command_of(it));
        const bool is_open = element_text(*reply, 0) == "OPEN";
        return std::string(element_text(*reply, is_open ? 1 : 0));
    }
    void open(const std::string &run, const std::string &generation) {
        ASSERT_EQ(vote({run, "one", {}, generation}), generation);
        incarnation_ = {run, generation};
    }
    std::string append(const std::string &host, const Batch &batch) {
        contexts_[host == "two"].self = host;
        const Reply reply =
            command(append_command(contexts_[host == "two"], 0, incarnation_, batch));
        last_reply_ = element_text(*reply, 1);
        return std::string(element_text(*reply, 0));
    }
    std::optional<Attached> attach(const std::string &topic, Place have = {}) {
        const Reply reply =
            command(attach_command(contexts_[0], 0, incarnation_, topic, have, 100));
        return read_attached(*reply, topic, contexts_[0]);
    }
    EntryId last() { return attach("")->last; }
    // Places that the last append has given.
    std::vector<Place> places(const Batch &batch) const {
        return read_appended(last_reply_, batch).value_or(Appended{}).places;
    }
    // Of the entries of the stream, but for the one by which its generation began.
    std::vector<std::string> fields(const std::string &names_and_values) {
        std::vector<std::string> found;
        const Reply reply = command({"XRANGE", names().stream(0), "-", "+"});
        for (size_t i = 1; i < reply->elements; ++i) {
            const redisReply *pairs = element_of(*reply->element[i], 1);
            std::string text;
            for (size_t k = 0; k + 1 < pairs->elements; k += 2) {
                if (names_and_values.find(element_text(*pairs, k)) != std::string::npos)
                    text += std::string(element_text(*pairs, k + 1)) + ' ';
            }
            found.push_back(text);
        }
        return found;
    }
    int64_t time_to_live(const std::string &key) { return command({"PTTL", key})->integer; }
    const Names &names() const { return contexts_[0].names; }

    Config config_ = {nullptr, "wse", 1,    1000, 0,    600'000, 60'000,
                      10,      1000,  1000, 1000, 1000, 1000,    {}};
    wse_host host_ = {};
    Context contexts_[2] = {{&host_, config_, Names("wse", 1), "one"},
                            {&host_, config_, Names("wse", 1), "two"}};
    Incarnation incarnation_;
    std::string last_reply_;

private:
    std::string directory_;
    child server_;
    std::unique_ptr<redisContext, Free> context_;
};

inline Batch batch_of(uint64_t number, size_t messages, uint64_t history = 0) {
    Batch batch;
    batch.number = number;
    for (size_t i = 0; i < messages; ++i) {
        Submission it;
        it.message = {"t", "event", "id", "{}", "", 5, 0, {}};
        it.history_messages = history;
        batch.messages.push_back(it);
    }
    return batch;
}

struct Wanted {
    const char *topic;
    uint64_t history = 0;
    const char *given_id = "";
    uint64_t history_age_ms = 0;
};

inline Batch batch_of(uint64_t number, const std::vector<Wanted> &messages) {
    Batch batch;
    batch.number = number;
    for (const Wanted &each : messages) {
        Submission it;
        it.id_given = *each.given_id != '\0';
        it.message = {each.topic, "event", it.id_given ? each.given_id : "id", "{}", "", 5, 0, {}};
        it.history_messages = each.history;
        it.history_age_ms = each.history_age_ms;
        batch.messages.push_back(it);
    }
    return batch;
}

inline Batch fact_of(uint64_t number, const char *topic, const char *key, const char *value) {
    Batch batch;
    batch.number = number;
    batch.facts.push_back({1, topic, key, value, ""});
    return batch;
}

}  // namespace wse::backplane_redis
