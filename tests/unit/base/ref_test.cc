// SPDX-License-Identifier: MIT
#include "base/ref.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wse {
namespace {

struct Counted : RefCounted<Counted> {
    explicit Counted(int *gone, int number = 0) : gone_(gone), value(number) {}
    ~Counted() { ++*gone_; }
    int *gone_;
    int value;
};

TEST(Ref, DestroysItsObjectWithTheLastReference) {
    int gone = 0;
    {
        auto first = make_ref<Counted>(&gone, 7);
        {
            const Ref<Counted> second = first;
            EXPECT_EQ(second->value, 7);
        }
        EXPECT_EQ(gone, 0);
    }
    EXPECT_EQ(gone, 1);
}

TEST(Ref, IsEmptyAfterAMove) {
    int gone = 0;
    auto first = make_ref<Counted>(&gone);
    const Ref<Counted> second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_TRUE(second);
    EXPECT_EQ(gone, 0);
}

TEST(Ref, LetsGoOfTheOldObjectWhenAssigned) {
    int gone = 0;
    int kept = 0;
    auto ref = make_ref<Counted>(&gone);
    ref = make_ref<Counted>(&kept);
    EXPECT_EQ(gone, 1);
    EXPECT_EQ(kept, 0);
    ref = Ref<Counted>();
    EXPECT_EQ(kept, 1);
}

TEST(Ref, SurvivesAssignmentToItself) {
    int gone = 0;
    auto ref = make_ref<Counted>(&gone, 3);
    auto &same = ref;
    ref = same;
    EXPECT_EQ(ref->value, 3);
    EXPECT_EQ(gone, 0);
}

TEST(Ref, BecomesAReferenceToConst) {
    int gone = 0;
    {
        const Ref<const Counted> ref = make_ref<Counted>(&gone, 5);
        EXPECT_EQ(ref->value, 5);
    }
    EXPECT_EQ(gone, 1);
}

TEST(Ref, IsSharedByThreads) {
    int gone = 0;
    {
        const auto shared = make_ref<Counted>(&gone);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([copy = shared] {
                for (int turn = 0; turn < 1000; ++turn) const Ref<Counted> another = copy;
            });
        }
        for (auto &thread : threads) thread.join();
        EXPECT_EQ(gone, 0);
    }
    EXPECT_EQ(gone, 1);
}

}  // namespace
}  // namespace wse
