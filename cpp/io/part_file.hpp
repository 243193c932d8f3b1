// Files that appear under their name when they are whole: until then they have ".part" behind it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "io/file_lock.hpp"
#include "io/file_stream.hpp"

namespace tracypy::io {

/// Whether the name is taken: by a link that leads nowhere, too.
bool is_taken(const std::filesystem::path& path) noexcept;

/// Throws base::SystemError (EEXIST) if the name is taken and may not be overwritten. Folders, devices and pipes never
/// are: a file would take their place.
void require_free(const std::filesystem::path& path, bool overwrite);
[[noreturn]] void refuse_existing(const std::filesystem::path& path);

/// Makes the folder of a file again that somebody has deleted, or moved elsewhere. Throws base::SystemError.
void make_folder_of(const std::filesystem::path& path);

/// One thread.
class PartFile {
public:
    /// Makes it beside `whole`; whatever was left behind under its name is gone. Throws base::SystemError, with EEXIST
    /// when another program, or another part of this one, is at work there; unless it is known to be none that matters.
    enum class Busy { Refuse, Replace };
    explicit PartFile(std::filesystem::path whole, Busy busy = Busy::Refuse);
    ~PartFile() { discard(); }
    /// Whether another program, or another part of this one, is at work there.
    static bool is_busy(const std::filesystem::path& whole) noexcept;
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    FileSink& sink() noexcept { return *sink_; }

    /// Closes it and gives it the name it is meant for. std::errc::file_exists: that is taken, and may not be
    /// overwritten. When somebody has deleted or moved the file, or its folder, both are made again. Throws
    /// base::SystemError when the bytes cannot be written.
    [[nodiscard]] std::error_code give_name(bool overwrite);
    std::uint64_t bytes() const noexcept { return bytes_; }  // once it is closed
    /// Removes it, unless it has been given its name. Nothing may follow.
    void discard() noexcept;
    /// Leaves it where it is, under its own name. Nothing may follow.
    void keep() noexcept;

    /// In a forked child: the file is the parent's.
    void abandon() noexcept;

private:
    void open(Busy busy);
    void make_again();

    std::filesystem::path whole_, path_;
    std::unique_ptr<FileSink> sink_;  // until it has its name
    std::optional<FileLock> lock_;
    std::uint64_t bytes_ = 0;
};

}  // namespace tracypy::io
