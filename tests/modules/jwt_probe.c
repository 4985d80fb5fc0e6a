/* SPDX-License-Identifier: MIT
 * Shows one token to auth_jwt.so: jwt_probe NAME=VALUE ... < TOKEN prints "<user> <claims>" or the
 * refusal that was logged. For tests in other languages; real time. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <wse/test_host.h>

static int ask(wse_test_instance *instance, const char *token) {
    wse_auth_token answer;
    wse_test_instance_ask(instance, 0, WSE_CREDENTIAL_BEARER, token, "192.0.2.1", &answer);
    const bool granted = answer.status == WSE_OK;
    if (granted)
        printf("%s %s\n", answer.user, answer.claims);
    else
        fputs(wse_test_host_log(instance->host), stdout);
    wse_auth_token_clear(&answer);
    return granted ? 0 : 1;
}

int main(int argc, char **argv) {
    static char token[65536];
    wse_test_instance instance;
    int status = 2;
    wse_test_instance_init(&instance, wse_test_load(MODULE_FILE));
    wse_test_host_set_now(instance.host, (uint64_t)time(NULL) * 1000);
    for (int i = 1; i < argc; ++i) {
        char *value = strchr(argv[i], '=');
        if (!value) return 2;
        *value = '\0';
        wse_test_config_set(instance.config, argv[i], value + 1);
    }
    if (!fgets(token, sizeof token, stdin)) return 2;
    token[strcspn(token, "\n")] = '\0';
    if (wse_test_instance_open(&instance) == WSE_OK)
        status = ask(&instance, token);
    else
        puts(instance.error.text);
    wse_test_instance_close(&instance);
    return status;
}
