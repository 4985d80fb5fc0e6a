// SPDX-License-Identifier: MIT
#include "server/revocation_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

size_t synced_directories = 0;

}  // namespace

// In place of the C library's, to see what is put on the disk.
extern "C" int fsync(int fd) {
    struct stat info {};
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) ++synced_directories;
    return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace wse::server {
namespace {

namespace fs = std::filesystem;
using session::Revocation;
using session::Revocations;

constexpr uint64_t kNow = 1'000'000'000;
constexpr uint64_t kAge = 60'000;

class RevocationFileTest : public testing::Test {
protected:
    ~RevocationFileTest() override { fs::remove_all(directory); }

    void revoke(RevocationFile &file, Revocations &all, const Revocation &one) {
        ASSERT_TRUE(all.add(one, one.made_ms).ok());
        const auto stored = file.append(one, all, one.made_ms);
        ASSERT_TRUE(stored.ok()) << stored.error().text;
    }
    size_t lines() const {
        std::ifstream in(directory / "state" / "revocations");
        size_t count = 0;
        for (std::string line; std::getline(in, line);) ++count;
        return count;
    }

    static fs::path new_directory() {
        std::string name = fs::temp_directory_path() / "wse-revocations-XXXXXX";
        return ::mkdtemp(name.data());
    }

    const fs::path directory = new_directory();
    const std::string state = directory / "state";
};

TEST_F(RevocationFileTest, IsEmptyWhenItIsNotThere) {
    Revocations all(10, kAge);
    EXPECT_TRUE(RevocationFile(state).load(all, kNow).ok());
    EXPECT_TRUE(all.list(kNow).empty());
}

TEST_F(RevocationFileTest, HasOverARestartWhatWasRevoked) {
    Revocations before(10, kAge);
    RevocationFile file(state);
    revoke(file, before, {.user = "ali\"ce", .issued_before_ms = 77, .made_ms = kNow});
    revoke(file, before, {.token = "t1", .made_ms = kNow + 1});
    Revocations after(10, kAge);
    ASSERT_TRUE(RevocationFile(state).load(after, kNow + 2).ok());
    const auto all = after.list(kNow + 2);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].user, "ali\"ce");
    EXPECT_EQ(all[0].issued_before_ms, 77U);
    EXPECT_EQ(all[1].token, "t1");
    Revocations later(10, kAge);
    ASSERT_TRUE(RevocationFile(state).load(later, kNow + kAge).ok());
    EXPECT_EQ(later.list(kNow + kAge).size(), 1U);
}

TEST_F(RevocationFileTest, PutsItsNameOnTheDiskWhenItIsNew) {
    Revocations all(10, kAge);
    RevocationFile file(state);
    synced_directories = 0;
    revoke(file, all, {.token = "t1", .made_ms = kNow});
    EXPECT_EQ(synced_directories, 1U);
    revoke(file, all, {.token = "t2", .made_ms = kNow});
    EXPECT_EQ(synced_directories, 1U);
}

TEST_F(RevocationFileTest, PassesOverALineThatWasCutAndGoesOnBehindIt) {
    Revocations before(10, kAge);
    RevocationFile file(state);
    revoke(file, before, {.token = "t1", .made_ms = kNow});
    std::ofstream(file.path(), std::ios::app) << R"({"token":"t)";
    revoke(file, before, {.token = "t3", .made_ms = kNow});
    Revocations after(10, kAge);
    ASSERT_TRUE(RevocationFile(state).load(after, kNow).ok());
    EXPECT_EQ(after.list(kNow).size(), 2U);
}

TEST_F(RevocationFileTest, IsWrittenAnewWhenMostOfItIsOld) {
    Revocations all(10'000, kAge);
    RevocationFile file(state);
    for (uint64_t i = 0; i < 1010; ++i) revoke(file, all, {.token = "t", .made_ms = kNow + i});
    EXPECT_LT(lines(), 1010U);
    Revocations after(10, kAge);
    ASSERT_TRUE(RevocationFile(state).load(after, kNow + 1010).ok());
    EXPECT_EQ(after.list(kNow + 1010).size(), 1U);
}

TEST_F(RevocationFileTest, ThatCannotBeReadIsAnError) {
    fs::create_directories(fs::path(state) / "revocations");
    Revocations all(10, kAge);
    EXPECT_FALSE(RevocationFile(state).load(all, kNow).ok());
}

TEST_F(RevocationFileTest, SaysWhenItCannotBeWritten) {
    std::ofstream(state) << "no directory";
    Revocations all(10, kAge);
    RevocationFile file(state);
    const auto stored = file.append({.token = "t1", .made_ms = kNow}, all, kNow);
    ASSERT_FALSE(stored.ok());
    EXPECT_NE(stored.error().text.find(file.path()), std::string::npos);
}

}  // namespace
}  // namespace wse::server
