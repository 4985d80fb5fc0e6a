/* SPDX-License-Identifier: MIT
 * The completions: each fills the token that the test passed. */
#include <string.h>

#include "internal.h"

/* The head of every token. */
struct token {
    WSE_TEST_TOKEN;
};

static const char *const functions[] = {"",           "auth_done", "snapshot_done", "submit_done",
                                        "batch_done", "ask_done",  "stop_done",     "command_done"};

static int32_t misused(wse_test_host *host, uint32_t function, const char *what) {
    char sentence[160];
    snprintf(sentence, sizeof sentence, "%s was called %s", functions[function], what);
    host_misuse(host, sentence);
    return WSE_EINVAL;
}

/* WSE_OK when this is the first answer of the token, and by the function for it. */
static int32_t claim(wse_test_host *host, struct token *token, uint32_t function, int32_t status) {
    if (!token) return misused(host, function, "without a token");
    if (token->must_be && token->must_be != function)
        return misused(host, function, "for another kind of question");
    if (++token->answers > 1) return misused(host, function, "twice for one question");
    token->status = status;
    token->of = function;
    return WSE_OK;
}

static int32_t host_auth_done(const wse_host *abi, wse_auth_token *token, int32_t status,
                              const wse_auth_result *result) {
    wse_test_host *host = host_of(abi);
    int32_t claimed;
    uv_mutex_lock(&host->lock);
    claimed = claim(host, (struct token *)token, WSE_TEST_AUTH_DONE, status);
    if (claimed == WSE_OK && status == WSE_OK) {
        if (!result || result->struct_size < sizeof *result) {
            misused(host, WSE_TEST_AUTH_DONE, "with a wse_auth_result that is none");
        } else {
            if (result->user.len == 0) misused(host, WSE_TEST_AUTH_DONE, "with an empty user");
            token->user = host_copy(result->user);
            token->claims = host_copy(result->claims);
            token->expires_ms = result->expires_ms;
        }
    }
    uv_mutex_unlock(&host->lock);
    return claimed;
}

static int32_t host_snapshot_done(const wse_host *abi, wse_snapshot_token *token, int32_t status,
                                  const wse_snapshot *snapshot) {
    wse_test_host *host = host_of(abi);
    int32_t claimed;
    uv_mutex_lock(&host->lock);
    claimed = claim(host, (struct token *)token, WSE_TEST_SNAPSHOT_DONE, status);
    if (claimed == WSE_OK && status == WSE_OK) {
        if (!snapshot || snapshot->struct_size < sizeof *snapshot) {
            misused(host, WSE_TEST_SNAPSHOT_DONE, "with a wse_snapshot that is none");
        } else {
            if (snapshot->data.len == 0) misused(host, WSE_TEST_SNAPSHOT_DONE, "with empty data");
            token->data = host_copy(snapshot->data);
            token->data_size = snapshot->data.len;
            token->type = host_copy(snapshot->type);
            token->has_position = snapshot->has_position != 0;
            token->epoch = snapshot->epoch;
            token->offset = snapshot->offset;
        }
    }
    uv_mutex_unlock(&host->lock);
    return claimed;
}

static int32_t host_submit_done(const wse_host *abi, wse_submit_token *token, int32_t status,
                                uint64_t epoch, uint64_t offset) {
    wse_test_host *host = host_of(abi);
    int32_t claimed;
    uv_mutex_lock(&host->lock);
    claimed = claim(host, (struct token *)token, WSE_TEST_SUBMIT_DONE, status);
    if (claimed == WSE_OK && status == WSE_OK) {
        if (epoch == 0 || offset == 0) misused(host, WSE_TEST_SUBMIT_DONE, "without a place");
        token->epoch = epoch;
        token->offset = offset;
    }
    uv_mutex_unlock(&host->lock);
    return claimed;
}

static int32_t host_batch_done(const wse_host *abi, wse_batch_token *token) {
    wse_test_host *host = host_of(abi);
    int32_t claimed;
    uv_mutex_lock(&host->lock);
    claimed = claim(host, (struct token *)token, WSE_TEST_BATCH_DONE, WSE_OK);
    uv_mutex_unlock(&host->lock);
    return claimed;
}

static int32_t host_ask_done(const wse_host *abi, wse_ask_token *token, int32_t status,
                             const wse_reply *reply) {
    wse_test_host *host = host_of(abi);
    int32_t claimed;
    uv_mutex_lock(&host->lock);
    claimed = claim(host, (struct token *)token, WSE_TEST_ASK_DONE, status);
    if (claimed == WSE_OK && status == WSE_OK && reply) {
        if (reply->struct_size < sizeof *reply) {
            misused(host, WSE_TEST_ASK_DONE, "with a wse_reply that is none");
        } else {
            token->user = host_copy(reply->user);
            token->data = host_copy(reply->data);
            token->data_size = reply->data.len;
            token->expires_ms = reply->expires_ms;
        }
    }
    uv_mutex_unlock(&host->lock);
    return claimed;
}

static int32_t host_command_done(const wse_host *abi, wse_command_token *token, int32_t status,
                                 wse_bytes answer) {
    wse_test_host *host = host_of(abi);
    int32_t claimed;
    uv_mutex_lock(&host->lock);
    claimed = claim(host, (struct token *)token, WSE_TEST_COMMAND_DONE, status);
    if (claimed == WSE_OK) {
        if (status == WSE_OK && answer.len == 0)
            misused(host, WSE_TEST_COMMAND_DONE, "with an empty answer");
        token->answer = host_copy(answer);
        token->answer_size = answer.len;
    }
    uv_mutex_unlock(&host->lock);
    return claimed;
}

static void host_stop_done(const wse_host *abi, wse_stop_token *token) {
    wse_test_host *host = host_of(abi);
    uv_mutex_lock(&host->lock);
    claim(host, (struct token *)token, WSE_TEST_STOP_DONE, WSE_OK);
    uv_mutex_unlock(&host->lock);
}

void answers_fill(wse_host *abi) {
    abi->stop_done = host_stop_done;
    abi->auth_done = host_auth_done;
    abi->snapshot_done = host_snapshot_done;
    abi->submit_done = host_submit_done;
    abi->batch_done = host_batch_done;
    abi->ask_done = host_ask_done;
    abi->command_done = host_command_done;
}

void wse_auth_token_clear(wse_auth_token *token) {
    free(token->user);
    free(token->claims);
    memset(token, 0, sizeof *token);
}

void wse_snapshot_token_clear(wse_snapshot_token *token) {
    free(token->data);
    free(token->type);
    memset(token, 0, sizeof *token);
}

void wse_ask_token_clear(wse_ask_token *token) {
    free(token->user);
    free(token->data);
    memset(token, 0, sizeof *token);
}

void wse_command_token_clear(wse_command_token *token) {
    free(token->answer);
    memset(token, 0, sizeof *token);
}
