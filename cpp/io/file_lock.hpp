// Says to other processes that a file is in use. The system takes it back when the process ends, however that ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "io/file_identity.hpp"

namespace tracypy::io {

/// Advisory: it stops only those who ask. Not passed on to programs that are started.
class FileLock {
public:
    /// Tries to lock a file that exists. Where the system has no such locks, nobody else ever has one.
    explicit FileLock(const std::filesystem::path& path) noexcept;
    ~FileLock() { close(); }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    /// False: another process has it, or another FileLock of this one.
    bool is_held() const noexcept { return is_held_; }
    /// In a forked child this leaves the parent's lock as it is.
    void close() noexcept;

private:
    std::intptr_t descriptor_ = -1;  // a HANDLE on Windows
    FileIdentity identity_;
    bool is_held_ = true;
};

}  // namespace tracypy::io
