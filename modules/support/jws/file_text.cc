// SPDX-License-Identifier: MIT
#include "jws/file_text.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace wse::jws {
namespace {

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); }
};

}  // namespace

FileText::~FileText() {
    OPENSSL_cleanse(text.data(), text.size());
}

void read_file(const std::string &path, size_t max, FileText &ret) {
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
    if (!file) {
        ret.problem = path + ": " + std::strerror(errno);
        return;
    }
    ret.text.resize(max + 1);
    ret.text.resize(std::fread(ret.text.data(), 1, ret.text.size(), file.get()));
    if (std::ferror(file.get())) ret.problem = path + ": cannot be read";
    if (ret.text.size() > max)
        ret.problem = path + ": over " + std::to_string(max / 1024) + " KiB, the limit for keys";
}

}  // namespace wse::jws
