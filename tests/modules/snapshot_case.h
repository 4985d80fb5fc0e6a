/* SPDX-License-Identifier: MIT
 * Questions to a built module of kind snapshot, and their answers. */
#ifndef WSE_TESTS_SNAPSHOT_CASE_H
#define WSE_TESTS_SNAPSHOT_CASE_H

#include <wse/test_host.h>

typedef struct snapshot_question {
    const char *topic;
    const char *user;
    const char *params;
    uint64_t epoch, offset;
} snapshot_question;

/* What request returned; when it is WSE_OK the token is owed an answer. */
int32_t snapshot_begin(wse_test_instance *instance, const snapshot_question *question,
                       wse_snapshot_token *token);
/* Turns the loop until it came; fails the test when it does not. */
void snapshot_wait(wse_test_instance *instance, const wse_snapshot_token *token);
/* Both; gives the status. Clear the token. */
int32_t snapshot_ask(wse_test_instance *instance, const char *topic, wse_snapshot_token *token);
/* The state of the topic, which must be there. */
void snapshot_is(wse_test_instance *instance, const char *topic, const char *data);
/* It must have none, for this reason. */
void snapshot_fails(wse_test_instance *instance, const char *topic, int32_t status);
/* Turns the loop until the counter has at least this value. */
void snapshot_wait_for(wse_test_instance *instance, const char *counter, int64_t value);

#endif
