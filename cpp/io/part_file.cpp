#include "io/part_file.hpp"

#include <cerrno>
#include <exception>
#include <utility>

#include "base/error.hpp"
#include "io/file_errors.hpp"

namespace tracypy::io {
namespace {

namespace fs = std::filesystem;

bool is_special(const fs::file_status& status) {
    return fs::is_character_file(status) || fs::is_block_file(status) || fs::is_fifo(status) || fs::is_socket(status);
}

fs::path part_of(fs::path whole) {
    return whole += ".part";
}

bool is_locked(const fs::path& part) noexcept {
    std::error_code error;
    return fs::is_regular_file(fs::symlink_status(part, error)) && !FileLock(part).is_held();
}

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

void refuse_existing(const fs::path& path) {
    throw base::SystemError(EEXIST, base::problem<base::ErrorCode::FileExists>(text_of(path)));
}

void require_free(const fs::path& path, bool overwrite) {
    if (path.empty()) throw base::SystemError(ENOENT, base::problem<base::ErrorCode::NoFileName>());
    std::error_code error;
    if (fs::is_directory(path, error))
        throw base::SystemError(EISDIR, base::problem<base::ErrorCode::FileIsFolder>(text_of(path)));
    const fs::file_status status = fs::symlink_status(path, error);
    if (is_special(status))
        throw base::SystemError(EEXIST, base::problem<base::ErrorCode::FileIsDevice>(text_of(path)));
    if (!overwrite && fs::exists(status)) refuse_existing(path);
}

void make_folder_of(const fs::path& path) {
    if (!path.has_parent_path()) return;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) fail(error, base::ErrorCode::CannotMakeFolder, {text_of(path)});
}

PartFile::PartFile(fs::path whole, Busy busy) : whole_(std::move(whole)), path_(part_of(whole_)) {
    open(busy);
}

bool PartFile::is_busy(const fs::path& whole) noexcept try {
    return is_locked(part_of(whole));
} catch (const std::exception&) {
    return false;  // no memory for a path
}

void PartFile::open(Busy busy) {
    if (busy == Busy::Refuse && is_locked(path_)) {
        throw base::SystemError(EEXIST, base::problem<base::ErrorCode::FileIsBusy>(text_of(whole_)));
    }
    std::error_code ignored;
    fs::remove(path_, ignored);  // rather than written over: it may be a link to somewhere else
    sink_ = std::make_unique<FileSink>(path_, FileSink::Existing::Refuse);
    lock_.emplace(path_);
}

void PartFile::make_again() {
    const std::unique_ptr<FileSink> lost = std::move(sink_);
    lock_.reset();
    make_folder_of(path_);
    open(Busy::Refuse);
    sink_->take_over(*lost);
}

std::error_code PartFile::give_name(bool overwrite) {
    if (!sink_->is_in_place()) make_again();
    sink_->close();
    std::error_code error;
    bytes_ = fs::file_size(path_, error);
    if (!error) error = rename_to(path_, whole_, overwrite);
    if (!error) keep();
    return error;
}

void PartFile::discard() noexcept {
    if (!sink_) return;
    const bool is_ours = sink_->is_in_place();
    try {
        if (!is_ours) sink_->remove_moved();
    } catch (const std::exception&) {
        // No memory for a path.
    }
    sink_.reset();
    std::error_code ignored;
    if (is_ours) fs::remove(path_, ignored);
    lock_.reset();
}

void PartFile::keep() noexcept {
    sink_.reset();
    lock_.reset();
}

void PartFile::abandon() noexcept {
    if (sink_) sink_->abandon();
    if (lock_) lock_->close();
}

}  // namespace tracypy::io
