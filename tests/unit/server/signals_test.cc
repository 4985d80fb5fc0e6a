// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "server/supervisor.h"

namespace wse::server {
namespace {

TEST(Signals, AWriteThatFailsDoesNotEndTheProcess) {
    for (const int failed_write : {SIGPIPE, SIGXFSZ}) {
        EXPECT_EXIT(
            {
                ignore_write_signals();
                raise(failed_write);
                _exit(0);
            },
            testing::ExitedWithCode(0), "");
    }
}

}  // namespace
}  // namespace wse::server
