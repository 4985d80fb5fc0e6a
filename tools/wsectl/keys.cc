// SPDX-License-Identifier: MIT
// wsectl keys: who may use the HTTP API.
#include <stdio.h>

#include "admin/api_keys.h"
#include "base/json_writer.h"
#include "wsectl/ask.h"

namespace wse::ctl {

int run_keys(const Globals &globals, const Words &) {
    return ask_and_print(globals, "keys", "{}", show_keys);
}

int run_keys_reload(const Globals &globals, const Words &) {
    return ask_and_print(globals, "keys.reload", "{}", [](JsonView result, const Style &) {
        return "read " + counted(result["keys"].integer().value_or(0), "key") + "\n";
    });
}

// Asks no server, and keeps nothing: the key is shown once.
int run_keys_new(const Globals &globals, const Words &words) {
    const auto made = admin::new_api_key(words.words[0]);
    if (!made) return complain(kUsage, made.error().text);
    if (globals.json) {
        JsonWriter out;
        out.begin_object().member("key", made->key).member("hash", made->hash);
        out.member("line", made->line).end_object();
        puts(out.text().c_str());
        return kDone;
    }
    printf("the key, for the backend:         %s\n", made->key.c_str());
    printf("its line, for http.key_file:      %s\n", made->line.c_str());
    printf("or, in the configuration:         [http.keys] %s = \"%s\"\n", words.words[0].c_str(),
           made->hash.c_str());
    return kDone;
}

}  // namespace wse::ctl
