// SPDX-License-Identifier: MIT
// Random commands to a hub and to a simple model of it, which must agree on every effect; and
// clients that must see everything.
#include <gtest/gtest.h>

#include "hub_model_run.h"

namespace wse::hub {
namespace {

class HubModelTest : public testing::TestWithParam<uint64_t> {};

TEST_P(HubModelTest, AgreesWithASimpleModelOnRandomCommands) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr int kSteps = 3'000;
#else
    constexpr int kSteps = 100'000;
#endif
    HubModelRun run(GetParam());
    for (int step = 0; step < kSteps; ++step) {
        run.step();
        ASSERT_FALSE(HasFailure()) << "seed " << GetParam() << ", step " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, HubModelTest, testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace wse::hub
