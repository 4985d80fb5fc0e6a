// SPDX-License-Identifier: MIT
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <charconv>
#include <set>

#include "wsectl/client.h"
#include "wsectl/message_args.h"
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

constexpr size_t kWindow = 32;  // sent and not yet answered; half of what the server allows

// The arguments of every publish of this call, up to the payload.
Result<std::string> head_of_args(const Words &words) {
    JsonWriter args;
    args.begin_object();
    if (auto added = add_text(args, "topic", words.words[0], "the topic"); !added)
        return added.error();
    if (auto added = add_text(args, "type", words.option("type"), "--type"); !added)
        return added.error();
    if (auto added = add_message_options(args, words); !added) return added.error();
    args.key("payload");
    return args.take();
}

// The lines of standard input; ready() is what makes the pipelining prompt: while nothing comes in,
// answers are waited for instead.
class Lines {
public:
    // False at the end of the input.
    bool next(std::string &ret_line) {
        size_t end;
        while ((end = buffer_.find('\n')) == std::string::npos && fill()) continue;
        if (end == std::string::npos && buffer_.empty()) return false;
        ret_line = buffer_.substr(0, end);
        buffer_.erase(0, end == std::string::npos ? end : end + 1);
        return true;
    }
    bool ready() const {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        return buffer_.find('\n') != std::string::npos || poll(&input, 1, 0) > 0;
    }

private:
    bool fill() {
        char chunk[65536];
        const ssize_t count = read(STDIN_FILENO, chunk, sizeof chunk);
        if (count > 0) buffer_.append(chunk, static_cast<size_t>(count));
        return count > 0;
    }
    std::string buffer_;
};

int64_t id_of(const Answer &answer) {
    int64_t id = -1;
    std::from_chars(answer.id.data(), answer.id.data() + answer.id.size(), id);
    return id;
}

class Pipeline {
public:
    Pipeline(const Globals &globals, std::string head)
        : globals_(globals), head_(std::move(head)), client_(globals) {}

    // Publishes line after line; stops at the first that fails, after the answers to those that are
    // under way.
    int run() {
        auto failure = client_.connect();
        std::string line;
        while (!failure && refusal_.empty() && lines_.next(line)) {
            ++number_;
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            if (const auto checked = check_payload(line); !checked) {
                refusal_ = "line " + std::to_string(number_) + ": " + checked.error().text;
                break;
            }
            failure = client_.send(number_, "publish", head_ + line + "}");
            if (!failure) waiting_.insert(number_);
            if (!failure) failure = take_answers(lines_.ready() ? kWindow - 1 : 0);
        }
        if (!failure) failure = take_answers(0);
        return report(failure);
    }

private:
    // Until at most `left` are under way.
    std::optional<Failure> take_answers(size_t left) {
        while (waiting_.size() > left) {
            Answer answer;
            if (auto failure = client_.receive(answer)) return failure;
            const int64_t line = id_of(answer);
            if (waiting_.erase(line) == 0)
                return Failure{kUnreachable, "an answer to a question that was not asked"};
            if (answer.failure && refusal_.empty()) {
                refusal_ = "line " + std::to_string(line) + ": " + answer.failure->text;
            } else if (!answer.failure) {
                ++committed_;
                if (globals_.json) puts(std::string(answer.result).c_str());
            }
        }
        if (left == 0) fflush(stdout);
        return std::nullopt;
    }

    int report(const std::optional<Failure> &failure) {
        if (!globals_.json) printf("%zu committed\n", committed_);
        if (!failure) return refusal_.empty() ? kDone : complain(kRefused, refusal_);
        std::string text = failure->text;
        if (!waiting_.empty())
            text += "; not answered from line " + std::to_string(*waiting_.begin()) + " on";
        return complain(failure->code, text);
    }

    const Globals &globals_;
    const std::string head_;
    Client client_;
    Lines lines_;
    int64_t number_ = 0;         // of the line, from 1; also the request's id
    std::set<int64_t> waiting_;  // a refusal may overtake a commit
    size_t committed_ = 0;
    std::string refusal_;
};

}  // namespace

int run_publish(const Globals &globals, const Words &words) {
    auto head = head_of_args(words);
    if (!head) return complain(kUsage, head.error().text);
    const std::string payload = words.words.size() > 1 ? words.words[1] : "{}";
    if (payload == "-") {
        if (words.option("id"))
            return complain(kUsage, "--id names one message; it cannot go with -");
        return Pipeline(globals, std::move(*head)).run();
    }
    if (const auto checked = check_payload(payload); !checked)
        return complain(kUsage, checked.error().text);

    Answer answer;
    int code = kDone;
    if (!ask_and_show(globals, "publish", *head + payload + "}", answer, code)) return code;
    const auto document = JsonDocument::parse(answer.result);
    if (!document)
        return complain(kUnreachable, "the answer is not of this protocol; is --socket a wsed?");
    fputs(show_published(document->root(), Style::of_stdout()).c_str(), stdout);
    return kDone;
}

}  // namespace wse::ctl
