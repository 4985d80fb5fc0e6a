// SPDX-License-Identifier: MIT
// What the tests of the history file share: a directory of their own, and a hub reduced to what the
// journal sees of it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/log.h"
#include "hub/history_file.h"

namespace wse::hub::test {

// In memory where there is room in such a place: the tests wait for the disk often.
class Directory {
public:
    Directory() {
        std::string name =
            (has_room("/dev/shm") ? "/dev/shm/" : testing::TempDir()) + "wse_history_XXXXXX";
        path_ = mkdtemp(name.data());
        log::set_level(log::Level::kError);  // damage is made by the thousand
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    const std::string &path() const { return path_; }
    uint64_t segment_bytes() const {
        uint64_t bytes = 0;
        for (const auto &file : std::filesystem::directory_iterator(path_)) {
            if (file.path().extension() == ".seg") bytes += file.file_size();
        }
        return bytes;
    }

private:
    static bool has_room(const char *path) {
        struct statvfs found {};
        return access(path, W_OK) == 0 && statvfs(path, &found) == 0 &&
               found.f_bavail * found.f_bsize >= 512U << 20;
    }

    std::string path_;
};

constexpr uint64_t kSmallFile = 8U << 20;  // four segments

inline HistoryFile::Opened must_open(const std::string &path, const std::string &boot_id = "boot",
                                     uint64_t file_size = kSmallFile) {
    auto opened = HistoryFile::open({path, file_size, boot_id, 1});
    EXPECT_TRUE(opened.ok()) << (opened ? "" : opened.error().text);
    return opened ? std::move(*opened) : HistoryFile::Opened{};
}

// What a message must contain wherever it is found again.
inline std::string content(const std::string &topic, uint64_t offset, size_t bytes = 0) {
    std::string text = "{\"" + topic + "\":" + std::to_string(offset) + "}";
    while (text.size() < bytes) text += text.substr(0, bytes - text.size());
    return text;
}

inline const StoredTopic *find(const std::vector<StoredTopic> &topics, const std::string &name) {
    for (const StoredTopic &topic : topics) {
        if (topic.name == name) return &topic;
    }
    return nullptr;
}

// Keeps the last `kept` messages of each topic.
class Model final : public Journal::Holder {
public:
    struct Topic {
        TopicState state;
        std::deque<proto::MessageRef> ring;
    };

    explicit Model(size_t kept) : kept_(kept) {}

    void attach(Journal &journal, const StoredHistory &stored = {}) {
        journal_ = &journal;
        journal.set_holder(this);
        sequence = std::max(sequence, stored.sequence);
        for (const StoredTopic &topic : stored.topics) adopt(topic);
    }

    // The mark: 0 when it was not written.
    uint64_t publish(const std::string &name, size_t bytes = 0) {
        Topic &topic = topics[name];
        if (topic.state.head.epoch == 0) topic.state.head.epoch = ++last_epoch;
        ++topic.state.head.offset;
        topic.state.sequence = ++sequence;
        const proto::Position head = topic.state.head;
        proto::Publication publication{name,
                                       "type",
                                       "id-" + std::to_string(head.offset),
                                       content(name, head.offset, bytes),
                                       proto::Priority::kHigh,
                                       true};
        topic.ring.emplace_back(
            new proto::Message({std::move(publication), head, sequence, 1234}, {}));
        const proto::MessageRef message = topic.ring.back();
        if (topic.ring.size() > kept_) topic.ring.pop_front();
        const uint64_t mark_before = topic.state.mark;
        const uint64_t mark = journal_->append(*message, head);
        EXPECT_EQ(topic.state.mark, mark_before) << "the mark of the topic is the caller's";
        return topic.state.mark = mark;
    }

    // What a hub does when the journal writes again.
    void write_again() {
        for (auto &[name, topic] : topics) {
            if (topic.state.mark != 0) continue;
            const proto::Position head = topic.state.head;
            for (const auto &message : topic.ring)
                topic.state.mark = journal_->append(*message, head);
            if (topic.ring.empty())
                topic.state.mark = journal_->note(name, head, topic.state.sequence);
        }
    }

    TopicState *find(std::string_view topic) override {
        ++questions;
        const auto found = topics.find(topic);
        return found == topics.end() ? nullptr : &found->second.state;
    }
    bool holds(std::string_view topic, proto::Position position) override {
        const auto found = topics.find(topic);
        if (found == topics.end()) return false;
        for (const auto &message : found->second.ring) {
            if (message->position == position) return true;
        }
        return false;
    }

    std::map<std::string, Topic, std::less<>> topics;
    uint64_t sequence = 0;
    uint32_t last_epoch = 0;
    uint64_t questions = 0;  // of the journal

private:
    void adopt(const StoredTopic &stored) {
        Topic &topic = topics[stored.name];
        topic.state = {stored.head, stored.sequence, stored.mark};
        topic.ring.clear();
        last_epoch = std::max(last_epoch, stored.head.epoch);
        for (const proto::Record &record : stored.messages) {
            topic.ring.emplace_back(new proto::Message(record, {}));
            if (topic.ring.size() > kept_) topic.ring.pop_front();
        }
    }

    size_t kept_;
    Journal *journal_ = nullptr;
};

inline void expect_same(const proto::Record &record, const proto::Message &message) {
    EXPECT_EQ(record.position, message.position);
    EXPECT_EQ(record.sequence, message.sequence);
    EXPECT_EQ(record.wall_ms, message.wall_ms);
    EXPECT_EQ(record.publication.topic, message.publication.topic);
    EXPECT_EQ(record.publication.type, message.publication.type);
    EXPECT_EQ(record.publication.id, message.publication.id);
    EXPECT_EQ(record.publication.payload, message.publication.payload);
    EXPECT_EQ(record.publication.priority, message.publication.priority);
    EXPECT_EQ(record.publication.id_given, message.publication.id_given);
}

// Everything that the model holds is there, under the same epochs and with the same heads.
inline void expect_stored(const StoredHistory &stored, const Model &model) {
    EXPECT_TRUE(stored.lost.empty());
    EXPECT_EQ(stored.sequence, model.sequence);
    for (const auto &[name, topic] : model.topics) {
        const StoredTopic *const found = find(stored.topics, name);
        ASSERT_NE(found, nullptr) << name;
        EXPECT_EQ(found->head, topic.state.head) << name;
        EXPECT_EQ(found->sequence, topic.state.sequence) << name;
        ASSERT_GE(found->messages.size(), topic.ring.size()) << name;
        const size_t before = found->messages.size() - topic.ring.size();
        for (size_t i = 0; i < topic.ring.size(); ++i)
            expect_same(found->messages[before + i], *topic.ring[i]);
    }
}

}  // namespace wse::hub::test
