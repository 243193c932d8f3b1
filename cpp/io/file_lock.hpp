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
    /// Tries to lock a file that exists. Where the system has no such locks, no other process ever has one. It takes a
    /// few milliseconds to fail: who only looks has a lock for a moment, too.
    explicit FileLock(const std::filesystem::path& path) noexcept;
    ~FileLock() { close(); }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    /// False: another process has it, or another FileLock of this one.
    bool is_held() const noexcept { return is_held_; }
    /// To read the file by, wherever it is by now: for the caller to close. -1 when it cannot be had.
    int duplicate() const noexcept;
    /// As path_of_open(); empty when the descriptor is not ours any more.
    std::filesystem::path path_of_file() const;
    /// In a forked child this leaves the parent's lock as it is.
    void close() noexcept;

private:
    std::intptr_t descriptor_ = -1;  // a HANDLE on Windows
    FileIdentity identity_;
    bool is_held_ = true;
};

/// Shares the lock of an open file with others that do so, as those who make a trace of a journal do: it tells them
/// from the program that writes it. Until the descriptor is closed. False: a FileLock is held.
bool share_lock(int descriptor) noexcept;

/// No process has a FileLock, but at least one shares the lock.
bool is_lock_shared(const std::filesystem::path& path) noexcept;

}  // namespace tracypy::io
