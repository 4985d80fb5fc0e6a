// SPDX-License-Identifier: MIT
#include "hub/history_directory.h"

#include <sys/stat.h>

#include <fstream>

#include "history_fixture.h"

namespace wse::hub {
namespace {

TEST(HistoryDirectory, IsMadeForItsOwnerAndGroup) {
    const test::Directory directory;
    const std::string path = directory.path() + "/history";
    ASSERT_TRUE(HistoryDirectory::open(path).ok());
    struct stat made {};
    ASSERT_EQ(stat(path.c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 027U, 0U);
    EXPECT_FALSE(HistoryDirectory::open(directory.path() + "/no/history").ok());
}

TEST(HistoryDirectory, IsHeldByOneProcess) {
    const test::Directory directory;
    {
        const auto first = HistoryDirectory::open(directory.path());
        ASSERT_TRUE(first.ok());
        const auto second = HistoryDirectory::open(directory.path());
        ASSERT_FALSE(second.ok());
        EXPECT_EQ(second.error().status, WSE_EAGAIN);
        EXPECT_NE(second.error().text.find("another process"), std::string::npos);
    }
    EXPECT_TRUE(HistoryDirectory::open(directory.path()).ok());
}

TEST(HistoryDirectory, ListsSegmentsInTheirOrder) {
    const test::Directory directory;
    for (const char *name :
         {"000000000000000a.seg", "0000000000000002.seg", "2.seg", "state", "0000000000000000.seg",
          "ffffffffffffffff.seg", "00000000000000+1.seg", "0000000000000003.seg.new"}) {
        std::ofstream(directory.path() + "/" + name);
    }
    const auto opened = HistoryDirectory::open(directory.path());
    ASSERT_TRUE(opened.ok());
    const auto numbers = opened->segments();
    ASSERT_TRUE(numbers.ok());
    EXPECT_EQ(*numbers, (std::vector<uint64_t>{2, 10}));
}

}  // namespace
}  // namespace wse::hub
