// SPDX-License-Identifier: MIT
#include "ingress_channel.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kFirstRetry = 300;  // milliseconds; doubled each time
constexpr uint64_t kLastRetry = 5000;
constexpr uint64_t kProbe = 5000;

// In a pattern of Redis these have a meaning.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("*?[]\\^").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

// The word of an error that the server has answered, "NOPERM"; empty for what the network says.
std::string word_in(const std::string &problem) {
    const std::string word = problem.substr(0, problem.find(' '));
    const bool is_word =
        std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    return is_word ? word : "";
}

}  // namespace

IngressChannel::IngressChannel(const Site &site, Locator &locator, const redis::Limits &limits,
                               Heard heard)
    : site_(site),
      locator_(locator),
      limits_(limits),
      heard_(std::move(heard)),
      self_(std::make_shared<IngressChannel *>(this)),
      timer_(site.uv, [this] { begin(); }),
      refusal_(site, "ingress-channel") {}

void IngressChannel::want(bool wanted) {
    wanted_ = wanted;
    attempts_ = 0;
    if (wanted) return begin();
    timer_.stop();
    end();
}

void IngressChannel::begin() {
    if (!wanted_ || closing_ || locating_ || subscriber_) return;
    locator_.locate(site_.prefix,
                    [self = self_](const std::optional<redis::Url> &at, const std::string &) {
                        if (!*self) return;
                        IngressChannel &it = **self;
                        const auto located = [&] { return it.located(at), WSE_OK; };
                        if (abi::guarded(located) != WSE_OK) it.begin_later();
                    });
    locating_ = true;
}

void IngressChannel::begin_later() {
    const uint64_t delay = std::min(kFirstRetry << std::min(attempts_, 8u), kLastRetry);
    ++attempts_;
    timer_.start(delay);
}

void IngressChannel::located(const std::optional<redis::Url> &at) {
    locating_ = false;
    if (!wanted_) return;
    if (!at) return begin_later();
    redis::SubscriberEvents events;
    events.listening = [this] {
        attempts_ = 0;
        refusal_.clear();
        site_.host->log(site_.host, WSE_LOG_INFO, "ingress.listening");
    };
    events.lost = [this](const std::string &problem) { lost(problem); };
    events.message = [this](std::string_view channel, std::string_view message) {
        if (channel.size() > site_.prefix.size() + 1)
            heard_(channel.substr(site_.prefix.size() + 1), message);
    };
    subscriber_ = std::make_unique<redis::RedisSubscriber>(
        site_.uv, *at, limits_, escaped(site_.prefix) + ":*", kProbe, std::move(events));
}

// A server that was reached is where the locator says it is. That the network fails is told by the
// links, of which some go to the same server.
void IngressChannel::lost(const std::string &problem) {
    if (!subscriber_->was_reached()) locator_.moved(site_.prefix);
    const std::string word = word_in(problem);
    if (!word.empty()) refusal_.tell(word);
    end();
}

// And begins anew in a moment, when it is still wanted.
void IngressChannel::end() {
    if (!subscriber_ || std::exchange(ending_, true)) return;
    subscriber_->close([this] {
        subscriber_.reset();
        ending_ = false;
        if (closing_) return check_closed();
        if (!wanted_) return;
        begin_later();
    });
}

void IngressChannel::close(std::function<void()> closed) {
    closing_ = true;
    *self_ = nullptr;
    wanted_ = false;
    closed_ = std::move(closed);
    end();
    timer_.close([this] {
        timer_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this: nothing is touched after it.
void IngressChannel::check_closed() {
    if (closing_ && !timer_open_ && !subscriber_ && closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
