# SPDX-License-Identifier: MIT
"""Everything that wse/module.h declares and says stands in wse_module(3)."""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = (ROOT / "core/include/wse/module.h").read_text()
PAGE = (ROOT / "man/wse_module.3").read_text()
SCRIPT = ROOT / "tools/lib/module_manual.py"
DECLARED = re.compile(r"#define (WSE_\w+)|\(\*(\w+)\)\(|\} (wse_\w+);|typedef struct \w+ (wse_\w+);")


def plain(text):
    """Without blanks, which the page has elsewhere, and without what roff needs."""
    text = text.replace("…", "...").replace("\\&", "").replace("\\e", "\\")
    return re.sub(r"\s", "", text)


class ModuleManual(unittest.TestCase):
    def test_is_current(self):
        found = subprocess.run([sys.executable, "-B", SCRIPT], capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stderr)

    def test_names_everything_that_is_declared(self):
        declared = {name for names in DECLARED.findall(HEADER) for name in names if name}
        self.assertGreater(len(declared), 100)
        missing = {name for name in declared if not re.search(rf"\b{name}\b", PAGE)}
        self.assertEqual(missing, {"WSE_MODULE_H", "WSE_X"})

    def test_has_every_comment(self):
        page = plain(PAGE)
        for comment in re.findall(r"/\*(.*?)\*/", HEADER, re.S)[1:]:
            words = " ".join(re.sub(r"^\s*\* ?", "", line) for line in comment.split("\n")).strip()
            if words.startswith("----"):
                words = words.strip("- .").partition(": ")[2]
            self.assertIn(plain(words), page)


if __name__ == "__main__":
    unittest.main()
