// SPDX-License-Identifier: MIT
// What a module that is a class has between itself and the C functions of the ABI: how a problem is
// told while configuring, and that no exception leaves. Nothing of ours throws, but the C++ library
// does when memory is short.
#pragma once

#include <cstdio>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::abi {

inline std::string_view text_of(wse_bytes bytes) {
    return {static_cast<const char *>(bytes.data), bytes.len};
}

inline wse_bytes bytes_of(std::string_view text) {
    return {text.data(), text.size()};
}

// The status of `entry`, or WSE_ENOMEM. Whatever else is thrown ends the process, as it should: it
// says that the program is wrong, and nobody knows what was half done.
template <class Entry>
int32_t guarded(Entry entry) noexcept {
    try {
        return entry();
    } catch (const std::bad_alloc &) {
        return WSE_ENOMEM;
    }
}

// [main] An empty text is success; anything else is the one sentence about what is wrong.
inline int32_t report(const std::string &problem, wse_error *error) {
    if (problem.empty()) return WSE_OK;
    std::snprintf(error->text, sizeof error->text, "%s", problem.c_str());
    return WSE_EINVAL;
}

// create, start, stop and destroy of a class that has
//   Instance(const wse_host *, const Config &)
//   std::string load()               [main] a problem, or empty
//   std::string start(wse_loop *)    [loop] a problem, or empty
//   void stop(wse_loop *, wse_stop_token *)
template <class Instance, class Config>
struct Lifecycle {
    static int32_t create(const wse_host *host, const void *config, void **ret_self,
                          wse_error *error) noexcept {
        return guarded([&] {
            auto instance = std::make_unique<Instance>(host, *static_cast<const Config *>(config));
            const std::string problem = instance->load();
            if (problem.empty()) *ret_self = instance.release();
            return report(problem, error);
        });
    }
    static int32_t start(void *self, wse_loop *loop, wse_error *error) noexcept {
        return guarded([&] { return report(static_cast<Instance *>(self)->start(loop), error); });
    }
    static void stop(void *self, wse_loop *loop, wse_stop_token *token) noexcept {
        static_cast<Instance *>(self)->stop(loop, token);
    }
    static void destroy(void *self) noexcept { delete static_cast<Instance *>(self); }
};

}  // namespace wse::abi
