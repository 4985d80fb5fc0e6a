// SPDX-License-Identifier: MIT
#include "play.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "base/clock.h"
#include "short_memory.h"

namespace wse::check {
namespace {

// Real time: modules have threads and files of their own. As long as the server waits for a stop.
constexpr uint64_t kStopMs = 5000;

wse_error empty_error() {
    wse_error error{};
    error.struct_size = sizeof error;
    return error;
}

}  // namespace

Belongings Belongings::now() {
    namespace fs = std::filesystem;
    Belongings all;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator("/proc/self/fd", error)) {
        const fs::path target = fs::read_symlink(entry.path(), error);
        // The listing's own is gone when it is read.
        if (error || target.string().find("/proc/") == 0) continue;
        all.descriptors.push_back(entry.path().filename().string() + " (" + target.string() + ')');
    }
    std::sort(all.descriptors.begin(), all.descriptors.end());
    for ([[maybe_unused]] const auto &entry : fs::directory_iterator("/proc/self/task", error))
        ++all.threads;
    return all;
}

std::string status_name(int32_t status) {
    if (status > WSE_OK || status < WSE_EIO) return std::to_string(status);
    return std::to_string(status) + " (" + status_text(status) + ')';
}

Play::Entered::Entered(Play &play, const char *function) : play_(play) {
    Notes::enter(function);
    if (play.failing_ > 0) short_memory::arm(play.failing_);
}

Play::Entered::~Entered() {
    if (play_.failing_ > 0) {
        short_memory::disarm();
        const uint64_t made = std::min(short_memory::allocations(), play_.failing_);
        play_.failed_ = play_.failed_ || short_memory::has_failed();
        // What is left is for the next call; once one has failed there is enough again.
        play_.failing_ -= made;
    }
    Notes::enter("");
}

Play::Play(const Subject &subject, Notes &notes)
    : subject_(subject), notes_(notes), host_(wse_test_host_new(subject.def().kind, kLoops)) {
    wse_test_host_set_now(host_, kNowMs);
}

Play::~Play() {
    for (wse_shaping &shaping : shapings_) wse_shaping_clear(&shaping);
}

int32_t Play::create() {
    wse_error error = empty_error();
    const int32_t status = call("create", [&] {
        return subject_.def().create(wse_test_host_abi(host_), subject_.config, &self_, &error);
    });
    wse_test_host_created(host_);
    created_ = status == WSE_OK;
    if (std::find(std::begin(error.text), std::end(error.text), '\0') == std::end(error.text))
        notes_.find("create gives a wse_error without an end");
    else if (std::strchr(error.text, '\n'))
        notes_.find("create gives a wse_error with a newline in it");
    return status;
}

int32_t Play::start() {
    const auto function = subject_.def().start;
    for (uint32_t i = 0; i < wse_test_host_abi(host_)->loop_count; ++i) {
        wse_error error = empty_error();
        const int32_t status = !function ? WSE_OK : call("start", [&] {
            return function(self_, wse_test_host_loop(host_, i), &error);
        });
        if (status != WSE_OK) return status;
        ++started_;
    }
    return WSE_OK;
}

bool Play::turn(uint64_t ms, const std::function<bool()> &done) {
    const SystemClock clock;
    const uint64_t end = clock.monotonic_ms() + ms;
    do {
        call("a callback on its loop", [&] { wse_test_host_turn(host_); });
        if (done && done()) return true;
        // Threads of the module are to get on, too.
        usleep(200);
    } while (clock.monotonic_ms() < end);
    return false;
}

void Play::stop_and_destroy() {
    std::vector<wse_stop_token> tokens(started_);
    const auto function = subject_.def().stop;
    for (uint32_t i = 0; function && i < started_; ++i) {
        tokens[i].must_be = WSE_TEST_STOP_DONE;
        call("stop", [&] { function(self_, wse_test_host_loop(host_, i), &tokens[i]); });
    }
    const auto answered = [&] {
        return !function || std::all_of(tokens.begin(), tokens.end(),
                                        [](const auto &token) { return token.answers > 0; });
    };
    // The server waits for what is under way, too, also where there is no stop.
    if (!turn(kStopMs, [&] { return answered() && wse_test_host_is_idle(host_); })) {
        notes_.find(answered() ? "posted functions or blocking work are not through within 5 s"
                               : "stop is not answered with stop_done within 5 s");
        // As the server: what has not stopped is not destroyed.
        _exit(0);
    }
    destroy();
}

void Play::destroy() {
    if (created_) call("destroy", [&] { subject_.def().destroy(self_); });
    created_ = false;
}

void Play::finish() {
    std::string rules = wse_test_host_misuse(host_);
    for (size_t begin = 0; begin < rules.size();) {
        const size_t end = std::min(rules.find('\n', begin), rules.size());
        notes_.find(rules.substr(begin, end - begin));
        begin = end + 1;
    }
    // Closing callbacks that were posted with stop_done.
    for (int i = 0; i < 3; ++i) wse_test_host_turn(host_);
    if (!wse_test_host_free(host_)) notes_.find("a handle is left open on a loop after destroy");
}

}  // namespace wse::check
