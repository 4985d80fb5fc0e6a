// SPDX-License-Identifier: MIT
// A session whose topics "open*" have their state in a module, which answers when the test says so.
// Those of "open:kept*" are stamped.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "support/reader_fixture.h"

namespace wse::test {

class SnapshotFixture : public ReaderFixture, public session::SnapshotLink {
protected:
    SnapshotFixture() {
        settings->topics = {{.match = "open:bare*", .subscribe = true},
                            {.match = "open*", .subscribe = true, .snapshot = "state"}};
        context.snapshots = this;
    }

    // session::SnapshotLink
    void ask(session::SnapshotAsk question) override { asks.push_back(std::move(question)); }

    // To the oldest question: the topic's state, with all up to `offset`, else up to where the
    // topic stood.
    void answer(std::optional<uint64_t> offset = {}, const std::string &data = "[]") {
        const proto::Position asked_at = asks.front().position;
        const proto::Position at{asked_at.epoch, offset.value_or(asked_at.offset)};
        give(WSE_OK, at,
             net::Frame::text(
                 proto::topic_state({.topic = asks.front().topic, .position = at, .data = data})));
    }
    void fail(wse_status status = WSE_ETIMEDOUT) { give(status, {}, {}); }
    // Everybody who reads has all of it.
    void settle() {
        pump();
        drain_all();
    }

    std::deque<session::SnapshotAsk> asks;

private:
    void give(wse_status status, proto::Position at, net::FrameRef frame) {
        const session::SnapshotAsk asked = std::move(asks.front());
        asks.pop_front();
        context.on_snapshot(
            {make_ref<session::SnapshotAnswer>(asked.topic, status, at, frame), {asked.origin}});
        pump();
    }
};

}  // namespace wse::test
