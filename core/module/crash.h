// SPDX-License-Identifier: MIT
// Says which module a fatal signal came from, in one line, before the process dies of it:
//     crash signal=SEGV module=auth_x function=authenticate loop=loop-0 code=auth_x
// `module`, `function` and `loop` are those of the call that the thread was in; in a thread of a
// module's own the first is that of the code that ran, and the others are "-".
#pragma once

namespace wse::module {

// [main] Once, in the process that has the modules: for SIGSEGV, SIGBUS, SIGFPE, SIGILL and
// SIGABRT. What was installed before (a sanitizer's handler, or the default) follows afterwards.
void install_crash_handler();

}  // namespace wse::module
