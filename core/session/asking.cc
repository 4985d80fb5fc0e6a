// SPDX-License-Identifier: MIT
// What applications are asked before clients get what they want: their words come on top of all
// other rights, are never kept, and count together with the rights at the moment when they come.
#include "session/asking.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/glob.h"
#include "base/log.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxLineBytes = size_t{1} << 20;  // of one session; a single message always fits
constexpr std::string_view kBusy = "too much waits for the application; try again in a moment";
constexpr std::string_view kNoAnswer = "the application did not answer; try again in a moment";

// What was said about a topic, by all who were asked.
struct Word {
    size_t agreed = 0;
    bool is_denied = false;
};
using Words = std::unordered_map<std::string_view, Word>;

Words words_of(const Asking::Step &step) {
    Words words;
    for (const auto &question : step.questions) {
        if (!question.answer) continue;
        Word &word = words[question.topic];
        word.agreed += question.answer->ok() ? 1 : 0;
        word.is_denied = word.is_denied ||
                         (!question.answer->ok() && question.answer->error().status == WSE_EDENIED);
    }
    return words;
}

// `judges`: how many have to agree.
Result<void> verdict(const Words &words, const std::string &topic, size_t judges) {
    if (judges == 0) return {};
    const auto found = words.find(topic);
    if (found != words.end() && found->second.is_denied) return Error{WSE_EDENIED, "not allowed"};
    if (found == words.end() || found->second.agreed < judges)
        return Error{WSE_ETIMEDOUT, std::string(kNoAnswer)};
    return {};
}

// Without blanks in front; empty: it is none.
std::string_view object_in(std::string_view json) {
    json.remove_prefix(std::min(json.find_first_not_of(" \t\r\n"), json.size()));
    return json.starts_with('{') ? json : std::string_view();
}

}  // namespace

std::set<std::string_view> Session::judges(module::Action action, std::string_view topic) const {
    if (generation_->applications.empty()) return {};
    return rights_->judges(action, topic);
}

// Does a subscription have the topic? Then it has been asked about, or need not be.
bool Session::was_granted(const std::string &topic) {
    if (judges(module::Action::kSubscribe, topic).empty()) return true;
    return std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto &entry) {
        const auto &[name, subscription] = entry;
        return subscription.active &&
               (name == topic || (is_pattern(name) && glob_match(name, topic)));
    });
}

bool Session::has_line() const {
    return asking_ && !asking_->due && !asking_->line.empty();
}

// ---- In front of an effect. `true`: not now; the message is handled when its turn comes, or has
// been refused.

bool Session::waits_its_turn() {
    if (!has_line()) return false;
    if (!stand_in_line_with_arrival({})) refuse_full_line();
    return true;
}

// Of the topics those are asked about that the client may have otherwise.
bool Session::waits_for_word(const proto::SubscriptionRequest &request) {
    if (generation_->applications.empty() || (asking_ && asking_->due)) return false;
    Asking::Step step;
    add_questions(step, request);
    if (step.questions.empty() && !has_line()) return false;
    if (!stand_in_line_with_arrival(std::move(step))) refuse_full_line();
    return true;
}

// Nothing yet: it waits. Else what is published, in place of the payload when the application wants
// it so; or why it is refused.
Result<std::optional<std::string_view>> Session::word_on(const proto::PublishRequest &request) {
    using Payload = std::optional<std::string_view>;
    const auto asked = judges(module::Action::kPublish, request.topic);
    const Asking::Step *const due = asking_ ? asking_->due : nullptr;
    if (asked.empty() && !has_line()) return Payload(request.payload);
    if (due) {
        const auto word = verdict(words_of(*due), request.topic, asked.size());
        if (!word) return word.error();
        return payload_of(*due, request);
    }
    Asking::Step step;
    if (!asked.empty()) {
        // What is refused anyway is not asked about.
        auto publication =
            proto::make_publication({.topic = request.topic,
                                     .type = request.type,
                                     .id = request.id,
                                     .payload = request.payload,
                                     .priority = request.priority},
                                    {.payload_bytes = settings().limits.max_publish_size,
                                     .topic_bytes = settings().limits.max_topic_length},
                                    context_.clock.wall_ms());
        if (!publication) return publication.error();
        step.about = module::About::kPublish;
        step.type = std::move(publication->type);
        step.data = std::move(publication->payload);
        for (const auto name : asked) step.questions.push_back({std::string(name), request.topic});
    }
    if (!stand_in_line_with_arrival(std::move(step))) return Error{WSE_EAGAIN, std::string(kBusy)};
    return Payload();
}

// What the server subscribes for the client: the same rights, the same questions.
void Session::subscribe_for_client(std::vector<std::string> topics) {
    Asking::Step step{.topics = std::move(topics)};
    proto::SubscriptionRequest request;
    request.subscribe = true;
    request.topics = step.topics;
    add_questions(step, request);
    if (step.questions.empty() && !has_line()) return subscribe_granted(request);
    if (!stand_in_line(std::move(step))) refuse_topics(request.topics, std::string(kBusy));
}

// Those beyond the limit of a request are refused, whoever may have them.
std::vector<std::string> Session::topics_looked_at(
    const proto::SubscriptionRequest &request) const {
    std::vector<std::string> topics = without_repeats(request.topics);
    const size_t most = settings().limits.max_topics_per_request;
    if (topics.size() > most) topics.resize(most);
    return topics;
}

void Session::add_questions(Asking::Step &step, const proto::SubscriptionRequest &request) {
    if (generation_->applications.empty()) return;
    step.data = request.params;
    for (const auto &topic : topics_looked_at(request)) {
        if (!check_wish(topic, request) || !may_subscribe(topic)) continue;
        for (const auto name : judges(module::Action::kSubscribe, topic))
            step.questions.push_back({std::string(name), topic});
    }
}

// False: there is no room.
bool Session::stand_in_line(Asking::Step step) {
    if (!asking_) asking_ = std::make_unique<Asking>();
    const size_t bytes = step.bytes();
    const bool fits =
        asking_->line.empty() || (asking_->line.size() < settings().limits.ask_pending &&
                                  asking_->bytes + bytes <= kMaxLineBytes);
    if (!fits) return false;
    step.number = ++asking_->last_number;
    step.open = step.questions.size();
    step.until_ms = context_.timers.now_ms() + settings().limits.ask_timeout_ms;
    asking_->bytes += bytes;
    asking_->line.push_back(std::move(step));
    ask_more();
    return true;
}

bool Session::stand_in_line_with_arrival(Asking::Step step) {
    step.text = arrival_.text;
    step.proven = arrival_.proven;
    return stand_in_line(std::move(step));
}

void Session::refuse_full_line() {
    send_error({.code = proto::error::kBackendBusy,
                .text = kBusy,
                .request_id = arrival_.message->id,
                .retry_after = true});
}

// ---- The questions, and their answers.

// As many as may be out at once, in the order in which they are needed.
void Session::ask_more() {
    for (Asking::Step &step : asking_->line) {
        while (step.asked < step.questions.size() && asking_->out < settings().limits.ask_pending)
            ask(step, step.asked++);
    }
}

void Session::ask(Asking::Step &step, size_t index) {
    Asking::Question &question = step.questions[index];
    const uint64_t now = context_.timers.now_ms();
    ++asking_->out;
    question.pending =
        generation_->applications.find(question.application)
            ->second->ask({.about = step.about,
                           .connection = id(),
                           .user = identity_.user,
                           .topic = question.topic,
                           .type = step.type,
                           .data = step.data,
                           .deadline_ms = step.until_ms > now ? step.until_ms - now : 0},
                          [this, number = step.number, index](Result<module::Reply> reply) {
                              on_word(number, index, std::move(reply));
                          });
}

void Session::on_word(uint64_t number, size_t index, Result<module::Reply> reply) {
    const auto step = std::find_if(asking_->line.begin(), asking_->line.end(),
                                   [number](const auto &each) { return each.number == number; });
    --asking_->out;
    --step->open;
    step->questions[index].pending.reset();
    step->questions[index].answer = std::move(reply);
    ask_more();
    take_turns();
}

void Session::take_turns() {
    while (state_ == State::kOpen && !asking_->line.empty() && asking_->line.front().open == 0) {
        const Asking::Step step = std::move(asking_->line.front());
        asking_->line.pop_front();
        asking_->bytes -= step.bytes();
        asking_->due = &step;
        take_turn(step);
        asking_->due = nullptr;
    }
}

// Everything is looked at anew, since rights may have changed; now there is a word on what needs
// one.
void Session::take_turn(const Asking::Step &step) {
    if (!step.text.empty()) return handle_due(step.text, step.proven);
    proto::SubscriptionRequest request;
    request.subscribe = true;
    request.topics = step.topics;
    subscribe_granted(request);
}

void Session::stop_asking() {
    if (!asking_) return;
    asking_->line.clear();
    asking_->out = 0;
    asking_->bytes = 0;
}

// ---- With the answers.

// But for those that an application refuses, or says nothing about.
void Session::subscribe_granted(const proto::SubscriptionRequest &request) {
    if (generation_->applications.empty()) return subscribe(request);
    const Words words = asking_ && asking_->due ? words_of(*asking_->due) : Words();
    Refusals refused;
    std::vector<std::string> denied;
    for (const auto &topic : topics_looked_at(request)) {
        Result<void> allowed = check_wish(topic, request);
        if (allowed && !may_subscribe(topic)) allowed = Error{WSE_EDENIED, "not allowed"};
        // It was not asked about, and stands: what is given up below may make room for the topic.
        if (!allowed) {
            refused.emplace(topic, allowed.error());
            continue;
        }
        const auto asked = judges(module::Action::kSubscribe, topic);
        if (const auto word = verdict(words, topic, asked.size()); !word) {
            refused.emplace(topic, word.error());
            if (word.error().status == WSE_EDENIED) denied.push_back(topic);
        }
    }
    give_up(denied);
    subscribe(request, refused);
}

// Behind the acknowledgement, among whose failed topics they are.
void Session::tell_unanswered(const PendingSubscribe &pending) {
    if (!pending.is_unanswered || state_ != State::kOpen) return;
    send_error({.code = proto::error::kBackendUnavailable,
                .text = kNoAnswer,
                .request_id = pending.message_id,
                .retry_after = true});
}

Result<std::optional<std::string_view>> Session::payload_of(
    const Asking::Step &step, const proto::PublishRequest &request) const {
    using Payload = std::optional<std::string_view>;
    if (step.questions.empty()) return Payload(request.payload);
    const Asking::Question &question = step.questions.front();
    const std::string &other = (*question.answer)->data;
    if (other.empty()) return Payload(request.payload);
    const std::string_view object = object_in(other);
    const bool fits = object.size() <= settings().limits.max_publish_size;
    if (!object.empty() && fits) return Payload(object);
    log::warn("session", "app.unsound",
              {{"module", question.application},
               {"topic", request.topic},
               {"fault", fits ? "the payload is not a JSON object"
                              : "the payload is larger than limits.max_publish_size"}});
    context_.counters.add(Counter::app_unanswered);
    return Error{WSE_ETIMEDOUT, std::string(kNoAnswer)};
}

}  // namespace wse::session
