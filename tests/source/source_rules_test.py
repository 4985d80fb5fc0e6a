#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The rules catch what they are for: each sample tree has one violation, or none."""

import os
import sys
import tempfile
import unittest

import source_rules

SPDX = "// SPDX-License-Identifier: MIT\n"


def check(files):
    """The violations of a tree with these files: path -> text after the SPDX line."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(SPDX + text)
        return source_rules.violations(root)


ALLOWED = [
    ("core/base/json.cc", '#include "base/json.h"\n#include <cjson/cJSON.h>\n#include <string>\n'),
    ("core/base/result.h", "#include <wse/module.h>\n"),
    ("core/config/file.cc", '#include <toml++/toml.h>\n#include "base/result.h"\n'),
    ("core/session/gate.cc", '#include "net/handler.h"\n#include "hub/hub.h"\n'),
    ("core/server/main.cc", '#include "admin/command.h"\n#include "session/gate.h"\n'),
    ("core/module/library.cc", "#include <dlfcn.h>\n"),
    ("core/net/tls.cc", "#include <openssl/ssl.h>\n"),
    ("core/admin/http_pages.cc", "#include <libwebsockets.h>\n"),
    ("core/loop/loop.h", "#include <uv.h>\n"),
    ("core/include/wse/module.h", "#include <stdint.h>\n"),
    ("modules/auth_jwt/auth_jwt.cc", "#include <openssl/evp.h>\n#include <wse/module.h>\n"),
    ("modules/auth_http/auth_http.cc", '#include "support/http_client.h"\n'),
    ("modules/support/http_client/response_reader.cc", "#include <http_parser.h>\n"),
    ("plugins/observer_counter/counter.c", "#include <wse/module.h>\n"),
    ("plugins/observer_counter/counter_test.c", "#include <wse/test_host.h>\n"),
    ("tests/unit/net/tls_test.cc", '#include <openssl/ssl.h>\n#include "net/tls.h"\n'),
]

REFUSED = [
    ("core/base/log.cc", '#include "loop/loop.h"\n', "base may not include loop"),
    ("core/config/load.cc", '#include "module/auth.h"\n', "config may not include module"),
    ("core/loop/loop.cc", '#include "net/handler.h"\n', "loop may not include net"),
    ("core/module/auth.cc", '#include "session/gate.h"\n', "module may not include session"),
    ("core/proto/envelope.cc", '#include "hub/hub.h"\n', "proto may not include hub"),
    ("core/hub/hub.cc", '#include "loop/mailbox.h"\n', "hub may not include loop"),
    ("core/hub/hub.cc", "#include <uv.h>\n", "<uv.h> is only for"),
    ("core/net/http.cc", '  #  include  "session/gate.h"\n', "net may not include session"),
    ("core/session/gate.cc", '#include "admin/command.h"\n', "session may not include admin"),
    ("core/admin/control.cc", '#include "hub/hub.h"\n', "admin may not include hub"),
    ("core/session/gate.cc", '#include "server/main.h"\n', "session may not include server"),
    ("core/net/tls.cc", '#include "tls.h"\n', "does not begin with a folder of core"),
    ("core/net/tls.cc", '#include "../net/tls.h"\n', "does not begin with a folder of core"),
    ("core/fresh/thing.cc", '#include "base/log.h"\n', "no folder 'fresh'"),
    ("core/net/tls.cc", "#include <wse/other.h>\n", "only header in <wse/...>"),
    ("core/config/load.cc", "#include <toml++/toml.h>\n", "only for core/config/file.cc"),
    ("core/base/json_scan.cc", "#include <cjson/cJSON.h>\n", "only for core/base/json.cc"),
    ("core/base/random.cc", "#include <openssl/rand.h>\n", "only for core/base/digest.cc, core/net/tls*.cc"),
    ("core/net/tls.cc", "#include <libwebsockets.h>\n", "only for core/admin/http*.cc"),
    ("core/session/gate.cc", "#include <http_parser.h>\n", "only for core/net/*"),
    ("core/module/loader.cc", "#include <dlfcn.h>\n", "only for core/module/library.cc"),
    ("modules/auth_jwt/jwt.cc", "#include <dlfcn.h>\n", "only for core/module/library.cc"),
    ("modules/auth_http/ask.cc", "#include <libwebsockets.h>\n", "only for core/admin/http*.cc"),
    ("modules/auth_jwt/jwt.cc", '#include "base/json.h"\n', "a module may include its own"),
    ("modules/auth_jwt/jwt.cc", '#include "../auth_http/ask.h"\n', "a module may include its own"),
    ("modules/auth_jwt/jwt.cc", '#include "wse/module.h"\n', "a module may include its own"),
    ("modules/auth_jwt/jwt.cc", "#include <wse/internal.h>\n", "not <wse/internal.h>"),
    ("plugins/counter/counter.c", "#include <wse/test_host.h>\n", "a module may include"),
    ("plugins/counter/counter.c", '#include "support/http_client.h"\n', "a module may include"),
]


class Includes(unittest.TestCase):
    def test_what_is_allowed_passes(self):
        for path, text in ALLOWED:
            with self.subTest(path=path, text=text):
                self.assertEqual(check({path: text}), [])

    def test_what_is_refused_is_caught(self):
        for path, text, reason in REFUSED:
            with self.subTest(path=path, text=text):
                found = check({path: text})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{path}:2: "), found[0])
                self.assertIn(reason, found[0])

    def test_a_module_may_include_its_own_files(self):
        module = "modules/auth_jwt/"
        self.assertEqual(check({module + "jwt.cc": '#include "keys.h"\n', module + "keys.h": ""}), [])
        self.assertEqual(
            check({module + "src/jwt.cc": '#include "src/keys.h"\n', module + "src/keys.h": ""}), [])

    def test_a_module_may_include_what_modules_share(self):
        self.assertEqual(
            check({"modules/auth_jwt/jwt.cc": '#include "jws/key.h"\n#include "support/jws/key.h"\n',
                   "modules/support/jws/key.h": ""}), [])

    def test_a_module_cannot_reach_the_core_in_angle_brackets(self):
        found = check({"modules/a/a.cc": "#include <base/log.h>\n", "core/base/log.h": ""})
        self.assertIn("may not include the core", found[0])

    def test_a_comment_is_no_include(self):
        self.assertEqual(check({"core/base/log.cc": '// #include "loop/loop.h"\n'}), [])


class Files(unittest.TestCase):
    def test_800_lines_are_allowed_and_801_are_not(self):
        self.assertEqual(check({"tools/a/a.cc": "\n" * 799}), [])
        self.assertIn("801 lines", check({"tools/a/a.cc": "\n" * 800})[0])

    def test_a_file_without_the_license_line_is_caught(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "tools", "build"))
            for name, text in (("a.cc", "int a;\n"), ("run", "#!/bin/sh\n"), ("b.py", ""),
                               ("packages", "no script\n"), ("build/made.c", "int b;\n")):
                with open(os.path.join(root, "tools", name), "w", encoding="utf-8") as file:
                    file.write(text)
            found = source_rules.violations(root)
        self.assertEqual([it.split(":")[0] for it in found],
                         ["tools/a.cc", "tools/b.py", "tools/run"])


class Rules(unittest.TestCase):
    def test_the_directions_have_no_circle(self):
        done = set()
        while len(done) < len(source_rules.DIRECTIONS):
            ready = {name for name, needs in source_rules.DIRECTIONS.items()
                     if name not in done and needs <= done}
            self.assertTrue(ready, "a circle among " + str(set(source_rules.DIRECTIONS) - done))
            done |= ready


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + ["-q"])
