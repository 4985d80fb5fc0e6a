// SPDX-License-Identifier: MIT
// wsectl module: for who writes a module, or gets one from somebody. No server is asked.
#include <stdio.h>

#include "module/image.h"
#include "wsectl/command.h"
#include "wsectl/project.h"
#include "wsectl/show_module.h"
#include "wsectl/text.h"

namespace wse::ctl {

int run_module_new(const Globals &, const Words &words) {
    ProjectPlan plan{words.words[0], words.words[1], words.option("lang").value_or("c"),
                     words.option("directory").value_or(words.words[1])};
    const auto templates = template_directory();
    if (!templates) return complain(kRefused, templates.error().text);
    const auto files = write_project(plan, *templates);
    if (!files) return complain(kRefused, files.error().text);
    for (const std::string &file : *files) printf("%s/%s\n", plan.directory.c_str(), file.c_str());
    printf("\ncd %s && cmake -B build && cmake --build build && ctest --test-dir build\n",
           plan.directory.c_str());
    return kDone;
}

int run_module_inspect(const Globals &globals, const Words &words) {
    const std::string &path = words.words[0];
    const auto image = module::Image::read(path);
    if (!image) return complain(kRefused, printable(image.error().text));
    const std::string text = globals.json ? module_as_json(path, *image) + '\n'
                                          : show_module(path, *image, Style::of_stdout());
    fputs(text.c_str(), stdout);
    return image->descriptor() ? kDone : kRefused;
}

}  // namespace wse::ctl
