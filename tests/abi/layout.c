/* SPDX-License-Identifier: MIT
 * Prints the layout of the ABI, "struct member offset size" a line, then the size of each struct as
 * member "-". Does not compile on an LP64 machine unless everything in layout-1.txt is as it was
 * published there. */
#include <stdio.h>

#include <wse/module.h>

#if defined(__LP64__)
#define PUBLISHED(type, member, at, size)                                           \
    _Static_assert(offsetof(type, member) == (at), #type "." #member " has moved"); \
    _Static_assert(sizeof(((type *)0)->member) == (size), #type "." #member " has another size");
#include "layout_published.h"
#endif

int main(void) {
#define MEMBER(type, member)                                               \
    printf(#type " " #member " %u %u\n", (unsigned)offsetof(type, member), \
           (unsigned)sizeof(((type *)0)->member));
#include "layout_members.h"
#define SIZE(type) printf(#type " - 0 %u\n", (unsigned)sizeof(type));
    SIZE(wse_bytes)
    SIZE(wse_error)
    SIZE(wse_message)
    SIZE(wse_strings)
    SIZE(wse_pair)
    SIZE(wse_pairs)
    SIZE(wse_option)
    SIZE(wse_auth_request)
    SIZE(wse_auth_result)
    SIZE(wse_auth_ops)
    SIZE(wse_transform_ops)
    SIZE(wse_event)
    SIZE(wse_event_ops)
    SIZE(wse_snapshot_request)
    SIZE(wse_snapshot)
    SIZE(wse_snapshot_ops)
    SIZE(wse_topic_use)
    SIZE(wse_followed)
    SIZE(wse_fact)
    SIZE(wse_backplane_ops)
    SIZE(wse_app_event)
    SIZE(wse_question)
    SIZE(wse_reply)
    SIZE(wse_app_command)
    SIZE(wse_app_ops)
    SIZE(wse_observation)
    SIZE(wse_observer_ops)
    SIZE(wse_host)
    SIZE(wse_module_def)
    return 0;
}
