/* SPDX-License-Identifier: MIT
 *
 * What the zoo's modules of kind snapshot share: an answer that tells what was asked.
 */
#ifndef ZOO_SNAPSHOTS_H
#define ZOO_SNAPSHOTS_H

#include <string.h>

#include "journal.h"

/* Does the topic's name end in that? */
static inline int zoo_ends_in(wse_bytes topic, const char *end) {
    const size_t length = strlen(end);
    return topic.len >= length &&
           memcmp((const char *)topic.data + topic.len - length, end, length) == 0;
}

static inline wse_bytes zoo_bytes(const char *text) {
    const wse_bytes bytes = {text, strlen(text)};
    return bytes;
}

/* {"user":…,"params":…,"offset":…}, of the question; users of tests need no escapes. */
static inline int32_t zoo_state(const wse_host *host, const wse_snapshot_request *request,
                                wse_snapshot_token *token) {
    char data[8192];
    wse_snapshot snapshot = {.struct_size = sizeof snapshot};
    const wse_bytes params = request->params.len ? request->params : zoo_bytes("{}");
    snprintf(data, sizeof data, "{\"user\":\"%.*s\",\"params\":%.*s,\"offset\":%llu}",
             (int)request->user.len, (const char *)request->user.data, (int)params.len,
             (const char *)params.data, (unsigned long long)request->offset);
    snapshot.data = zoo_bytes(data);
    if (zoo_ends_in(request->topic, ":typed")) snapshot.type = zoo_bytes("orders_snapshot");
    /* One message less than the server knows of. */
    if (zoo_ends_in(request->topic, ":older") && request->offset > 0) {
        snapshot.has_position = 1;
        snapshot.epoch = request->epoch;
        snapshot.offset = request->offset - 1;
    }
    return host->snapshot_done(host, token, WSE_OK, &snapshot);
}

#define ZOO_SNAPSHOTS(module_name)                                                               \
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0), .name = module_name, .version = "1.0",                     \
                                      .options = zoo_options, .option_size = sizeof(wse_option), \
                                      .config_size = sizeof(struct zoo_config), .ops = &ops,     \
                                      .destroy = zoo_destroy

#endif
