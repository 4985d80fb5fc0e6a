// SPDX-License-Identifier: MIT
// What the server counts. One table: the names and help texts of `wsectl stats` and the manual come
// from it. Every loop has its own Counters and adds without contention; readers sum them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace wse {

#define WSE_COUNTER_MAP(X)                                                                    \
    X(connections_accepted, "connections accepted by a listener")                             \
    X(connections_refused_limit, "connections answered 503: a connection limit was reached")  \
    X(proxies_refused, "connections closed: no good PROXY header, or no trusted proxy")       \
    X(tls_handshakes, "TLS handshakes completed")                                             \
    X(tls_failures, "TLS handshakes that failed or took too long")                            \
    X(connections_closed, "accepted connections that have ended")                             \
    X(requests_refused, "requests answered 4xx: malformed, too large, too slow, not allowed") \
    X(requests_relayed, "requests relayed to the fallback")                                   \
    X(relays_failed, "requests that the fallback failed: answered 502, 503 or 504")           \
    X(relays_refused, "requests answered 503: limits.max_relays is reached")                  \
    X(upgrades, "WebSocket handshakes completed")                                             \
    X(auth_failures, "sessions refused by authentication")                                    \
    X(auth_timeouts, "authentication questions that were not answered in time")               \
    X(auth_refreshed, "tokens replaced while their session went on")                          \
    X(auth_revoked, "tokens refused because they were revoked")                               \
    X(sessions_revoked, "sessions closed because their token was revoked")                    \
    X(sessions_expired, "sessions closed because their token has ended")                      \
    X(sessions_opened, "sessions that reached server_ready")                                  \
    X(messages_received, "messages received from clients")                                    \
    X(bytes_received, "bytes of frames received from clients")                                \
    X(messages_sent, "messages queued to clients")                                            \
    X(bytes_sent, "bytes written to clients")                                                 \
    X(protocol_errors, "connections closed for breaking RFC 6455")                            \
    X(messages_malformed, "messages that were not a valid envelope")                          \
    X(sessions_encrypted, "sessions that agreed on a key")                                    \
    X(plain_refused, "plain messages refused on an encrypted connection")                     \
    X(signatures_refused, "messages refused for their signature, or for want of one")         \
    X(messages_unhandled, "messages of a type that nothing handles")                          \
    X(rate_limited, "messages refused by a rate limit")                                       \
    X(rate_limited_user, "… by that of their user, over all connections")                     \
    X(rate_limited_ip, "… by that of their address, over all connections")                    \
    X(rate_closed, "connections closed because they went on far over a rate")                 \
    X(pings_over_rate, "pings and pongs over limits.ping_rate, which get no answer")          \
    X(topics_over_limit, "topics refused because one request named too many")                 \
    X(handshakes_cut, "unfinished requests cut to make room for new ones")                    \
    X(batches_refused, "batches of clients that were too long, or no batch")                  \
    X(idle_closed, "connections closed by the idle limit")                                    \
    X(slow_closed, "connections closed because their outbound queue was full")                \
    X(dropped_oldest, "messages not sent to a client that did not read: the oldest gave way") \
    X(dropped_lowest, "… the one of the lowest priority gave way")                            \
    X(dropped_conflated, "… a newer one of the same key took its place")                      \
    X(dropped_age, "… it had waited for limits.max_outbound_age")                             \
    X(dropped_refused, "… nothing that waited could give way to it")                          \
    X(topics_paused, "topics held back from a client until it has read the rest")             \
    X(replayed, "messages sent again from a history")                                         \
    X(recoveries_failed, "clients told that messages are gone from the history")              \
    X(history_evicted, "messages given up from histories for lack of memory")                 \
    X(groups_dropped, "messages dropped because all members of their queue group were full")  \
    X(published, "messages committed by the hub")                                             \
    X(publish_refused, "publishes refused: rights, limits, malformed")                        \
    X(events_dropped, "events that a module of kind event dropped")                           \
    X(events_failed, "events that a module of kind event could not shape")                    \
    X(cluster_published, "publishes that the cluster gave a place")                           \
    X(cluster_refused, "publishes that the cluster could not give a place")                   \
    X(cluster_received, "messages taken in from the cluster")                                 \
    X(cluster_behind, "messages that the cluster had to keep: deliveries were behind")        \
    X(cluster_lost, "messages of the cluster whose topic had no room here")                   \
    X(cluster_unsound, "messages and facts of the cluster that clients could not read")       \
    X(deliveries, "messages handed from the hub to a loop")                                   \
    X(api_requests, "requests to the HTTP API")                                               \
    X(api_unauthorized, "… refused: their key is not known")                                  \
    X(api_limited, "… refused by the rate of their key")                                      \
    X(subscriptions, "subscriptions accepted")                                                \
    X(subscriptions_refused, "subscriptions refused by rights or limits")                     \
    X(snapshot_flights, "questions to snapshot modules for the state of a topic")             \
    X(snapshot_joined, "clients that shared the answer to a question of another")             \
    X(snapshot_failed, "questions for a state that were refused, or not to be asked")         \
    X(snapshot_timeouts, "questions for a state that were not answered in time")              \
    X(app_events, "events of clients that an application has taken")                          \
    X(app_refused, "messages and clients refused because the application was behind")         \
    X(app_retries, "batches that an application could not take, and gets again")              \
    X(app_lost, "events that an application had not taken when the server ended")             \
    X(observations_dropped, "events that observers did not hear of: their queue was full")    \
    X(tokens_late, "module answers that came after nobody waited any more")                   \
    X(tokens_doubled, "module answers to a question already answered")                        \
    X(log_lines_dropped, "log lines dropped: rate limit or a sink that does not keep up")

enum class Counter : uint32_t {
#define WSE_X(name, help) name,
    WSE_COUNTER_MAP(WSE_X)
#undef WSE_X
        kCount
};

inline constexpr size_t kCounterCount = static_cast<size_t>(Counter::kCount);

struct CounterRow {
    std::string_view name;
    std::string_view help;
};

inline constexpr std::array<CounterRow, kCounterCount> kCounterTable = {{
#define WSE_X(name, help) {#name, help},
    WSE_COUNTER_MAP(WSE_X)
#undef WSE_X
}};

// One thread adds, any thread reads.
class Counters {
public:
    void add(Counter counter, uint64_t n = 1) {
        slots_[static_cast<size_t>(counter)].fetch_add(n, std::memory_order_relaxed);
    }
    uint64_t read(Counter counter) const {
        return slots_[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<uint64_t>, kCounterCount> slots_{};
};

}  // namespace wse
