#include "io/part_file.hpp"

#include <utility>

namespace tracypy::io {
namespace {

namespace fs = std::filesystem;

/// Not rename() alone, which would replace a file that has come into being meanwhile.
std::error_code rename_to(const fs::path& from, const fs::path& to, bool overwrite) {
    std::error_code error;
    if (!overwrite) {
        fs::create_hard_link(from, to, error);
        if (!error) {
            fs::remove(from, error);
            return {};
        }
        if (error == std::errc::file_exists || is_taken(to)) return std::make_error_code(std::errc::file_exists);
        // A file system without hard links.
    }
    fs::rename(from, to, error);
    return error;
}

}  // namespace

bool is_taken(const fs::path& path) noexcept {
    std::error_code error;
    return fs::exists(fs::symlink_status(path, error));
}

PartFile::PartFile(fs::path whole) : whole_(std::move(whole)), path_(whole_) {
    path_ += ".part";
    std::error_code ignored;
    fs::remove(path_, ignored);  // rather than written over: it may be a link to somewhere else
    sink_.emplace(path_, FileSink::Existing::Refuse);
}

std::error_code PartFile::give_name(bool overwrite) {
    sink_->close();
    std::error_code error;
    bytes_ = fs::file_size(path_, error);
    if (!error) error = rename_to(path_, whole_, overwrite);
    if (!error) sink_.reset();
    return error;
}

void PartFile::discard() noexcept {
    if (!sink_) return;
    sink_.reset();
    std::error_code ignored;
    fs::remove(path_, ignored);
}

void PartFile::abandon() noexcept {
    if (sink_) sink_->abandon();
}

}  // namespace tracypy::io
