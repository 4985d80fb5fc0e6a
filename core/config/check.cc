// SPDX-License-Identifier: MIT
#include "config/check.h"

#include <algorithm>

#include "config/address.h"
#include "config/shape.h"
#include "config/units.h"

namespace wse::config {
namespace {

// The envelope around a payload; what is queued to a client is both.
constexpr uint64_t kEnvelopeRoom = 16 * 1024;

Instance single(const Document &document, const char *name) {
    return instances_of(document, section(name)).front();
}

void check_server(const Document &document, Diagnostics &diagnostics) {
    const Instance server = single(document, "server");
    const Server &settings = document.settings.server;
    const auto check_directory = [&](const char *key, const std::string &path) {
        // Nothing at all: not bound, unless that is what the file says.
        if (path.empty() && !is_given_empty(server.table, key)) return;
        if (path.starts_with('/')) return;
        diagnostics.error(
            place_of_key(server.table, key, server.at),
            std::string("server.") + key + ": '" + path + "' is not an absolute path");
    };
    check_directory("runtime_dir", settings.runtime_dir);
    check_directory("state_dir", settings.state_dir);
}

// Who may call, and over which way. The keys themselves are read by who judges them.
void check_http(const Document &document, Diagnostics &diagnostics) {
    const Http &settings = document.settings.http;
    const Instance http = single(document, "http");
    const auto at = [&](const char *key) { return place_of_key(http.table, key, http.at); };
    if (!settings.address.empty()) {
        const Result<Address> address = parse_address(settings.address);
        if (!address)
            return diagnostics.error(at("address"), "http.address: " + address.error().text);
        if (!is_loopback(*address))
            diagnostics.warning(at("address"),
                                "http.address: " + settings.address +
                                    " is no loopback address, and keys go over it in the clear",
                                "put a proxy with TLS in front, or keep it to one machine");
    }
    const bool serves = !settings.address.empty() || settings.public_api;
    if (serves && settings.keys.empty() && settings.key_file.empty())
        diagnostics.warning(at(settings.address.empty() ? "public_api" : "address"),
                            "http: there is no key, so nobody can use the API",
                            "make one with `wsectl keys new NAME`");
    const auto &listeners = document.settings.listeners;
    const bool has_way = std::any_of(listeners.begin(), listeners.end(),
                                     [](const Listen &one) { return one.fallback == "builtin"; });
    if (settings.public_api && !has_way)
        diagnostics.warning(at("public_api"),
                            "http.public_api: no listener has fallback = \"builtin\"");
    if ((settings.rate_capacity == 0) != (settings.rate_refill == 0))
        diagnostics.error(at(settings.rate_capacity == 0 ? "rate_refill" : "rate_capacity"),
                          "http: rate_capacity and rate_refill go together");
}

void check_keepalive(const Document &document, Diagnostics &diagnostics) {
    const Keepalive &settings = document.settings.keepalive;
    const uint64_t heartbeat = settings.heartbeat_interval_ms;
    const uint64_t idle = settings.idle_timeout_ms;
    if (heartbeat == 0 || idle == 0 || idle > heartbeat) return;
    const Instance keepalive = single(document, "keepalive");
    const auto text = [](uint64_t ms) { return format_duration(static_cast<int64_t>(ms)); };
    const bool idle_given = keepalive.table && keepalive.table->find("idle_timeout");
    const char *const key = idle_given ? "idle_timeout" : "heartbeat_interval";
    diagnostics.error(place_of_key(keepalive.table, key, keepalive.at),
                      "keepalive.idle_timeout: " + text(idle) +
                          " is not longer than heartbeat_interval, " + text(heartbeat),
                      "a client that only answers heartbeats would be closed as idle");
}

void check_limits(const Document &document, Diagnostics &diagnostics) {
    const Limits &settings = document.settings.limits;
    if (settings.max_outbound == 0 ||
        settings.max_outbound >= settings.max_publish_size + kEnvelopeRoom) {
        return;
    }
    const Instance limits = single(document, "limits");
    const bool outbound_given = limits.table && limits.table->find("max_outbound");
    const char *const key = outbound_given ? "max_outbound" : "max_publish_size";
    const auto text = [](uint64_t bytes) { return format_size(static_cast<int64_t>(bytes)); };
    diagnostics.error(place_of_key(limits.table, key, limits.at),
                      "limits.max_outbound: " + text(settings.max_outbound) +
                          " cannot hold one message of max_publish_size, " +
                          text(settings.max_publish_size) + ", and its envelope",
                      "at least " + text(settings.max_publish_size + kEnvelopeRoom));
}

// A bucket that nothing refills is empty for ever.
void check_rates(const Document &document, Diagnostics &diagnostics) {
    const Limits &settings = document.settings.limits;
    const Instance limits = single(document, "limits");
    const auto check = [&](const char *of, uint64_t capacity, uint64_t refill) {
        if ((capacity == 0) == (refill == 0)) return;
        const std::string given = std::string(capacity ? "rate_capacity_per_" : "rate_refill_per_");
        const std::string missing = capacity ? "rate_refill_per_" : "rate_capacity_per_";
        diagnostics.error(place_of_key(limits.table, (given + of).c_str(), limits.at),
                          "limits." + given + of + ": needs " + missing + of + " beside it");
    };
    check("user", settings.rate_capacity_per_user, settings.rate_refill_per_user);
    check("ip", settings.rate_capacity_per_ip, settings.rate_refill_per_ip);
}

// The oldest segments of the file are given up for new ones, and what is live in them is copied;
// there must be room for both.
void check_history(const Document &document, Diagnostics &diagnostics) {
    const History &settings = document.settings.history;
    const bool bound = settings.file_size != 0 && settings.max_memory != 0;
    if (settings.path.empty() || !bound || settings.max_memory <= settings.file_size / 2) return;
    const Instance history = single(document, "history");
    const bool memory_given = history.table && history.table->find("max_memory");
    const char *const key = memory_given ? "max_memory" : "file_size";
    const auto text = [](uint64_t bytes) { return format_size(static_cast<int64_t>(bytes)); };
    diagnostics.warning(place_of_key(history.table, key, history.at),
                        "history.max_memory: " + text(settings.max_memory) +
                            " is more than half of file_size, " + text(settings.file_size) +
                            ": live messages may not fit into the file",
                        "raise history.file_size to " + text(2 * settings.max_memory) +
                            ", or lower max_memory to " + text(settings.file_size / 2));
}

// Why the path cannot be one that is served beside those of the listeners, or empty.
std::string echo_complaint(const Settings &settings) {
    const std::string &path = settings.dev.echo;
    if (path.front() != '/') return '\'' + path + "' does not start with '/'";
    if (path.find_first_of(" ?#") != std::string::npos)
        return '\'' + path + "' is more than the path of a URL";
    for (const Listen &listen : settings.listeners) {
        if (listen.path == path) return '\'' + path + "' is the path of listen." + listen.name;
        const Result<Address> address = parse_address(listen.address);
        if (address && !is_loopback(*address))
            return "listen." + listen.name + " has the address " + listen.address +
                   ", and anybody may use an echo: it is allowed on loopback addresses only";
        if (listen.proxy_protocol || !listen.trusted_proxies.empty())
            return "listen." + listen.name +
                   " serves the clients of proxies, and anybody may use an echo: it is allowed "
                   "where no listener has trusted_proxies or proxy_protocol";
    }
    return {};
}

void check_dev(const Document &document, Diagnostics &diagnostics) {
    if (document.settings.dev.echo.empty()) return;
    const std::string complaint = echo_complaint(document.settings);
    if (complaint.empty()) return;
    const Instance dev = single(document, "dev");
    diagnostics.error(place_of_key(dev.table, "echo", dev.at), "dev.echo: " + complaint);
}

// Sessions would be closed before the publishes that they wait for have failed.
void check_cluster(const Document &document, Diagnostics &diagnostics) {
    const Cluster &settings = document.settings.cluster;
    const bool closes = settings.when_deaf == WhenDeaf::kClose && settings.deaf_after_ms != 0;
    if (!closes || settings.publish_timeout_ms <= settings.deaf_after_ms) return;
    const Instance cluster = single(document, "cluster");
    const bool after_given = cluster.table && cluster.table->find("deaf_after");
    const auto text = [](uint64_t ms) { return format_duration(static_cast<int64_t>(ms)); };
    diagnostics.warning(
        place_of_key(cluster.table, after_given ? "deaf_after" : "publish_timeout", cluster.at),
        "cluster.deaf_after: " + text(settings.deaf_after_ms) +
            " is shorter than publish_timeout, " + text(settings.publish_timeout_ms),
        "clients would be closed before they hear that a publish has failed");
}

void check_modules(const Document &document, Diagnostics &diagnostics) {
    for (size_t i = 0; i < document.settings.modules.size(); ++i) {
        const ModuleEntry &entry = document.settings.modules[i];
        if (!entry.path.empty() && entry.path.back() != '/') continue;
        diagnostics.error(document.load_at[i], "module." + entry.name + ".load: names no file",
                          "leave it out for '" + entry.name + ".so'");
    }
}

}  // namespace

Location place_of_key(const Value *table, const char *key, const Location &section) {
    const Member *const member = table ? table->find(key) : nullptr;
    return member ? member->value.at : section;
}

Location place_of_item(const Value *table, const char *key, size_t index, const Location &section) {
    const Member *const member = table ? table->find(key) : nullptr;
    const bool there = member && index < member->value.items.size();
    return there ? member->value.items[index].at : place_of_key(table, key, section);
}

bool is_given_empty(const Value *table, const char *key) {
    const Member *const member = table ? table->find(key) : nullptr;
    return member && member->value.kind == Kind::kString && member->value.text.empty() &&
           !member->value.broken;
}

void check_settings(const Document &document, Diagnostics &diagnostics) {
    check_server(document, diagnostics);
    check_listeners(document, diagnostics);
    check_http(document, diagnostics);
    check_limits(document, diagnostics);
    check_rates(document, diagnostics);
    check_keepalive(document, diagnostics);
    check_history(document, diagnostics);
    check_cluster(document, diagnostics);
    check_dev(document, diagnostics);
    check_modules(document, diagnostics);
    check_topics(document, diagnostics);
}

}  // namespace wse::config
