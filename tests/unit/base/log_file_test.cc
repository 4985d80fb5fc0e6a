// SPDX-License-Identifier: MIT
#include "base/log_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "support/file_size_limit.h"

namespace wse::log {
namespace {

const std::atomic<bool> kPatient{false};

class LogFileTest : public testing::Test {
protected:
    LogFileTest() {
        std::string name = testing::TempDir() + "wse_log_file_XXXXXX";
        close(mkstemp(name.data()));
        path_ = name;
        EXPECT_TRUE(file_.open(path_).ok());
    }
    ~LogFileTest() override { std::remove(path_.c_str()); }
    std::string content() const {
        std::ifstream in(path_);
        std::stringstream out;
        out << in.rdbuf();
        return out.str();
    }

    std::string path_;
    LogFile file_;
};

TEST_F(LogFileTest, TakesLinesLongerThanOneWrite) {
    std::string lines(100'000, 'a');
    lines[70'000] = '\n';
    lines.back() = '\n';
    EXPECT_EQ(file_.write(lines, kPatient), lines.size());
    EXPECT_EQ(content(), lines);
}

TEST_F(LogFileTest, SaysHowMuchItTookWhenTheDiskIsFull) {
    const test::FileSizeLimit limit(7);
    EXPECT_EQ(file_.write("one\ntwo\nthree\n", kPatient), 7U);
    EXPECT_EQ(file_.write("four\n", kPatient), 0U);
    EXPECT_EQ(content(), "one\ntwo");
}

TEST_F(LogFileTest, BeginsANewLineAfterATornOne) {
    {
        const test::FileSizeLimit limit(6);
        EXPECT_EQ(file_.write("one\ntwo\n", kPatient), 6U);
        EXPECT_EQ(file_.write("three\n", kPatient), 0U);
    }
    EXPECT_EQ(file_.write("four\n", kPatient), 5U);
    EXPECT_EQ(file_.write("five\n", kPatient), 5U);
    EXPECT_EQ(content(), "one\ntw\nfour\nfive\n");
}

TEST_F(LogFileTest, SurvivesAFileThatIsClosed) {
    file_.close();
    EXPECT_EQ(file_.write("line\n", kPatient), 0U);
}

}  // namespace
}  // namespace wse::log
