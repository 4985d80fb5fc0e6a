// SPDX-License-Identifier: MIT
#include "bench/scene.h"

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/assert.h"
#include "base/uuid.h"

namespace wse::bench {

void CountingEffects::subscribed(const hub::Origin &origin,
                                 std::vector<hub::SubscribedTopic> topics) {
    for (const auto &topic : topics) {
        for (const auto &part : topic.replays) take(origin, part);
    }
}

void CountingEffects::replayed(const hub::Origin &origin, hub::Replayed part) {
    take(origin, part);
}

void CountingEffects::take(const hub::Origin &origin, const hub::Replayed &part) {
    WSE_ASSERT(part.recovered, "a benchmark recovers only what is there");
    replayed_messages += part.messages.size();
    if (part.more) unfinished.push_back({origin, part.topic, part.messages.back()->position});
}

void CountingEffects::published(const hub::Origin &, Result<proto::Position> answer) {
    WSE_ASSERT(answer.ok(), "a benchmark's publish is refused");
    position = *answer;
}

ScratchDirectory::ScratchDirectory() {
    const char *parent = std::getenv("TMPDIR");
    path_ = std::string(parent ? parent : "/tmp") + "/wse-bench-XXXXXX";
    WSE_ASSERT(mkdtemp(path_.data()), "no directory can be made for a benchmark");
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

hub::HistoryFile::Opened open_history(const std::string &path, uint64_t file_size) {
    auto opened = hub::HistoryFile::open(
        {.path = path, .file_size = file_size, .boot_id = "benchmark", .seed = 1});
    WSE_ASSERT(opened.ok(), "a benchmark's history file cannot be opened");
    return std::move(*opened);
}

hub::PolicyOf keep_messages(uint64_t messages) {
    hub::TopicPolicy policy;
    policy.history = {.messages = messages, .age_ms = 0, .bytes = UINT64_MAX};
    policy.slow = proto::Slow::kPause;
    const auto shared = std::make_shared<const hub::TopicPolicy>(policy);
    return [shared](std::string_view) -> const hub::TopicPolicy & { return *shared; };
}

std::string payload_of(size_t bytes) {
    constexpr std::string_view kHead = R"({"text":")";
    std::string payload(kHead);
    payload.append(bytes - kHead.size() - 2, 'x');
    return payload + R"("})";
}

hub::Publish publication_of(const std::string &topic, const std::string &payload) {
    return {{0, 0, 0}, {topic, "news", uuid7(1'767'323'045'678), payload}};
}

}  // namespace wse::bench
