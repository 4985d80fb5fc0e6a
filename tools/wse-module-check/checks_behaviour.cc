// SPDX-License-Identifier: MIT
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "checks.h"
#include "direct.h"
#include "module/image.h"
#include "questions.h"
#include "short_memory.h"
#include "trial.h"

namespace wse::check {
namespace {

constexpr uint64_t kDeadlineMs = 500;
constexpr uint64_t kMaxAllocations = 200;

// Brought to life, or the reason why not as a finding.
bool begin(Play &play) {
    int32_t status = play.create();
    if (status != WSE_OK) {
        play.notes().find("create fails: " + status_name(status));
        return false;
    }
    status = play.start();
    if (status == WSE_OK) return true;
    play.notes().find("start fails: " + status_name(status));
    play.stop_and_destroy();
    return false;
}

void end(Play &play) {
    play.stop_and_destroy();
    play.finish();
}

// ---- The life.

void check_is_pure(const Subject &subject, Notes &notes) {
    const auto function = subject.def().check;
    if (!function) return;
    const size_t size = std::max<size_t>(subject.descriptor().options().config_size, 1);
    const std::string before(static_cast<const char *>(subject.config), size);
    const Belongings belongings = Belongings::now();
    int32_t first = WSE_OK;
    for (int i = 0; i < 3; ++i) {
        wse_error error{};
        error.struct_size = sizeof error;
        Notes::enter("check");
        const int32_t status = function(subject.config, &error);
        Notes::enter("");
        if (i > 0 && status != first) notes.find("check gives another verdict the second time");
        first = status;
        if (status != WSE_OK && i == 0)
            notes.find(std::string("check refuses the options: ") + error.text);
        if (status != WSE_OK && !error.text[0])
            notes.find("check fails without a sentence in wse_error");
    }
    if (before != std::string(static_cast<const char *>(subject.config), size))
        notes.find("check changes the config");
    const Belongings after = Belongings::now();
    if (after.descriptors != belongings.descriptors || after.threads != belongings.threads)
        notes.find("check leaves a descriptor or a thread behind");
}

void live_once(const Subject &subject, Notes &notes) {
    Play play(subject, notes);
    if (!begin(play)) return;
    play.turn(20);
    end(play);
}

// What is there after a second life and was not after the first: libraries may keep something.
void lifecycle(const Subject &subject, Notes &notes) {
    live_once(subject, notes);
    const Belongings before = Belongings::now();
    live_once(subject, notes);
    const Belongings after = Belongings::now();
    std::vector<std::string> left;
    std::set_difference(after.descriptors.begin(), after.descriptors.end(),
                        before.descriptors.begin(), before.descriptors.end(),
                        std::back_inserter(left));
    for (const std::string &descriptor : left)
        notes.find("descriptor " + descriptor + " is left open after destroy");
    if (after.threads > before.threads)
        notes.find(std::to_string(after.threads - before.threads) +
                   " threads are left running after destroy");
}

void create_and_destroy(const Subject &subject, Notes &notes) {
    Play play(subject, notes);
    if (play.create() != WSE_OK) return;
    play.destroy();
    play.finish();
}

void two_at_once(const Subject &subject, Notes &notes) {
    Play first(subject, notes), second(subject, notes);
    if (!begin(first)) return;
    if (!begin(second)) return end(first);
    if (first.self() && first.self() == second.self())
        notes.find("create gives two instances the same self");
    std::vector<Asked> asked;
    if (has_questions(subject.def().kind)) ask(second, 0, kDeadlineMs, asked);
    second.turn(20);
    end(second);
    // The other one goes on.
    if (has_questions(subject.def().kind)) ask(first, 0, kDeadlineMs, asked);
    first.turn(20);
    end(first);
}

// ---- Questions.

bool all_answered(const std::vector<Asked> &asked) {
    return std::all_of(asked.begin(), asked.end(),
                       [](const Asked &one) { return *one.answers > 0; });
}

// After destroy nothing can be answered any more.
void count_unanswered(const std::vector<Asked> &asked, Notes &notes) {
    const auto open = std::count_if(asked.begin(), asked.end(),
                                    [](const Asked &one) { return *one.answers == 0; });
    if (open == 0) return;
    const auto first = std::find_if(asked.begin(), asked.end(),
                                    [](const Asked &one) { return *one.answers == 0; });
    notes.find(std::to_string(open) + " of " + std::to_string(asked.size()) +
               " questions it took were not answered until destroy, the first being " +
               first->what);
}

void judge(const std::vector<Asked> &asked) {
    for (const Asked &one : asked)
        if (*one.answers > 0) one.judge();
}

void odd_inputs(const Subject &subject, Notes &notes) {
    Play play(subject, notes);
    if (!begin(play)) return;
    std::vector<Asked> asked;
    for (size_t i = 0; i < question_count(subject.def().kind); ++i)
        ask(play, i, kDeadlineMs, asked);
    try_directly(play);
    play.turn(kDeadlineMs, [&] { return all_answered(asked); });
    play.stop_and_destroy();
    judge(asked);
    count_unanswered(asked, notes);
    play.finish();
}

// Those that are still open are given up, at once or after their deadline.
void canceled(const Subject &subject, Notes &notes, uint64_t deadline_ms) {
    Play play(subject, notes);
    if (!begin(play)) return;
    std::vector<Asked> asked;
    for (size_t i = 0; i < question_count(subject.def().kind); ++i) {
        ask(play, i, deadline_ms, asked);
        if (deadline_ms > 0) play.turn(deadline_ms + 1);
        if (!asked.empty() && *asked.back().answers == 0 && asked.back().cancel)
            asked.back().cancel();
    }
    play.turn(kDeadlineMs, [&] { return all_answered(asked); });
    play.stop_and_destroy();
    count_unanswered(asked, notes);
    play.finish();
}

void stopped_with_work(const Subject &subject, Notes &notes) {
    Play play(subject, notes);
    if (!begin(play)) return;
    std::vector<Asked> asked;
    for (int round = 0; round < 3; ++round)
        for (size_t i = 0; i < question_count(subject.def().kind); ++i)
            ask(play, i, kDeadlineMs, asked);
    // As the server does: what waits is given up before stop is called.
    for (const Asked &one : asked)
        if (*one.answers == 0 && one.cancel) one.cancel();
    play.stop_and_destroy();
    count_unanswered(asked, notes);
    play.finish();
}

// ---- Memory that runs out. Errors are in order then; crashes are not, nor what is never answered.

// libuv starts the threads of its pool with the first work that they get, and ends the program when
// it cannot, which is not the module's doing.
void start_thread_pool() {
    uv_loop_t loop;
    uv_work_t work;
    uv_loop_init(&loop);
    uv_queue_work(
        &loop, &work, [](uv_work_t *) {}, nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

// Whether there was an allocation of that number.
void without_memory(const Subject &subject, Notes &notes, uint64_t number, bool &exists) {
    start_thread_pool();
    Play play(subject, notes);
    play.fail_allocation(number);
    if (play.create() == WSE_OK) {
        std::vector<Asked> asked;
        const bool started = play.start() == WSE_OK;
        for (size_t i = 0; started && i < std::min<size_t>(2, question_count(subject.def().kind));
             ++i)
            ask(play, i, kDeadlineMs, asked);
        if (started) use_directly(play);
        if (started) play.turn(kDeadlineMs, [&] { return all_answered(asked); });
        exists = play.allocation_failed();
        play.fail_allocation(0);
        play.stop_and_destroy();
        count_unanswered(asked, notes);
    }
    exists = exists || play.allocation_failed();
    play.finish();
}

// Beside those that every program has.
bool has_other_libraries(const Subject &subject) {
    constexpr std::string_view kOrdinary[] = {"libc.so",     "libm.so",  "libstdc++.so",
                                              "libgcc_s.so", "libdl.so", "libpthread.so",
                                              "ld-linux"};
    const auto image = module::Image::read(subject.path);
    const auto is_other = [&](const std::string &name) {
        return std::none_of(std::begin(kOrdinary), std::end(kOrdinary),
                            [&](std::string_view ordinary) { return name.starts_with(ordinary); });
    };
    return image && std::any_of(image->needs().begin(), image->needs().end(), is_other);
}

void check_memory(const Subject &subject, int seconds, Report &report) {
    if (!short_memory::is_possible()) {
        report.skipped.emplace_back("memory: a sanitizer is in charge of it");
        return;
    }
    if (!report.findings.empty()) {
        report.skipped.emplace_back("memory: mend the rest first");
        return;
    }
    const module::CodeRange &code = subject.library->code();
    short_memory::set_module(code.begin, code.end, !has_other_libraries(subject));
    for (uint64_t number = 1; number <= kMaxAllocations; ++number) {
        constexpr const char *kEnd = "no such allocation";
        const Trial trial{"memory", [&](Notes &notes) {
                              bool exists = false;
                              without_memory(subject, notes, number, exists);
                              if (!exists) notes.find(kEnd);
                          }};
        const std::string during = " when allocation " + std::to_string(number) + " fails";
        const auto findings = run_trial(trial, seconds, during);
        bool ended = false, bad = false;
        for (const Finding &finding : findings) {
            ended = ended || finding.text == kEnd;
            if (finding.text == kEnd) continue;
            bad = true;
            const bool named = finding.text.ends_with(during);
            report.add({finding.trial, named ? finding.text : finding.text + during});
        }
        // One is enough to look into; the next ones would be its relatives.
        if (ended || bad) return;
    }
}

}  // namespace

Result<void> check_behaviour(const Subject &subject, int seconds, Report &report) {
    const auto try_out = [&](const char *name, std::function<void(Notes &)> run) {
        const auto findings = run_trial({name, std::move(run)}, seconds);
        for (const Finding &finding : findings) report.add(finding);
        return findings.empty();
    };
    const bool pure = try_out("check", [&](Notes &notes) { check_is_pure(subject, notes); });
    const bool lives = try_out("lifecycle", [&](Notes &notes) { lifecycle(subject, notes); });
    const auto fatal = [](const Finding &one) {
        return one.text.starts_with("create fails") || one.text.starts_with("start fails") ||
               one.text.starts_with("check refuses");
    };
    const bool dead = std::any_of(report.findings.begin(), report.findings.end(), fatal);
    if ((!pure || !lives) && dead)
        return Error{WSE_EINVAL, "the module does not start with these options; give others"};
    try_out("create and destroy", [&](Notes &notes) { create_and_destroy(subject, notes); });
    try_out("two instances", [&](Notes &notes) { two_at_once(subject, notes); });
    try_out("odd inputs", [&](Notes &notes) { odd_inputs(subject, notes); });
    if (has_questions(subject.def().kind)) {
        try_out("cancel", [&](Notes &notes) { canceled(subject, notes, 0); });
        try_out("deadline", [&](Notes &notes) { canceled(subject, notes, 1); });
    }
    try_out("stop at work", [&](Notes &notes) { stopped_with_work(subject, notes); });
    check_memory(subject, seconds, report);
    return {};
}

}  // namespace wse::check
