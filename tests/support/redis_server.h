// SPDX-License-Identifier: MIT
// Redis servers beside a test, of which each is gone with it.
#pragma once

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "support/child.h"
#include "support/must.h"

namespace wse::test {

// Chosen by the kernel, and free again a moment later.
inline int free_port() {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MUST(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
    MUST(getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

// An empty directory, gone with this.
class Directory {
public:
    Directory() {
        char path[] = "/tmp/wse-redis-XXXXXX";
        MUST(mkdtemp(path));
        path_ = path;
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

class RedisServer {
public:
    using Words = std::vector<std::string>;

    // redis-server on a port of its own, with these arguments beside the usual ones.
    explicit RedisServer(Words arguments = {})
        : RedisServer("redis-server", std::move(arguments)) {}
    RedisServer(const char *program, Words arguments)
        : program_(program), arguments_(std::move(arguments)), port_(free_port()) {
        start();
    }
    ~RedisServer() { stop(); }
    RedisServer(const RedisServer &) = delete;
    RedisServer &operator=(const RedisServer &) = delete;

    int port() const { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url() const { return "redis://" + address(); }

    void start() {
        Words words = {program_};
        // A file of configuration comes first.
        if (!arguments_.empty() && arguments_.front().front() == '/')
            words.push_back(arguments_.front());
        const size_t used = words.size() - 1;
        for (const char *word :
             {"--bind", "127.0.0.1", "--logfile", "/dev/null", "--save", "", "--dir"})
            words.emplace_back(word);
        words.push_back(directory_.path());
        words.insert(words.end(), {"--port", std::to_string(port_)});
        words.insert(words.end(), arguments_.begin() + static_cast<std::ptrdiff_t>(used),
                     arguments_.end());
        std::vector<const char *> raw;
        for (const std::string &word : words) raw.push_back(word.c_str());
        raw.push_back(nullptr);
        child_ = child_start(raw.data());
        while (run({"PING"}) != "PONG") usleep(2000);
    }
    void stop() {
        context_.reset();
        child_stop(&child_);
    }
    void freeze() { kill(child_.pid, SIGSTOP); }
    void thaw() { kill(child_.pid, SIGCONT); }

    // The reply as a text: items of arrays are joined by blanks; "!" and the text of an error; "?"
    // without a connection.
    std::string run(const Words &words) {
        if (!context_ || context_->err) context_.reset(redisConnect("127.0.0.1", port_));
        std::vector<const char *> texts;
        std::vector<size_t> lengths;
        for (const std::string &word : words) {
            texts.push_back(word.data());
            lengths.push_back(word.size());
        }
        if (!context_ || context_->err) return "?";
        auto *reply = static_cast<redisReply *>(redisCommandArgv(
            context_.get(), static_cast<int>(words.size()), texts.data(), lengths.data()));
        const std::string text = reply ? shown(*reply) : "?";
        if (reply) freeReplyObject(reply);
        return text;
    }

private:
    struct Free {
        void operator()(redisContext *it) const { redisFree(it); }
    };

    static std::string shown(const redisReply &reply) {
        if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
        if (reply.type == REDIS_REPLY_NIL) return "nil";
        if (reply.type != REDIS_REPLY_ARRAY)
            return (reply.type == REDIS_REPLY_ERROR ? "!" : "") + std::string(reply.str, reply.len);
        std::string text;
        for (size_t i = 0; i < reply.elements; ++i)
            text += (i > 0 ? " " : "") + shown(*reply.element[i]);
        return text;
    }

    const std::string program_;
    const Words arguments_;
    const Directory directory_;
    const int port_;
    child child_{};
    std::unique_ptr<redisContext, Free> context_;
};

}  // namespace wse::test
