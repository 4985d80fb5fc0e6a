/* SPDX-License-Identifier: MIT
 * Events for a built module of kind app, questions, and its end. */
#ifndef WSE_TESTS_APP_CASE_H
#define WSE_TESTS_APP_CASE_H

#include <wse/test_host.h>

typedef struct app_event { /* NULL is what does not apply */
    uint32_t event;
    const char *connection, *user, *topic, *type, *id, *data;
    uint32_t code;
} app_event;

typedef struct app_question {
    uint32_t question;
    const char *connection, *user, *topic, *type, *data, *peer;
} app_question;

/* Delivers a batch of at most 1024; the token is owed its end. */
void app_begin(wse_test_instance *instance, const app_event *events, uint64_t count,
               wse_batch_token *token);
/* Turns the loop until the batch is done; fails the test when it does not end. */
void app_wait(wse_test_instance *instance, const wse_batch_token *token);
/* Both. */
void app_deliver(wse_test_instance *instance, const app_event *events, uint64_t count,
                 wse_batch_token *token);

/* What ask returned; when it is WSE_OK the token is owed an answer. */
int32_t app_ask_begin(wse_test_instance *instance, const app_question *question,
                      wse_ask_token *token);
/* The status in the end. Clear the token. */
int32_t app_ask(wse_test_instance *instance, const app_question *question, wse_ask_token *token);

/* Turns the loop until the counter has at least this value. */
void app_wait_for(wse_test_instance *instance, const char *counter, int64_t value);
/* Turns the loop until the log has this in it. */
void app_wait_for_log(wse_test_instance *instance, const char *part);

/* The end in two steps, between which counters and the log can be read. */
void app_stop(wse_test_instance *instance);
void app_close_stopped(wse_test_instance *instance);

#endif
