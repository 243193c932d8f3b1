// A file without a name: what is too much for memory, for as long as the process needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "io/file_identity.hpp"

namespace tracypy::io {

/// One thread. The system frees it when the process ends, however that happens.
class ScratchFile {
public:
    /// In `folder`, which may go away later. Throws base::SystemError.
    explicit ScratchFile(const std::filesystem::path& folder);
    ~ScratchFile() { abandon(); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    /// Where the next append() will put its bytes.
    std::uint64_t size() const noexcept { return size_; }
    /// Throws base::SystemError, also when the program has closed the descriptor (EBADF).
    void append(std::string_view bytes);
    /// Throws base::SystemError, also when there are fewer bytes.
    void read(std::uint64_t offset, char* buffer, std::size_t bytes) const;

    /// Gives the descriptor back; in a forked child, the file is the parent's. Nothing may follow.
    void abandon() noexcept;

private:
    void require_own() const;

    int descriptor_ = -1;
    FileIdentity identity_;
    std::uint64_t size_ = 0;
};

}  // namespace tracypy::io
