// SPDX-License-Identifier: MIT
// Structured log, one line per event:
//     2026-01-02T03:04:05.678Z info session session.open conn=… user=alice
// or the same as a JSON object. Event names are stable and stand in wsed(8). Never a secret, a
// token or a payload. The sink is the one global of the core; log() may be called from any thread
// and never waits for the disk: a writer thread does the writing, and what does not fit is counted.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wse::log {

enum class Level : uint8_t { kError, kWarn, kInfo, kDebug };
enum class Format : uint8_t { kText, kJson };

struct Field {
    Field(std::string_view name, std::string_view text) : key(name), value(text) {}
    Field(std::string_view name, const char *text) : key(name), value(text) {}
    Field(std::string_view name, const std::string &text) : key(name), value(text) {}
    template <class Integer>
    requires std::is_integral_v<Integer> Field(std::string_view name, Integer number)
        : key(name), owned(std::to_string(number)), is_number(true) {}

    std::string_view text() const { return is_number ? std::string_view(owned) : value; }

    std::string_view key;
    std::string_view value;
    std::string owned;
    bool is_number = false;
};

struct Settings {
    Level level = Level::kInfo;
    Format format = Format::kText;
    std::string path;  // empty: standard error
};

// Opens the sink and starts its thread. Until then, and after stop(), lines go to standard error at
// once.
Result<void> start(const Settings &settings);
// Writes what is queued and ends the thread.
void stop();
// Opens the file anew after a rotation.
void reopen();

void set_level(Level level);
bool enabled(Level level);

// At most kBurst lines of one event at once and kPerSecond in the long run (below kError); the next
// line that passes says how many were suppressed.
inline constexpr uint64_t kBurst = 100;
inline constexpr uint64_t kPerSecond = 10;

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

// Lines lost to the rate limit or to a sink that did not keep up.
uint64_t dropped();

// One line without its newline; pure, for tests. Bytes below 0x20, 0x7f and above in text become
// \xNN.
std::string format_line(Format format, uint64_t wall_ms, Level level, std::string_view area,
                        std::string_view event, std::initializer_list<Field> fields,
                        uint64_t suppressed = 0);

}  // namespace wse::log
