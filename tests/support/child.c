/* SPDX-License-Identifier: MIT */
#include "support/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/must.h"

child child_start(const char *const arguments[]) {
    int input[2], output[2];
    child it;
    MUST(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0);
    it.pid = fork();
    MUST(it.pid >= 0);
    if (it.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    it.input = input[1];
    it.output = output[0];
    return it;
}

void child_read_line(const child *it, char *line, size_t size) {
    size_t length = 0;
    while (length + 1 < size) {
        MUST(read(it->output, line + length, 1) == 1);
        if (line[length] == '\n') break;
        ++length;
    }
    line[length] = '\0';
}

void child_stop(child *it) {
    if (it->pid <= 0) return;
    kill(it->pid, SIGKILL);
    waitpid(it->pid, NULL, 0);
    close(it->input);
    close(it->output);
    it->pid = 0;
}
