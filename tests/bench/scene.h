// SPDX-License-Identifier: MIT
// What several benchmarks stand on: effects that only count, topics with a history, a directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "hub/history_file.h"
#include "hub/hub.h"

namespace wse::bench {

// Takes what a hub does, and keeps nothing but what the next command needs.
class CountingEffects final : public hub::Effects {
public:
    void deliver(hub::LoopIndex, const proto::MessageRef &) override { ++delivered; }
    void deliver_to(hub::LoopIndex, uint64_t, const std::string &,
                    const proto::MessageRef &) override {
        ++delivered;
    }
    void notice(hub::LoopIndex, const hub::NoticeRef &) override {}
    void subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) override;
    void replayed(const hub::Origin &origin, hub::Replayed part) override;
    void synced(const hub::Origin &, hub::Synced) override {}
    void published(const hub::Origin &, Result<proto::Position> position) override;
    bool congested() const override { return false; }

    uint64_t delivered = 0;
    proto::Position position;             // of what was published last
    std::vector<hub::Replay> unfinished;  // what the replays lack
    uint64_t replayed_messages = 0;

private:
    void take(const hub::Origin &origin, const hub::Replayed &part);
};

// Below $TMPDIR, else /tmp; removed with all that is in it.
class ScratchDirectory {
public:
    ScratchDirectory();
    ScratchDirectory(const ScratchDirectory &) = delete;
    ScratchDirectory &operator=(const ScratchDirectory &) = delete;
    ~ScratchDirectory();
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

// Ends the program when it cannot be opened.
hub::HistoryFile::Opened open_history(const std::string &path, uint64_t file_size);

// A history of so many messages for every topic; 0: none.
hub::PolicyOf keep_messages(uint64_t messages);

// A payload of exactly `bytes`, at least 16.
std::string payload_of(size_t bytes);
hub::Publish publication_of(const std::string &topic, const std::string &payload);

}  // namespace wse::bench
