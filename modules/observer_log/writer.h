// SPDX-License-Identifier: MIT
// Appends lines to a file without ever waiting for the disk: they gather while the last batch is
// written on libuv's worker pool. What does not fit in the buffer is lost, and counted.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::observer_log {

class Writer {
public:
    struct Counters {
        uint32_t written = 0;
        uint32_t lost = 0;
    };

    // `limit` is in bytes: what may wait beside the batch that is being written.
    Writer(const wse_host *host, std::string path, size_t limit, Counters counters);
    ~Writer();
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    // [main] Empty, or why the file cannot be written.
    std::string open();
    void start(wse_loop *loop) { loop_ = loop; }  // [loop]
    void add(std::string line);                   // [loop]
    void lose();                                  // [loop] a line for which there was no memory
    // [loop] Answers the token when everything is in the file.
    void stop(wse_stop_token *token);

private:
    struct Batch {
        std::string text;
        int64_t lines = 0;
    };

    static void write_batch(void *self) noexcept;  // worker thread
    static void written(void *self) noexcept;      // loop
    std::string write_file();
    bool write_all(std::string_view text);
    bool is_replaced() const;
    void begin();
    void tell_lost(int64_t lines);

    const wse_host *host_;
    const std::string path_;
    const size_t limit_;
    const Counters counters_;
    wse_loop *loop_ = nullptr;
    wse_stop_token *stop_token_ = nullptr;
    Batch waiting_;
    bool failing_ = false;  // the last batch was lost, which has been logged
    bool writing_ = false;  // while it is true, what follows belongs to the worker thread
    Batch batch_;
    std::string problem_;        // of the last batch
    bool ends_in_line_ = false;  // the disk was full within a line
    int fd_ = -1;
};

}  // namespace wse::observer_log
