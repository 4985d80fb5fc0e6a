// SPDX-License-Identifier: MIT
// Structured log, one line per event:
//     2026-01-02T03:04:05.678Z info session session.open conn=… user=alice
// or the same as a JSON object. Event names are stable and stand in wsed(8). Never a secret, a
// token or a payload. The sink is the one global of the core; write() may be called from any thread
// and never waits for the disk: a writer thread does the writing, and what does not fit is counted.
// A sink that fails (a full disk) stops nothing: its lines are lost, counted, and reported by a
// log.dropped line as soon as one can be written.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace wse::log {

enum class Level : uint8_t { kError, kWarn, kInfo, kDebug };
enum class Format : uint8_t { kText, kJson };

struct Field {
    Field(std::string_view name, std::string_view text) : key(name), value(text) {}
    Field(std::string_view name, const char *text) : key(name), value(text) {}
    Field(std::string_view name, const std::string &text) : key(name), value(text) {}
    Field(std::string_view name, std::same_as<bool> auto truth)
        : key(name), value(truth ? "true" : "false"), is_literal(true) {}
    template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
        Field(std::string_view name, Integer number)
        : key(name), owned(std::to_string(number)), is_literal(true) {}

    std::string_view text() const { return owned.empty() ? value : std::string_view(owned); }

    std::string_view key;  // a word of ours, written as it is
    std::string_view value;
    std::string owned;
    bool is_literal = false;  // a number or a truth value, without quotes in JSON
};

struct Settings {
    Level level = Level::kInfo;
    Format format = Format::kText;
    std::string path;  // empty: standard error
};

// [main] Opens the sink and starts its thread; after a fork, in the child, since threads do not
// survive one. Until then, and after stop(), lines go to standard error at once. Fails when the
// file cannot be opened, or when the log is started already.
Result<void> start(const Settings &settings);
// [main] Writes what is queued and ends the thread. Gives up a sink that takes nothing for
// kStopPatienceMs.
void stop();
// [any] Opens the file anew after a rotation; the writer does it before the next line. When that
// fails the old file stays, and a log.reopen_failed line in it says why.
void reopen();

// [any]
void set_level(Level level);
bool enabled(Level level);

// At most kBurst lines of one event at once and kPerSecond in the long run (below kError); the next
// line that passes says how many were suppressed.
inline constexpr uint64_t kBurst = 100;
inline constexpr uint64_t kPerSecond = 10;
// Bytes that may wait for the writer. The last quarter is kept for errors.
inline constexpr size_t kMaxQueue = 1 << 20;
// Bytes of one value; what is longer is cut and ends in "...".
inline constexpr size_t kMaxValue = 1024;
inline constexpr uint64_t kStopPatienceMs = 1000;

void write(Level level, std::string_view area, std::string_view event,
           std::initializer_list<Field> fields = {});

inline void error(std::string_view area, std::string_view event,
                  std::initializer_list<Field> fields = {}) {
    write(Level::kError, area, event, fields);
}
inline void warn(std::string_view area, std::string_view event,
                 std::initializer_list<Field> fields = {}) {
    write(Level::kWarn, area, event, fields);
}
inline void info(std::string_view area, std::string_view event,
                 std::initializer_list<Field> fields = {}) {
    write(Level::kInfo, area, event, fields);
}
inline void debug(std::string_view area, std::string_view event,
                  std::initializer_list<Field> fields = {}) {
    write(Level::kDebug, area, event, fields);
}

// [signal] A line with its newline, at once: past the queue, to where the log goes and to standard
// error. And how lines are to look.
void write_now(std::string_view line);
bool is_json();

// Lines lost to the rate limit or to a sink that did not keep up.
uint64_t dropped();

// One line without its newline; pure. In text, bytes below 0x20, 0x7f and above become \xNN, and a
// value with a blank, '=' or '"' is quoted. In JSON, UTF-8 stays; the high bytes of what is not
// UTF-8 become \u00NN.
std::string format_line(Format format, uint64_t wall_ms, Level level, std::string_view area,
                        std::string_view event, std::initializer_list<Field> fields,
                        uint64_t suppressed = 0);

}  // namespace wse::log
