// SPDX-License-Identifier: MIT
// What the sections come to, where that is more than their values.
#include "config/fill.h"

#include "config/fixture.h"

namespace wse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Fill : public ConfigTest {
protected:
    std::string history_path(const std::string &sections) {
        const std::string path = load(kListener + sections).settings().history.path;
        EXPECT_EQ(report(), "");
        return path;
    }

    Loaded load_row(const std::string &keys) {
        return load(kListener + ("[[topic]]\nmatch = \"*\"\n" + keys));
    }
    TopicRow row(const std::string &keys) {
        const Loaded loaded = load_row(keys);
        EXPECT_EQ(report(), "") << keys;
        return loaded.settings().topics.at(0);
    }
};

TEST_F(Fill, PutsTheHistoryUnderTheStateDirectory) {
    const std::string server = "[server]\nstate_dir = \"/srv/wse\"\n";
    EXPECT_EQ(history_path(server), "/srv/wse/history");
    EXPECT_EQ(history_path(server + "[history]\npath = \"kept/here\"\n"), "/srv/wse/kept/here");
    EXPECT_EQ(history_path(server + "[history]\npath = \"/mnt/fast\"\n"), "/mnt/fast");
    EXPECT_EQ(history_path(server + "[history]\npath = \"\"\n"), "") << "memory only";
}

TEST_F(Fill, GivesARowNoHistoryUnlessItHasTheTable) {
    EXPECT_EQ(row("").history, std::nullopt);
    EXPECT_EQ(row("history = {}").history, (TopicHistory{1000, 3600000, 16 << 20}));
}

TEST_F(Fill, TakesAHistoryInEachWayOfToml) {
    const TopicHistory wanted{5, 600000, 16 << 20};
    EXPECT_EQ(row("history = { messages = 5, age = \"10m\" }").history, wanted);
    EXPECT_EQ(row("history.messages = 5\nhistory.age = \"10m\"\n").history, wanted);
    EXPECT_EQ(row("[topic.history]\nmessages = 5\nage = \"10m\"\n").history, wanted);
}

TEST_F(Fill, KeepsTheHistoriesOfRowsApart) {
    const std::string header = "[topic.history]\nmessages = ";
    const Loaded loaded = load_row(
        header + "1\n[[topic]]\nmatch = \"b\"\n[[topic]]\nmatch = \"c\"\n" + header + "3\n");
    ASSERT_TRUE(diagnostics_.ok()) << report();
    const std::vector<TopicRow> &topics = loaded.settings().topics;
    EXPECT_EQ(topics[0].history.value().messages, 1u);
    EXPECT_EQ(topics[1].history, std::nullopt);
    EXPECT_EQ(topics[2].history.value().messages, 3u);
}

TEST_F(Fill, TakesEachWordOfSlow) {
    const auto slow = [this](const std::string &word) {
        return row("slow = \"" + word + '"').slow;
    };
    EXPECT_EQ(row("").slow, Slow::kAuto);
    EXPECT_EQ(slow("auto"), Slow::kAuto);
    EXPECT_EQ(row("slow = \"pause\"\nhistory = {}").slow, Slow::kPause);
    EXPECT_EQ(slow("disconnect"), Slow::kDisconnect);
    EXPECT_EQ(slow("drop_oldest"), Slow::kDropOldest);
    EXPECT_EQ(slow("drop_lowest"), Slow::kDropLowest);
    EXPECT_EQ(slow("conflate"), Slow::kConflate);
}

TEST_F(Fill, AsksAboutWhatTheRowSaysAndAboutBothWithoutAWord) {
    const auto asked = [this](const std::string &keys) {
        const TopicRow found = row(keys + "\n[module.app]\n");
        return std::pair(found.ask_subscribe, found.ask_publish);
    };
    EXPECT_EQ(asked(""), std::pair(false, false));
    EXPECT_EQ(asked("ask = \"app\""), std::pair(true, true));
    EXPECT_EQ(asked("ask = \"app\"\nask_for = [\"publish\"]"), std::pair(false, true));
    EXPECT_EQ(asked("ask = \"app\"\nask_for = [\"subscribe\"]"), std::pair(true, false));
}

TEST_F(Fill, TakesEachWordOfRetain) {
    EXPECT_EQ(row("").retain, Retain::kNone);
    EXPECT_EQ(row("retain = \"none\"").retain, Retain::kNone);
    EXPECT_EQ(row("retain = \"last\"").retain, Retain::kLast);
    const TopicRow by_key = row("retain = \"last_by_key\"\nkey = \"id\"\npresence = true");
    EXPECT_EQ(by_key.retain, Retain::kLastByKey);
    EXPECT_EQ(by_key.key, "id");
    EXPECT_TRUE(by_key.presence);
}

TEST_F(Fill, TakesPatternsASessionIsSubscribedTo) {
    const Loaded loaded = load(std::string(kListener) + "subscribe = [\"user:{sub}:*\"]\n");
    ASSERT_EQ(report(), "");
    EXPECT_THAT(loaded.settings().listeners[0].subscribe, ElementsAre("user:{sub}:*"));
}

TEST_F(Fill, TakesTheRowsFromAnOverrideAsAWholeOrNotAtAll) {
    overrides_ = {"topic = [{ match = \"b\", history = { messages = 7 } }]"};
    const Loaded loaded = load_row("history = {}");
    ASSERT_EQ(report(), "");
    ASSERT_EQ(loaded.settings().topics.size(), 1u);
    EXPECT_EQ(loaded.settings().topics[0].history.value().messages, 7u);
    overrides_ = {"topic.history.messages = 7"};
    load_row("history = {}");
    EXPECT_THAT(report(), HasSubstr("-g:1:1: topic: expected rows, got a table"));
}

}  // namespace
}  // namespace wse::config
