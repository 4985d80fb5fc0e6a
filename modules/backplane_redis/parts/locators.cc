// SPDX-License-Identifier: MIT
#include "locators.h"

#include <utility>

#include "cluster_locator.h"
#include "later.h"
#include "sentinel_locator.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr const char *kUsual = "redis://localhost:6379";
constexpr size_t kMaxServers = 64;

const std::string &url_of(const LocatorOptions &options) {
    static const std::string usual = kUsual;
    return options.url.empty() ? usual : options.url;
}

// The port is not left out: that of a sentinel is another one than that of Redis.
std::optional<redis::Url> parse_server(const std::string &text, std::string &ret_problem) {
    const size_t colon = text.rfind(':');
    const size_t host_end = text.find_last_of("]@");
    if (colon == std::string::npos || (host_end != std::string::npos && colon < host_end) ||
        text.find('/') != std::string::npos) {
        ret_problem = "is not host:port";
        return std::nullopt;
    }
    return redis::parse_url("redis://" + text, ret_problem);
}

std::vector<redis::Url> parse_servers(const std::vector<std::string> &texts) {
    std::vector<redis::Url> servers;
    servers.reserve(texts.size());
    std::string problem;
    for (const std::string &text : texts) servers.push_back(*parse_server(text, problem));
    return servers;
}

std::string servers_problem(const char *option, const std::vector<std::string> &texts) {
    if (texts.size() > kMaxServers)
        return std::string(option) + ": more than " + std::to_string(kMaxServers);
    for (size_t i = 0; i < texts.size(); ++i) {
        std::string problem;
        if (!parse_server(texts[i], problem))
            return std::string(option) + ": number " + std::to_string(i + 1) + ' ' + problem;
    }
    return "";
}

class FixedLocator final : public Locator {
public:
    FixedLocator(uv_loop_t *loop, redis::Url url) : later_(loop), url_(std::move(url)) {}

    void locate(const std::string &, Done done) override {
        later_.run([this, done = std::move(done)] { done(url_, ""); });
    }
    void moved(const std::string &) override {}
    void close(std::function<void()> closed) override { later_.close(std::move(closed)); }

private:
    Later later_;
    const redis::Url url_;
};

}  // namespace

std::string locator_problem(const LocatorOptions &options) {
    std::string problem;
    const auto url = redis::parse_url(url_of(options), problem);
    if (!url) return "url: " + problem;
    if (!options.sentinels.empty() && !options.cluster.empty())
        return "sentinels and cluster cannot be given together";
    if (options.sentinels.empty() != options.master.empty())
        return options.master.empty() ? "master: sentinels are asked for it by its name"
                                      : "master: no sentinels are named that know it";
    problem = servers_problem("sentinels", options.sentinels);
    if (problem.empty()) problem = servers_problem("cluster", options.cluster);
    if (problem.empty() && !options.cluster.empty() && url->database != 0)
        return "url: a cluster has no database but 0";
    return problem;
}

std::unique_ptr<Locator> make_locator(uv_loop_t *loop, const LocatorOptions &options) {
    std::string problem;
    redis::Url url = *redis::parse_url(url_of(options), problem);
    if (!options.sentinels.empty())
        return std::make_unique<SentinelLocator>(loop, parse_servers(options.sentinels),
                                                 options.master, std::move(url));
    if (options.cluster.empty()) return std::make_unique<FixedLocator>(loop, std::move(url));
    std::vector<redis::Url> nodes = parse_servers(options.cluster);
    for (redis::Url &node : nodes) {
        if (!node.password.empty()) continue;
        node.user = url.user;
        node.password = url.password;
    }
    return std::make_unique<ClusterLocator>(loop, std::move(nodes), std::move(url));
}

}  // namespace wse::backplane_redis::parts
