/* SPDX-License-Identifier: MIT
 * Kind backplane: what the module brings in from other hosts is copied, and kept for the test to
 * look at. */
#include <string.h>

#include "internal.h"

static bool is_whole(wse_test_host *host, const void *given, size_t size, const char *name) {
    char sentence[96];
    uint32_t struct_size = 0;
    if (given) memcpy(&struct_size, given, sizeof struct_size);
    if (struct_size >= size) return true;
    snprintf(sentence, sizeof sentence, "a %s that is none was passed", name);
    host_misuse(host, sentence);
    return false;
}

static int32_t host_remote_message(const wse_host *abi, wse_loop *loop,
                                   const wse_message *message) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "remote_message") ||
        !is_whole(host, message, sizeof *message, "wse_message"))
        return WSE_EINVAL;
    if (host->remote_status != WSE_OK) return host->remote_status;
    if (message->epoch == 0 || message->offset == 0)
        host_misuse(host, "remote_message was called without a place");
    return messages_add(&host->remote, message) ? WSE_OK : WSE_EAGAIN;
}

static int fact_add(wse_test_host *host, const wse_fact *fact) {
    wse_fact copy = *fact;
    if (host->fact_count == MAX_MESSAGES) return 0;
    copy.topic = bytes_copy(fact->topic);
    copy.key = bytes_copy(fact->key);
    copy.value = bytes_copy(fact->value);
    copy.host = bytes_copy(fact->host);
    host->facts = host_grow(host->facts, host->fact_count, sizeof *host->facts);
    host->facts[host->fact_count++] = copy;
    return 1;
}

static int32_t host_followed(const wse_host *abi, wse_loop *loop, const wse_followed *followed) {
    wse_test_host *host = host_of(abi);
    wse_followed copy;
    wse_message *messages;
    if (!host_on_service_loop(host, loop, "followed") ||
        !is_whole(host, followed, sizeof *followed, "wse_followed"))
        return WSE_EINVAL;
    if (host->remote_status != WSE_OK) return host->remote_status;
    if (host->followed_count == MAX_MESSAGES) return WSE_EAGAIN;
    copy = *followed;
    copy.topic = bytes_copy(followed->topic);
    messages = calloc((size_t)followed->count + 1, sizeof *messages);
    MUST(messages);
    for (uint64_t i = 0; i < followed->count; ++i)
        messages[i] = message_copy(&followed->messages[i]);
    copy.messages = messages;
    for (uint64_t i = 0; i < followed->fact_count; ++i) fact_add(host, &followed->facts[i]);
    copy.facts = NULL; /* they are among the others */
    copy.host = bytes_copy(followed->host);
    host->followed = host_grow(host->followed, host->followed_count, sizeof *host->followed);
    host->followed[host->followed_count++] = copy;
    return WSE_OK;
}

static int32_t host_remote_fact(const wse_host *abi, wse_loop *loop, const wse_fact *fact) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "remote_fact") ||
        !is_whole(host, fact, sizeof *fact, "wse_fact"))
        return WSE_EINVAL;
    if (host->remote_status != WSE_OK) return host->remote_status;
    return fact_add(host, fact) ? WSE_OK : WSE_EAGAIN;
}

static int32_t host_broadcast_received(const wse_host *abi, wse_loop *loop, wse_bytes data) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "broadcast_received")) return WSE_EINVAL;
    if (host->broadcast_count == MAX_MESSAGES) return WSE_EAGAIN;
    host->broadcasts = host_grow(host->broadcasts, host->broadcast_count, sizeof *host->broadcasts);
    host->broadcasts[host->broadcast_count++] = bytes_copy(data);
    return WSE_OK;
}

static void host_health(const wse_host *abi, wse_loop *loop, int32_t status, const char *text) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "health")) return;
    host->health = status;
    free(host->health_text);
    host->health_text = host_copy((wse_bytes){text, text ? strlen(text) : 0});
    ++host->health_count;
}

void wse_test_host_set_remote(wse_test_host *host, int32_t status) {
    host->remote_status = status;
}

wse_test_messages wse_test_host_remote(const wse_test_host *host) {
    return (wse_test_messages){host->remote.items, host->remote.count};
}

wse_test_followed wse_test_host_followed(const wse_test_host *host) {
    return (wse_test_followed){host->followed, host->followed_count};
}

wse_test_facts wse_test_host_facts(const wse_test_host *host) {
    return (wse_test_facts){host->facts, host->fact_count};
}

wse_test_broadcasts wse_test_host_broadcasts(const wse_test_host *host) {
    return (wse_test_broadcasts){host->broadcasts, host->broadcast_count};
}

wse_test_health wse_test_host_health(const wse_test_host *host) {
    return (wse_test_health){host->health, host->health_text ? host->health_text : "",
                             host->health_count};
}

void cluster_fill(wse_host *abi) {
    abi->remote_message = host_remote_message;
    abi->followed = host_followed;
    abi->remote_fact = host_remote_fact;
    abi->broadcast_received = host_broadcast_received;
    abi->health = host_health;
}

void cluster_free(wse_test_host *host) {
    messages_clear(&host->remote);
    for (uint64_t i = 0; i < host->followed_count; ++i) {
        const wse_followed *followed = &host->followed[i];
        bytes_free(followed->topic);
        bytes_free(followed->host);
        for (uint64_t k = 0; k < followed->count; ++k) message_free(&followed->messages[k]);
        free((void *)(uintptr_t)followed->messages);
    }
    for (uint64_t i = 0; i < host->fact_count; ++i) {
        bytes_free(host->facts[i].topic);
        bytes_free(host->facts[i].key);
        bytes_free(host->facts[i].value);
        bytes_free(host->facts[i].host);
    }
    for (uint64_t i = 0; i < host->broadcast_count; ++i) bytes_free(host->broadcasts[i]);
    free(host->followed);
    free(host->facts);
    free(host->broadcasts);
    free(host->health_text);
}
