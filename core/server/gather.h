// SPDX-License-Identifier: MIT
// One question to all connection loops, one list of answers back on the loop that asked.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/ref.h"
#include "server/connection_loop.h"

namespace wse::server {

// [home] `ask` runs on each connection loop, `done` on `home` once all have answered, in any order.
template <class T>
void gather(const std::vector<std::unique_ptr<ConnectionLoop>> &loops, Loop &home,
            std::function<T(session::Context &)> ask, std::function<void(std::vector<T>)> done) {
    struct Answers final : RefCounted<Answers> {
        std::vector<T> list;  // [home]
    };
    const auto answers = make_ref<Answers>();
    const size_t expected = loops.size();
    for (const auto &one : loops) {
        one->loop().post([&context = one->context(), &home, answers, expected, ask, done] {
            home.post([answers, expected, done, answer = ask(context)]() mutable {
                answers->list.push_back(std::move(answer));
                if (answers->list.size() == expected) done(std::move(answers->list));
            });
        });
    }
}

}  // namespace wse::server
