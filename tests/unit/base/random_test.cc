// SPDX-License-Identifier: MIT
#include "base/random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <vector>

namespace wse {
namespace {

TEST(Random, DoesNotRepeatItself) {
    std::set<uint64_t> seen;
    for (int i = 0; i < 10'000; ++i) seen.insert(random_u64());
    EXPECT_EQ(seen.size(), 10'000U);
}

TEST(Random, FillsEverySizeAndNothingBeyondIt) {
    for (const size_t size :
         {size_t{0}, size_t{1}, size_t{17}, size_t{511}, size_t{512}, size_t{513}, size_t{5000}}) {
        std::vector<uint8_t> bytes(size + 8, 0);
        random_bytes(bytes.data(), size);
        EXPECT_EQ(std::vector<uint8_t>(bytes.end() - 8, bytes.end()), std::vector<uint8_t>(8, 0));
        if (size >= 16) {
            EXPECT_NE(std::vector<uint8_t>(bytes.begin(), bytes.begin() + 16),
                      std::vector<uint8_t>(16, 0));
        }
    }
}

// The supervisor starts the server by fork(), several times in its life.
TEST(Random, IsNotSharedWithAForkedChild) {
    random_u64();  // fills the pool
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const uint64_t drawn = random_u64();
        _exit(write(ends[1], &drawn, sizeof drawn) == sizeof drawn ? 0 : 1);
    }
    const uint64_t mine = random_u64();
    uint64_t theirs = 0;
    EXPECT_EQ(read(ends[0], &theirs, sizeof theirs), ssize_t{sizeof theirs});
    EXPECT_NE(mine, theirs);
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
}  // namespace wse
