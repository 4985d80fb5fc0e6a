// SPDX-License-Identifier: MIT
#include "questions.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json_scan.h"
#include "base/utf8.h"

namespace wse::check {
namespace {

constexpr size_t kLarge = size_t{1} << 20;
constexpr uint64_t kBatchMs = 20;  // for a batch to be done, where an application is not needed

// Outlives the module's instance, which may answer at any time until it is destroyed.
template <class Token>
struct Held {
    Held() = default;
    ~Held() { clear(&token); }
    Held(const Held &) = delete;
    Held &operator=(const Held &) = delete;

    static void clear(wse_auth_token *token) { wse_auth_token_clear(token); }
    static void clear(wse_snapshot_token *token) { wse_snapshot_token_clear(token); }
    static void clear(wse_ask_token *token) { wse_ask_token_clear(token); }
    static void clear(wse_command_token *token) { wse_command_token_clear(token); }
    static void clear(wse_submit_token *) {}
    static void clear(wse_batch_token *) {}

    Token token{};
};

template <class Token>
std::shared_ptr<Held<Token>> hold(uint32_t must_be) {
    auto held = std::make_shared<Held<Token>>();
    held->token.must_be = must_be;
    return held;
}

// Keeps what was taken; the opposite must not have been answered.
template <class Token>
void keep(Play &play, int32_t status, const std::string &what,
          const std::shared_ptr<Held<Token>> &held, std::function<void()> cancel,
          std::function<void()> judge, std::vector<Asked> &asked) {
    if (status == WSE_OK) {
        asked.push_back({what, &held->token.answers, std::move(cancel), std::move(judge), held});
    } else if (held->token.answers > 0) {
        play.notes().find(what + ": answered, and not taken, with status " + status_name(status));
    }
}

// The module may have `function` or not.
template <class Token>
std::function<void()> canceler(Play &play, void (*function)(void *, wse_loop *, Token *) noexcept,
                               const std::shared_ptr<Held<Token>> &held) {
    if (!function) return {};
    return [&play, function, token = &held->token] {
        play.call("cancel", [&] { function(play.self(), play.loop(), token); });
    };
}

void judge_json(Play &play, const std::string &what, const char *member, const char *data,
                uint64_t size) {
    if (!data || size == 0) return;
    const std::string_view text(data, size);
    if (!is_utf8(text) || !check_json(text))
        play.notes().find(what + ": " + member + " in the answer is no JSON");
}

void judge_status(Play &play, const std::string &what, int32_t status) {
    if (status > WSE_OK || status < WSE_EIO)
        play.notes().find(what + ": answered with status " + std::to_string(status) +
                          ", which is none");
}

void ask_auth(Play &play, const Odd &odd, uint64_t deadline_ms, std::vector<Asked> &asked) {
    const auto &ops = play.subject().descriptor().auth;
    const auto held = hold<wse_auth_token>(WSE_TEST_AUTH_DONE);
    const std::string listener = "main", peer = odd.text.empty() ? "" : "192.0.2.1";
    wse_auth_request request{};
    request.struct_size = sizeof request;
    request.source = odd.text.empty() ? WSE_CREDENTIAL_NONE : WSE_CREDENTIAL_BEARER;
    request.credential = bytes_of(odd.text);
    request.peer = bytes_of(peer);
    request.listener = bytes_of(listener);
    request.deadline_ms = deadline_ms;
    const std::string what = std::string("authenticate with ") + odd.what + " credential";
    const int32_t status = play.call("authenticate", [&] {
        return ops.authenticate(play.self(), play.loop(), &request, &held->token);
    });
    const auto judge = [&play, what, token = &held->token] {
        judge_status(play, what, token->status);
        if (token->status != WSE_OK || !token->claims) return;
        judge_json(play, what, "claims", token->claims, std::string_view(token->claims).size());
    };
    keep(play, status, what, held, canceler(play, ops.cancel, held), judge, asked);
    if (!ops.authorize) return;
    const std::string user = "alice";
    wse_auth_result who{};
    who.struct_size = sizeof who;
    who.user = bytes_of(user);
    for (const uint32_t action : {WSE_ACTION_SUBSCRIBE, WSE_ACTION_PUBLISH})
        play.call("authorize", [&] {
            return ops.authorize(play.self(), play.loop(), &who, action, bytes_of(odd.text));
        });
}

void ask_snapshot(Play &play, const Odd &odd, size_t which, uint64_t deadline_ms,
                  std::vector<Asked> &asked) {
    const auto &ops = play.subject().descriptor().snapshot;
    const auto held = hold<wse_snapshot_token>(WSE_TEST_SNAPSHOT_DONE);
    const bool per_user =
        ops.per_user && play.call("per_user", [&] { return ops.per_user(play.self()); }) == 1;
    const std::string user = per_user ? "alice" : "";
    const std::string none;
    const std::string &params =
        which == 0 ? none : odd_objects()[which % odd_objects().size()].text;
    wse_snapshot_request request{};
    request.struct_size = sizeof request;
    request.topic = bytes_of(odd.text);
    request.user = bytes_of(user);
    request.params = bytes_of(params);
    request.epoch = 1;
    request.deadline_ms = deadline_ms;
    const std::string what = std::string("request with ") + odd.what + " topic";
    const int32_t status = play.call(
        "request", [&] { return ops.request(play.self(), play.loop(), &request, &held->token); });
    const auto judge = [&play, what, token = &held->token] {
        judge_status(play, what, token->status);
        judge_json(play, what, "data", token->data, token->data_size);
        if (token->has_position && (token->epoch == 0 || token->offset == 0))
            play.notes().find(what + ": the answer says that it has a position, and has none");
    };
    keep(play, status, what, held, canceler(play, ops.cancel, held), judge, asked);
}

void tell_fact(Play &play, const Odd &odd, size_t which) {
    const auto &ops = play.subject().descriptor().backplane;
    wse_fact fact{};
    fact.struct_size = sizeof fact;
    fact.kind = WSE_FACT_PRESENT;
    fact.topic = fact.key = bytes_of(odd.text);
    fact.value = bytes_of(odd_objects()[which % odd_objects().size()].text);
    play.call("set_fact", [&] { return ops.set_fact(play.self(), play.loop(), &fact); });
}

void ask_operator(Play &play, size_t which, std::vector<Asked> &asked) {
    const auto &ops = play.subject().descriptor().backplane;
    const auto held = hold<wse_command_token>(WSE_TEST_COMMAND_DONE);
    const std::string request =
        which == 0 ? R"({"command":"status"})" : odd_objects()[which % odd_objects().size()].text;
    const std::string what = "command " + std::to_string(which);
    const int32_t status = play.call("command", [&] {
        return ops.command(play.self(), play.loop(), bytes_of(request), &held->token);
    });
    const auto judge = [&play, what, token = &held->token] {
        judge_status(play, what, token->status);
        if (token->status == WSE_OK)
            judge_json(play, what, "answer", token->answer, token->answer_size);
    };
    keep(play, status, what, held, {}, judge, asked);
}

void ask_backplane(Play &play, const Odd &odd, size_t which, std::vector<Asked> &asked) {
    const auto &ops = play.subject().descriptor().backplane;
    const auto held = hold<wse_submit_token>(WSE_TEST_SUBMIT_DONE);
    const std::string type = "order";
    wse_message message{};
    message.struct_size = sizeof message;
    message.priority = 5;
    message.topic = bytes_of(odd.text);
    message.type = bytes_of(type);
    message.payload = bytes_of(odd_objects()[which % odd_objects().size()].text);
    const std::string what = std::string("submit with ") + odd.what + " topic";
    wse_topic_use use{};
    use.struct_size = sizeof use;
    use.topic = message.topic;
    use.history_messages = which;
    play.call("follow", [&] { return ops.follow(play.self(), play.loop(), &use); });
    const int32_t status = play.call("submit", [&] {
        return ops.submit(play.self(), play.loop(), &message, &use, &held->token);
    });
    const auto judge = [&play, what, token = &held->token] {
        judge_status(play, what, token->status);
    };
    keep(play, status, what, held, canceler(play, ops.cancel, held), judge, asked);
    if (ops.set_fact) tell_fact(play, odd, which);
    play.call("unfollow", [&] { ops.unfollow(play.self(), play.loop(), message.topic); });
    if (ops.broadcast)
        play.call("broadcast",
                  [&] { return ops.broadcast(play.self(), play.loop(), bytes_of(odd.text)); });
    if (ops.command) ask_operator(play, which, asked);
}

// The next batch comes when the one before is done, which needs an application: there is none.
bool is_delivering(const std::vector<Asked> &asked) {
    return std::any_of(asked.begin(), asked.end(), [](const Asked &each) {
        return each.what.starts_with("deliver ") && *each.answers == 0;
    });
}

void deliver(Play &play, const Odd &odd, std::vector<Asked> &asked) {
    const auto &ops = play.subject().descriptor().app;
    if (is_delivering(asked)) return;
    const auto held = hold<wse_batch_token>(WSE_TEST_BATCH_DONE);
    std::vector<wse_app_event> events;
    for (uint32_t event = WSE_APP_EVENT_CONNECT; event <= WSE_APP_EVENT_UNSUBSCRIBE; ++event) {
        wse_app_event one{};
        one.struct_size = sizeof one;
        one.event = event;
        one.connection = one.user = one.topic = one.type = one.id = bytes_of(odd.text);
        one.data = bytes_of(odd_objects()[event % odd_objects().size()].text);
        one.time_ms = Play::kNowMs;
        events.push_back(one);
    }
    const std::string what = std::string("deliver with ") + odd.what + " topic";
    const int32_t status = play.call("deliver", [&] {
        return ops.deliver(play.self(), play.loop(), events.data(), events.size(), &held->token);
    });
    keep(
        play, status, what, held, {}, [] {}, asked);
    if (status == WSE_OK) play.turn(kBatchMs, [&] { return held->token.answers > 0; });
}

void ask_app(Play &play, const Odd &odd, size_t which, uint64_t deadline_ms,
             std::vector<Asked> &asked) {
    const auto &ops = play.subject().descriptor().app;
    deliver(play, odd, asked);
    if (!ops.ask) return;
    const auto held = hold<wse_ask_token>(WSE_TEST_ASK_DONE);
    wse_question question{};
    question.struct_size = sizeof question;
    question.question = static_cast<uint32_t>(WSE_ASK_CONNECT + which % WSE_ASK_SNAPSHOT);
    question.connection = question.user = question.topic = question.type = bytes_of(odd.text);
    question.peer = question.listener = bytes_of(odd.text);
    question.data = bytes_of(odd_objects()[which % odd_objects().size()].text);
    question.deadline_ms = deadline_ms;
    const std::string what = std::string("ask with ") + odd.what + " topic";
    const int32_t status = play.call(
        "ask", [&] { return ops.ask(play.self(), play.loop(), &question, &held->token); });
    const auto judge = [&play, what, token = &held->token] {
        judge_status(play, what, token->status);
        judge_json(play, what, "data", token->data, token->data_size);
    };
    keep(play, status, what, held, canceler(play, ops.cancel, held), judge, asked);
}

}  // namespace

wse_bytes bytes_of(const std::string &text) {
    return {text.data(), text.size()};
}

const std::vector<Odd> &odd_texts() {
    static const std::vector<Odd> texts = {
        {"a plain", "news"},
        {"an empty", ""},
        {"a one-byte", "a"},
        {"an unknown", "no:such:thing:7f3a"},
        {"a large", std::string(kLarge, 'a')},
        {"an invalid UTF-8", "a\xff\xfe\xc3"},
        {"a NUL-ridden", std::string("a\0b\0", 4)},
        {"a path-like", "../../../../etc/passwd"},
        {"a percent-ridden", "%s%n%00%2e%2e"},
        {"a quote-ridden", "a'\"\\; DROP TABLE x; --"},
        {"a newline-ridden", "a\r\nb: c\n"},
    };
    return texts;
}

const std::vector<Odd> &odd_objects() {
    static const std::vector<Odd> objects = {
        {"a plain", R"({"n":1,"text":"x"})"},
        {"an empty", ""},
        {"a hollow", "{}"},
        {"a cut-off", R"({"n":)"},
        {"a non-object", "[1,null,\"x\"]"},
        {"a deep", std::string(2000, '[') + std::string(2000, ']')},
        {"a large", "{\"a\":\"" + std::string(kLarge, 'a') + "\"}"},
        {"an invalid UTF-8", "{\"a\":\"\xff\xfe\"}"},
        {"a half-surrogate", R"({"a":"\ud800"})"},
    };
    return objects;
}

bool has_questions(wse_kind kind) {
    return kind == WSE_KIND_AUTH || kind == WSE_KIND_SNAPSHOT || kind == WSE_KIND_BACKPLANE ||
           kind == WSE_KIND_APP;
}

size_t question_count(wse_kind kind) {
    return has_questions(kind) ? odd_texts().size() : 0;
}

void ask(Play &play, size_t which, uint64_t deadline_ms, std::vector<Asked> &asked) {
    const Odd &odd = odd_texts()[which];
    switch (play.subject().def().kind) {
        case WSE_KIND_AUTH:
            return ask_auth(play, odd, deadline_ms, asked);
        case WSE_KIND_SNAPSHOT:
            return ask_snapshot(play, odd, which, deadline_ms, asked);
        case WSE_KIND_BACKPLANE:
            return ask_backplane(play, odd, which, asked);
        case WSE_KIND_APP:
            return ask_app(play, odd, which, deadline_ms, asked);
        default:
            return;
    }
}

}  // namespace wse::check
