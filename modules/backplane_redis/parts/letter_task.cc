// SPDX-License-Identifier: MIT
#include "letter_task.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "bus_message.h"
#include "json_text/json_text.h"
#include "publish.h"
#include "reply_text.h"
#include "script.h"
#include "strict_json/text.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kPatience = 2000;  // milliseconds
constexpr size_t kPage = 16;          // letters, each of up to a megabyte
constexpr size_t kMaxShown = 4096;    // bytes of a message in a list
constexpr size_t kMaxAnswer = 512 << 10;
constexpr size_t kMaxFailed = 16 << 10;  // bytes of what is told of letters that failed

constexpr const char *kCount = R"(
local counts = {}
for i, key in ipairs(KEYS) do counts[i] = redis.call('XLEN', key) end
return counts
)";

// Letters ARGV[2…] of the topic ARGV[1], or all; with the last of them the topic goes.
constexpr const char *kDrop = R"(
local count
if ARGV[2] then
  count = redis.call('XDEL', KEYS[1], unpack(ARGV, 2))
else
  count = redis.call('XLEN', KEYS[1])
  redis.call('DEL', KEYS[1])
end
if redis.call('XLEN', KEYS[1]) == 0 then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return count
)";

void append_text(std::string &out, std::string_view text) {
    if (strict_json::is_utf8(text)) return json_text::append_string(out, text);
    json_text::append_string(out, printable(text));
}

void append_member(std::string &out, const char *name, std::string_view text) {
    out.append(1, '"').append(name).append("\":");
    append_text(out, text);
}

// Does not end within a character.
std::string_view beginning_of(std::string_view text) {
    if (text.size() <= kMaxShown) return text;
    size_t end = kMaxShown;
    while (end > kMaxShown - 4 && (text[end] & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace

LetterTask::LetterTask(const Site &site, Link &link, LetterRequest request, Answer answer,
                       Ended ended)
    : site_(site),
      link_(link),
      request_(std::move(request)),
      answer_(std::move(answer)),
      ended_(std::move(ended)) {}

void LetterTask::start() {
    running_ = true;
    switch (request_.kind) {
        case LetterRequest::Kind::kTopics:
            send({"ZREVRANGE", site_.key("dlq"), "0", std::to_string(request_.limit - 1),
                  "WITHSCORES"},
                 &LetterTask::take_topics);
            break;
        case LetterRequest::Kind::kDrop:
            drop(request_.id.empty() ? std::vector<std::string>{}
                                     : std::vector<std::string>{request_.id});
            break;
        default:
            next_page();
    }
    running_ = false;
    settle();
}

void LetterTask::send(std::vector<std::string> command, Then then) {
    const uint64_t sent = link_.send(std::move(command), kPatience,
                                     [this, then](redis::Failure failure, const redisReply *reply) {
                                         replied(failure, reply, then);
                                     });
    if (sent != 0)
        ++under_way_;
    else
        finish(WSE_EAGAIN, "there is no connection to Redis");
}

void LetterTask::send_script_of(const char *script, const std::vector<std::string> &keys,
                                const std::vector<std::string> &arguments, Then then) {
    const uint64_t sent =
        send_script(link_, script, keys, arguments, kPatience,
                    [this, then](redis::Failure failure, const redisReply *reply) {
                        replied(failure, reply, then);
                    });
    if (sent != 0)
        ++under_way_;
    else
        finish(WSE_EAGAIN, "there is no connection to Redis");
}

void LetterTask::replied(redis::Failure failure, const redisReply *reply, Then then) {
    running_ = true;
    if (failure != redis::Failure::kNone)
        finish(WSE_EAGAIN, "Redis has not answered");
    else if (reply->type == REDIS_REPLY_ERROR)
        finish(WSE_EIO, "Redis answered " + word_of(*reply));
    else if (answer_)
        (this->*then)(*reply);
    running_ = false;
    --under_way_;
    settle();
}

void LetterTask::finish(int32_t status, const std::string &answer) {
    if (answer_) std::exchange(answer_, nullptr)(status, answer);
}

void LetterTask::cancel() {
    finish(WSE_ECANCELED, "the server stops");
}

// Nothing is touched after `ended`.
void LetterTask::settle() {
    if (!running_ && !answer_ && under_way_ == 0) ended_(this);
}

void LetterTask::take_topics(const redisReply &reply) {
    std::vector<std::string> keys;
    for (size_t i = 0; item_at(reply, i + 1); i += 2) {
        topics_.emplace_back(text_at(reply, i), number_of(item_at(reply, i + 1)).value_or(0));
        keys.push_back(site_.key("dlq:" + topics_.back().first));
    }
    if (keys.empty()) return finish(WSE_OK, "{\"topics\":[]}");
    send_script_of(kCount, keys, {}, &LetterTask::take_counts);
}

void LetterTask::take_counts(const redisReply &reply) {
    std::string out = "{\"topics\":[";
    for (size_t i = 0; i < topics_.size(); ++i) {
        out += i == 0 ? "{" : ",{";
        append_member(out, "topic", topics_[i].first);
        out += ",\"count\":" + std::to_string(number_of(item_at(reply, i)).value_or(0)) +
               ",\"latest_ms\":" + std::to_string(topics_[i].second) + '}';
    }
    finish(WSE_OK, out + "]}");
}

// A list begins with the latest, a replay with the oldest.
void LetterTask::next_page() {
    if (!request_.id.empty()) {
        is_last_page_ = true;
        return send({"XRANGE", stream(), request_.id, request_.id}, &LetterTask::take_page);
    }
    const bool listing = request_.kind == LetterRequest::Kind::kLetters;
    const std::string from = last_.empty() ? listing ? "+" : "-" : '(' + last_;
    send({listing ? "XREVRANGE" : "XRANGE", stream(), from, listing ? "-" : "+", "COUNT",
          std::to_string(kPage)},
         &LetterTask::take_page);
}

void LetterTask::take_page(const redisReply &reply) {
    page_.clear();
    for (size_t i = 0; item_at(reply, i); ++i) {
        Letter letter;
        letter.id = text_at(*reply.element[i], 0);
        const redisReply *fields = item_at(*reply.element[i], 1);
        for (size_t at = 0; fields && item_at(*fields, at + 1); at += 2) {
            const std::string_view name = text_at(*fields, at), value = text_at(*fields, at + 1);
            if (name == "topic") letter.topic = value;
            if (name == "message") letter.message = value;
            if (name == "reason") letter.reason = value;
        }
        page_.push_back(std::move(letter));
    }
    if (page_.size() < kPage) is_last_page_ = true;
    if (!page_.empty()) last_ = page_.back().id;
    if (request_.kind == LetterRequest::Kind::kLetters) return list(page_);
    publish_page();
}

void LetterTask::list(const std::vector<Letter> &letters) {
    bool more = !is_last_page_;
    for (const Letter &letter : letters) {
        if (count_ == request_.limit || out_.size() > kMaxAnswer) {
            more = is_last_page_ = true;
            break;
        }
        if (count_++ > 0) out_ += ',';
        out_ += "{";
        append_member(out_, "id", letter.id);
        out_ += ",\"time_ms\":" + letter.id.substr(0, letter.id.find('-')) + ',';
        append_member(out_, "topic", letter.topic);
        out_ += ',';
        append_member(out_, "reason", letter.reason);
        out_ += ",\"bytes\":" + std::to_string(letter.message.size()) + ',';
        append_member(out_, "message", beginning_of(letter.message));
        out_ += '}';
    }
    if (!is_last_page_ && count_ < request_.limit) return next_page();
    std::string answer = "{";
    append_member(answer, "topic", request_.topic);
    finish(WSE_OK, answer + ",\"letters\":[" + out_ + "],\"more\":" + (more ? "true}" : "false}"));
}

void LetterTask::fail_letter(const Letter &letter, const std::string &problem) {
    if (failed_.size() > kMaxFailed) return;
    failed_ += failed_.empty() ? "{" : ",{";
    append_member(failed_, "id", letter.id);
    failed_ += ',';
    append_member(failed_, "problem", problem);
    failed_ += '}';
}

void LetterTask::publish_page() {
    for (size_t i = 0; i < page_.size(); ++i) {
        if (publish(i)) ++under_way_;
    }
    if (under_way_ == 1) published();  // the reply that brought the page alone
}

// True: the server has it, and will say what became of it.
bool LetterTask::publish(size_t index) {
    Letter &letter = page_[index];
    std::string problem;
    auto message = read_event(letter.message, problem);
    letter.status = WSE_EINVAL;
    if (!message) {
        fail_letter(letter, problem);
        return false;
    }
    message->topic = letter.topic;
    // Replayed twice, it is appended once.
    if (message->id.empty()) message->id = "dlq-" + letter.id;
    auto publishing = std::make_unique<Publishing>(Publishing{this, index});
    letter.status = publish_then(
        site_, *message,
        [](void *arg, int32_t status, uint64_t, uint64_t) noexcept {
            const std::unique_ptr<Publishing> it(static_cast<Publishing *>(arg));
            LetterTask &self = *it->task;
            self.page_[it->index].status = status;
            if (status != WSE_OK)
                self.fail_letter(self.page_[it->index], "was refused: " + status_text(status));
            self.running_ = true;
            if (--self.under_way_ == 0 && self.answer_) self.published();
            self.running_ = false;
            self.settle();
        },
        publishing.get());
    if (letter.status == WSE_OK)
        static_cast<void>(publishing.release());  // the answer's
    else
        fail_letter(letter, "was refused: " + status_text(letter.status));
    return letter.status == WSE_OK;
}

void LetterTask::published() {
    std::vector<std::string> ids;
    for (const Letter &letter : page_) {
        if (letter.status == WSE_OK) ids.push_back(letter.id);
    }
    count_ += ids.size();
    if (!ids.empty()) return drop(ids);
    if (!is_last_page_) return next_page();
    finish(WSE_OK, "{\"replayed\":" + std::to_string(count_) + ",\"failed\":[" + failed_ + "]}");
}

void LetterTask::drop(const std::vector<std::string> &ids) {
    std::vector<std::string> arguments = {request_.topic};
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    send_script_of(kDrop, {stream(), site_.key("dlq")}, arguments, &LetterTask::take_dropped);
}

void LetterTask::take_dropped(const redisReply &reply) {
    if (request_.kind == LetterRequest::Kind::kDrop)
        return finish(WSE_OK,
                      "{\"dropped\":" + std::to_string(number_of(&reply).value_or(0)) + '}');
    page_.clear();
    if (!is_last_page_) return next_page();
    published();
}

}  // namespace wse::backplane_redis::parts
