/* SPDX-License-Identifier: MIT
 * What an application does: its commands and calls are kept for the test, and answered. */
#include <string.h>

#include "internal.h"

static void command_add(wse_test_host *host, const wse_app_command *command) {
    wse_app_command copy = *command;
    copy.connection = bytes_copy(command->connection);
    copy.topic = bytes_copy(command->topic);
    copy.data = bytes_copy(command->data);
    if (command->message) {
        wse_message *message = calloc(1, sizeof *message);
        MUST(message);
        *message = message_copy(command->message);
        copy.message = message;
    }
    host->commands = host_grow(host->commands, host->command_count, sizeof *host->commands);
    host->commands[host->command_count++] = copy;
}

/* Answered with the next turn. */
static void calling_add(wse_test_host *host, int32_t status, const char *answer,
                        void (*done)(void *, int32_t, wse_bytes), void *arg) {
    const wse_bytes text = {answer, answer ? strlen(answer) : 0};
    if (!done) return;
    host->callings = host_grow(host->callings, host->calling_count, sizeof *host->callings);
    host->callings[host->calling_count++] = (struct calling){done, arg, status, bytes_copy(text)};
}

static int32_t host_app_command(const wse_host *abi, wse_loop *loop, const wse_app_command *command,
                                void (*done)(void *, int32_t, wse_bytes), void *arg) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "app_command")) return WSE_EINVAL;
    if (!command || command->struct_size < sizeof *command) {
        host_misuse(host, "a wse_app_command that is none was passed");
        return WSE_EINVAL;
    }
    if (host->command_count == MAX_MESSAGES || host->called_status == WSE_EAGAIN) return WSE_EAGAIN;
    command_add(host, command);
    calling_add(host, host->called_status, host->called_answer, done, arg);
    return WSE_OK;
}

static int32_t host_api_call(const wse_host *abi, wse_loop *loop, wse_bytes operation,
                             wse_bytes params, void (*done)(void *, int32_t, wse_bytes),
                             void *arg) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "api_call")) return WSE_EINVAL;
    if (host->call_count == MAX_MESSAGES || host->called_status == WSE_EAGAIN) return WSE_EAGAIN;
    host->calls = host_grow(host->calls, host->call_count, sizeof *host->calls);
    host->calls[host->call_count++] = (wse_test_call){bytes_copy(operation), bytes_copy(params)};
    calling_add(host, host->called_status, host->called_answer, done, arg);
    return WSE_OK;
}

static int32_t host_batch_progress(const wse_host *abi, wse_loop *loop, wse_batch_token *token) {
    wse_test_host *host = host_of(abi);
    if (!host_on_service_loop(host, loop, "batch_progress")) return WSE_EINVAL;
    if (!token || token->answers > 0) {
        host_misuse(host, "batch_progress was called for a batch that is done, or for none");
        return WSE_EINVAL;
    }
    ++token->progress;
    return WSE_OK;
}

void app_answer_callings(wse_test_host *host) {
    struct calling *callings = host->callings;
    const uint64_t count = host->calling_count;
    host->callings = NULL;
    host->calling_count = 0;
    for (uint64_t i = 0; i < count; ++i) {
        callings[i].done(callings[i].arg, callings[i].status, callings[i].answer);
        bytes_free(callings[i].answer);
    }
    free(callings);
}

void wse_test_host_set_called(wse_test_host *host, int32_t status, const char *answer) {
    host->called_status = status;
    free(host->called_answer);
    host->called_answer = answer ? host_copy((wse_bytes){answer, strlen(answer)}) : NULL;
}

wse_test_commands wse_test_host_commands(const wse_test_host *host) {
    return (wse_test_commands){host->commands, host->command_count};
}

wse_test_calls wse_test_host_calls(const wse_test_host *host) {
    return (wse_test_calls){host->calls, host->call_count};
}

void app_fill(wse_host *abi) {
    abi->app_command = host_app_command;
    abi->api_call = host_api_call;
    abi->batch_progress = host_batch_progress;
}

void app_free(wse_test_host *host) {
    for (uint64_t i = 0; i < host->command_count; ++i) {
        const wse_app_command *command = &host->commands[i];
        bytes_free(command->connection);
        bytes_free(command->topic);
        bytes_free(command->data);
        if (command->message) message_free(command->message);
        free((void *)(uintptr_t)command->message);
    }
    free(host->commands);
    for (uint64_t i = 0; i < host->call_count; ++i) {
        bytes_free(host->calls[i].operation);
        bytes_free(host->calls[i].params);
    }
    free(host->calls);
    for (uint64_t i = 0; i < host->calling_count; ++i) bytes_free(host->callings[i].answer);
    free(host->callings);
    free(host->called_answer);
}
