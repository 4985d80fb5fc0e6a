// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace wse::log {
namespace {

std::string slurp(const std::string &path) {
    std::ifstream in(path);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

size_t count(std::string_view text, std::string_view part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

class Log : public testing::Test {
protected:
    Log() {
        std::string name = testing::TempDir() + "wse_log_XXXXXX";
        directory_ = mkdtemp(name.data());
        path_ = directory_ + "/wse.log";
    }
    ~Log() override {
        stop();
        set_level(Level::kInfo);
        std::filesystem::remove_all(directory_);
    }

    void start_file(Level level = Level::kInfo, Format format = Format::kText) {
        ASSERT_TRUE(start({.level = level, .format = format, .path = path_}).ok());
    }

    std::string directory_;
    std::string path_;
};

TEST_F(Log, GoesToStandardErrorBeforeStartAndAfterStop) {
    testing::internal::CaptureStderr();
    info("test", "before", {{"n", 1}});
    start_file();
    info("test", "during");
    stop();
    info("test", "after");
    const std::string written = testing::internal::GetCapturedStderr();
    EXPECT_THAT(written, testing::MatchesRegex("[^\n]* info test before n=1\n[^\n]* after\n"));
    EXPECT_EQ(count(slurp(path_), "during"), 1U);
}

TEST_F(Log, WritesToStandardErrorWithoutAPath) {
    testing::internal::CaptureStderr();
    ASSERT_TRUE(start({.level = Level::kInfo, .format = Format::kJson, .path = ""}).ok());
    warn("test", "spoken");
    stop();
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr(R"("event":"spoken")"));
}

TEST_F(Log, WritesEverythingBeforeStopReturns) {
    start_file();
    for (int i = 0; i < 5000; ++i) error("test", "line", {{"n", i}});
    stop();
    const std::string written = slurp(path_);
    EXPECT_EQ(count(written, "\n"), 5000U);
    EXPECT_THAT(written, testing::EndsWith(" n=4999\n"));
}

TEST_F(Log, AppendsToWhatIsThere) {
    std::ofstream(path_) << "old\n";
    start_file();
    info("test", "fresh");
    stop();
    EXPECT_THAT(slurp(path_), testing::MatchesRegex("old\n[^\n]* fresh\n"));
}

TEST_F(Log, KeepsItsFileFromOthers) {
    start_file();
    struct stat status {};
    ASSERT_EQ(stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07U, 0U);
}

TEST_F(Log, FailsToStartWithoutItsFile) {
    const auto started = start({.path = directory_ + "/no/such/file"});
    ASSERT_FALSE(started.ok());
    EXPECT_THAT(started.error().text, testing::HasSubstr("/no/such/file"));
    start_file();
    EXPECT_FALSE(start({.path = path_}).ok()) << "started already";
}

TEST_F(Log, LeavesOutWhatIsBelowTheLevel) {
    start_file(Level::kWarn);
    EXPECT_FALSE(enabled(Level::kInfo));
    info("test", "quiet");
    warn("test", "loud");
    set_level(Level::kDebug);
    EXPECT_TRUE(enabled(Level::kDebug));
    debug("test", "detail");
    stop();
    EXPECT_THAT(slurp(path_), testing::MatchesRegex("[^\n]* loud\n[^\n]* detail\n"));
}

TEST_F(Log, LimitsTheRateOfOneEventButNotOfErrors) {
    start_file();
    const uint64_t before = dropped();
    for (uint64_t i = 0; i < 50 * kBurst; ++i) {
        info("test", "rate.flood");
        error("test", "rate.error");
    }
    info("test", "rate.other");
    stop();
    const std::string written = slurp(path_);
    EXPECT_LT(count(written, "rate.flood"), 10 * kBurst);
    EXPECT_GE(count(written, "rate.flood"), kBurst);
    EXPECT_EQ(count(written, "rate.error"), 50 * kBurst);
    EXPECT_EQ(count(written, "rate.other"), 1U);
    EXPECT_EQ(dropped() - before, 50 * kBurst - count(written, "rate.flood"));
}

TEST_F(Log, OpensItsFileAnewAfterARotation) {
    start_file();
    error("test", "first");
    stop();
    start_file();
    std::filesystem::rename(path_, path_ + ".1");
    reopen();
    error("test", "second");
    stop();
    EXPECT_THAT(slurp(path_ + ".1"), testing::EndsWith(" first\n"));
    EXPECT_THAT(slurp(path_), testing::EndsWith(" second\n"));
}

TEST_F(Log, KeepsTheOldFileWhenItCannotOpenItAnew) {
    start_file();
    const std::string moved = directory_ + ".moved";
    std::filesystem::rename(directory_, moved);
    reopen();
    error("test", "second");
    stop();
    std::filesystem::rename(moved, directory_);
    const std::string written = slurp(path_);
    EXPECT_EQ(count(written, "log log.reopen_failed"), 1U);
    EXPECT_EQ(count(written, "second"), 1U);
}

TEST_F(Log, DropsAndCountsWhatAFullDiskDoesNotTake) {
    const uint64_t before = dropped();
    ASSERT_TRUE(start({.path = "/dev/full"}).ok());
    for (int i = 0; i < 20; ++i) error("test", "lost");
    stop();
    EXPECT_EQ(dropped() - before, 20U);
}

// A pipe that nobody reads is a disk that does not answer.
class Pipe {
public:
    explicit Pipe(const std::string &path) {
        EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
        fd_ = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    ~Pipe() { close(fd_); }
    // Reads until `part` has come or the writer is gone.
    std::string read_until(std::string_view part) {
        std::string all;
        char piece[65536];
        for (;;) {
            const ssize_t got = read(fd_, piece, sizeof piece);
            if (got > 0) all.append(piece, static_cast<size_t>(got));
            if (got == 0 || all.find(part) != all.npos) return all;
            if (got < 0) std::this_thread::yield();
        }
    }

private:
    int fd_ = -1;
};

TEST_F(Log, NeverWaitsForASinkThatDoesNotKeepUp) {
    Pipe pipe(path_);
    start_file();
    const uint64_t before = dropped();
    const std::string filler(1000, 'x');
    constexpr uint64_t kLines = 4000;  // far more than pipe, batch and queue hold
    for (uint64_t i = 0; i < kLines; ++i) error("test", "line", {{"filler", filler}});
    const uint64_t lost = dropped() - before;
    EXPECT_GT(lost, 0U);

    std::string written = pipe.read_until("log.dropped");
    std::thread stopper([] { stop(); });
    written += pipe.read_until("never");
    stopper.join();
    EXPECT_EQ(count(written, "test line"), kLines - lost);
    EXPECT_THAT(written, testing::HasSubstr("warn log log.dropped lines=" + std::to_string(lost)));
}

TEST_F(Log, KeepsRoomForErrors) {
    Pipe pipe(path_);
    start_file();
    const std::string filler(1000, 'x');
    uint64_t before = dropped();
    // Each its own event, so that the queue and not the rate is what ends it.
    for (int i = 0; dropped() == before && i < 100'000; ++i)
        warn("test", "line" + std::to_string(i % 900), {{"filler", filler}});
    before = dropped();
    for (int i = 0; i < 100; ++i) error("test", "error", {{"filler", filler}});
    error("test", "important");
    EXPECT_EQ(dropped(), before);
    EXPECT_THAT(pipe.read_until("important"), testing::HasSubstr("important"));
}

TEST_F(Log, GivesUpASinkThatTakesNothingWhenItStops) {
    Pipe pipe(path_);
    start_file();
    const uint64_t before = dropped();
    const std::string filler(1000, 'x');
    for (int i = 0; i < 300; ++i) error("test", "line", {{"filler", filler}});
    stop();
    EXPECT_EQ(300 - (dropped() - before), count(pipe.read_until("never"), "\n"));
}

TEST_F(Log, LosesNothingOfManyThreads) {
    start_file(Level::kInfo, Format::kJson);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([thread] {
            for (int i = 0; i < 500; ++i) error("test", "line", {{"thread", thread}, {"n", i}});
        });
    }
    for (int i = 0; i < 20; ++i) {
        reopen();
        set_level(i % 2 ? Level::kInfo : Level::kWarn);
    }
    for (auto &thread : threads) thread.join();
    stop();
    const std::string written = slurp(path_);
    EXPECT_EQ(count(written, R"("event":"line")"), 2000U);
    for (int thread = 0; thread < 4; ++thread)
        EXPECT_EQ(count(written, "\"thread\":" + std::to_string(thread)), 500U);
}

}  // namespace
}  // namespace wse::log
