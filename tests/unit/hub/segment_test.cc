// SPDX-License-Identifier: MIT
#include "hub/segment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "history_fixture.h"
#include "support/file_size_limit.h"

namespace wse::hub {
namespace {

constexpr size_t kBytes = 8192;

class SegmentTest : public testing::Test {
protected:
    Result<Segment> create() { return Segment::create(directory.path(), {5, 6, 7, 0}, kBytes); }
    bool has_file(const std::string &name) const {
        return access((directory.path() + "/" + name).c_str(), F_OK) == 0;
    }

    test::Directory directory;
};

TEST_F(SegmentTest, IsReadAsItWasWritten) {
    {
        auto segment = create();
        ASSERT_TRUE(segment.ok());
        EXPECT_EQ(segment->room(), Segment::capacity(kBytes));
        segment->append({.topic = "topic"});
    }
    const Segment opened = Segment::open(directory.path(), 5);
    ASSERT_TRUE(opened.head());
    EXPECT_TRUE(opened.is_whole());
    EXPECT_EQ(opened.head()->log_epoch, 6U);
    EXPECT_EQ(opened.head()->sequence, 7U);
    RecordScan scan = opened.scan();
    ASSERT_EQ(scan.next(), Finding::kEntry);
    EXPECT_EQ(scan.entry().topic, "topic");
    EXPECT_EQ(scan.next(), Finding::kEnd);
}

TEST_F(SegmentTest, IsForItsOwnerAndGroupAndHasAllItsBlocks) {
    ASSERT_TRUE(create().ok());
    struct stat made {};
    ASSERT_EQ(stat(segment_path(directory.path(), 5).c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0137U, 0U);
    EXPECT_GE(made.st_blocks * 512, static_cast<blkcnt_t>(kBytes));
}

TEST_F(SegmentTest, IsNotMadeOnAFullDiskAndLeavesNothing) {
    const wse::test::FileSizeLimit limit(kBytes / 2);
    const auto segment = create();
    ASSERT_FALSE(segment.ok());
    EXPECT_NE(segment.error().text.find("cannot make room"), std::string::npos);
    EXPECT_FALSE(has_file("0000000000000005.seg"));
    EXPECT_FALSE(has_file("0000000000000005.seg.new"));
}

TEST_F(SegmentTest, DoesNotTakeOverWhatAKilledProcessLeft) {
    std::ofstream(directory.path() + "/0000000000000005.seg.new") << std::string(kBytes, 'x');
    const auto segment = create();
    ASSERT_TRUE(segment.ok());
    EXPECT_EQ(segment->scan().next(), Finding::kEnd);
    EXPECT_EQ(Segment::open(directory.path(), 5).scan().next(), Finding::kEnd);
}

TEST_F(SegmentTest, ThatIsALinkOrALieIsNotRead) {
    ASSERT_TRUE(create().ok());
    ASSERT_EQ(symlink(segment_path(directory.path(), 5).c_str(),
                      segment_path(directory.path(), 6).c_str()),
              0);
    EXPECT_FALSE(Segment::open(directory.path(), 6).head());
    ASSERT_EQ(mkfifo(segment_path(directory.path(), 7).c_str(), 0600), 0);
    EXPECT_FALSE(Segment::open(directory.path(), 7).head());
    std::filesystem::copy_file(segment_path(directory.path(), 5),
                               segment_path(directory.path(), 8));
    EXPECT_FALSE(Segment::open(directory.path(), 8).head());
    EXPECT_FALSE(Segment::open(directory.path(), 9).is_whole());
}

TEST_F(SegmentTest, WithAnotherSizeIsNotWhole) {
    ASSERT_TRUE(create().ok());
    ASSERT_EQ(truncate(segment_path(directory.path(), 5).c_str(), 4096), 0);
    const Segment opened = Segment::open(directory.path(), 5);
    EXPECT_TRUE(opened.head());
    EXPECT_FALSE(opened.is_whole());
}

}  // namespace
}  // namespace wse::hub
