// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/log_file.h"
#include "base/log_limit.h"

namespace wse::log {
namespace {

// What the writer keeps between two turns; a burst's memory goes back.
constexpr size_t kKeepCapacity = 64 * 1024;

uint64_t count_lines(std::string_view text) {
    return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// Beside the sink, which is made when it is first used: a signal handler must not be the one to
// make it.
constinit std::atomic<Format> sink_format{Format::kText};
constinit std::atomic<int> sink_fd{STDERR_FILENO};  // of the file, for who cannot wait

class Sink {
public:
    Result<void> start(const Settings &settings);
    void stop();
    void reopen();
    void write(Level level, std::string_view area, std::string_view event,
               std::initializer_list<Field> fields);

    std::atomic<Level> level{Level::kInfo};
    std::atomic<uint64_t> dropped{0};

private:
    void push(Level level, const std::string &line);
    void run() noexcept;
    void write_batch(std::string &batch);
    void open_again();
    std::string own_line(Level own_level, std::string_view event,
                         std::initializer_list<Field> fields) const {
        return format_line(sink_format, clock_.wall_ms(), own_level, "log", event, fields) + '\n';
    }

    SystemClock clock_;

    std::mutex limit_mutex_;
    RateLimit limit_{kBurst, kPerSecond};

    // Held for a copy into the queue, never while something is written.
    std::mutex mutex_;
    std::condition_variable wake_;
    std::string queue_;  // whole lines
    uint64_t lost_ = 0;  // lines that did not fit, until the writer takes note
    bool running_ = false;
    bool reopen_ = false;

    std::atomic<bool> stopping_{false};
    std::thread thread_;
    LogFile file_;         // the writer's while it runs
    uint64_t failed_ = 0;  // the writer's: lines lost since the last log.dropped line
};

Result<void> Sink::start(const Settings &settings) {
    if (thread_.joinable()) return Error{WSE_EINVAL, "the log is started already"};
    if (auto opened = file_.open(settings.path); !opened) return opened;
    level = settings.level;
    sink_format = settings.format;
    sink_fd = file_.descriptor();
    stopping_ = false;
    {
        const std::lock_guard lock(mutex_);
        reopen_ = false;
        running_ = true;
    }
    thread_ = std::thread([this] { run(); });
    return {};
}

void Sink::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    sink_fd = STDERR_FILENO;
    file_.close();
}

void Sink::reopen() {
    {
        const std::lock_guard lock(mutex_);
        reopen_ = running_;
    }
    wake_.notify_one();
}

void Sink::write(Level line_level, std::string_view area, std::string_view event,
                 std::initializer_list<Field> fields) {
    uint64_t suppressed = 0;
    if (line_level != Level::kError) {
        const std::lock_guard lock(limit_mutex_);
        const auto verdict = limit_.ask(area, event, clock_.monotonic_ms());
        if (!verdict.passes) {
            ++dropped;
            return;
        }
        suppressed = verdict.suppressed;
    }
    push(line_level,
         format_line(sink_format, clock_.wall_ms(), line_level, area, event, fields, suppressed) +
             '\n');
}

void Sink::push(Level line_level, const std::string &line) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (!running_) {
            if (::write(STDERR_FILENO, line.data(), line.size()) < 0) ++dropped;
            return;
        }
        const size_t bound = line_level == Level::kError ? kMaxQueue : kMaxQueue / 4 * 3;
        if (queue_.size() + line.size() > bound) {
            ++dropped;
            ++lost_;
            return;
        }
        wake = queue_.empty();
        queue_ += line;
    }
    if (wake) wake_.notify_one();
}

// The writer thread.
void Sink::run() noexcept {
    // Signals are the main thread's; and a closed pipe shall be an error here, not a SIGPIPE.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::string batch;
    for (bool last = false; !last;) {
        bool again = false;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return !queue_.empty() || reopen_ || stopping_; });
            batch.swap(queue_);
            failed_ += std::exchange(lost_, 0);
            again = std::exchange(reopen_, false);
            // Lines that come after this turn find no writer and go to standard error.
            last = stopping_;
            running_ = !last;
        }
        if (again) open_again();
        write_batch(batch);
        batch.clear();
        if (batch.capacity() > kKeepCapacity) batch = std::string();
    }
}

void Sink::write_batch(std::string &batch) {
    const bool reports = failed_ > 0;
    if (reports) batch += own_line(Level::kWarn, "log.dropped", {{"lines", failed_}});
    const std::string_view rest = std::string_view(batch).substr(file_.write(batch, stopping_));
    if (rest.empty()) {
        failed_ = 0;
        return;
    }
    const uint64_t lost = count_lines(rest) - (reports ? 1 : 0);
    failed_ += lost;
    dropped += lost;
}

void Sink::open_again() {
    if (auto opened = file_.reopen(); !opened) {
        std::string line =
            own_line(Level::kError, "log.reopen_failed", {{"error", opened.error().text}});
        write_batch(line);
    }
    sink_fd = file_.descriptor();
}

// Never destroyed: threads may log until the very end of the process.
Sink &sink() {
    static Sink &the_sink = *new Sink;
    return the_sink;
}

}  // namespace

Result<void> start(const Settings &settings) {
    return sink().start(settings);
}
void stop() {
    sink().stop();
}
void reopen() {
    sink().reopen();
}

void set_level(Level level) {
    sink().level = level;
}
bool enabled(Level level) {
    return level <= sink().level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view area, std::string_view event,
           std::initializer_list<Field> fields) {
    if (enabled(level)) sink().write(level, area, event, fields);
}

void write_now(std::string_view line) {
    const int fd = sink_fd.load(std::memory_order_relaxed);
    // There is nobody to tell of a failure.
    if (fd >= 0 && fd != STDERR_FILENO && ::write(fd, line.data(), line.size()) < 0) errno = 0;
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) errno = 0;
}

bool is_json() {
    return sink_format.load(std::memory_order_relaxed) == Format::kJson;
}

uint64_t dropped() {
    return sink().dropped;
}

}  // namespace wse::log
