// SPDX-License-Identifier: MIT
// Hears from the kernel which files of a directory change. What it hears is a hint: some file
// systems tell nothing, and what comes too fast is lost.
#pragma once

#include <uv.h>

#include <functional>
#include <string>

namespace wse::snapshot_file {

// [loop] alone.
class Watch {
public:
    // `changed` comes with a file's name, or with an empty one when any may have changed.
    Watch(std::string directory, std::function<void(const std::string &)> changed);
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;

    // False when nothing will be heard.
    bool start(uv_loop_t *loop);
    // What the path leads to now, after another directory was put in its place.
    bool restart();
    bool works() const { return works_; }
    // `closed` is called when the handle is closed; only then may the watch be destroyed.
    void close(std::function<void()> closed);

private:
    static void on_event(uv_fs_event_t *event, const char *name, int events, int status) noexcept;

    const std::string directory_;
    const std::function<void(const std::string &)> changed_;
    std::function<void()> closed_;
    uv_fs_event_t event_{};
    bool works_ = false;
};

}  // namespace wse::snapshot_file
