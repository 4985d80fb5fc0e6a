// SPDX-License-Identifier: MIT
#include "watch.h"

#include <utility>

#include "abi/module_class.h"

namespace wse::snapshot_file {

Watch::Watch(std::string directory, std::function<void(const std::string &)> changed)
    : directory_(std::move(directory)), changed_(std::move(changed)) {}

bool Watch::start(uv_loop_t *loop) {
    event_.data = this;
    uv_fs_event_init(loop, &event_);  // cannot fail on Linux before it is started
    return restart();
}

bool Watch::restart() {
    uv_fs_event_stop(&event_);
    works_ = uv_fs_event_start(&event_, on_event, directory_.c_str(), 0) == 0;
    return works_;
}

void Watch::close(std::function<void()> closed) {
    closed_ = std::move(closed);
    works_ = false;
    uv_close(reinterpret_cast<uv_handle_t *>(&event_), [](uv_handle_t *handle) noexcept {
        // May destroy the watch: nothing is touched after it.
        std::exchange(static_cast<Watch *>(handle->data)->closed_, nullptr)();
    });
}

void Watch::on_event(uv_fs_event_t *event, const char *name, int, int status) noexcept {
    auto &self = *static_cast<Watch *>(event->data);
    abi::guarded([&] {
        self.changed_(status == 0 && name ? name : "");
        return WSE_OK;
    });
}

}  // namespace wse::snapshot_file
