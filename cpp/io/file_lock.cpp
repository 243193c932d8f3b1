#include "io/file_lock.hpp"

#include "io/native.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#endif

namespace tracypy::io {

#if defined(_WIN32)

// Others may read, write and delete the file meanwhile. A lock on bytes keeps them from reading those: it is put where
// no file has any.
FileLock::FileLock(const std::filesystem::path& path) noexcept {
    const HANDLE file = CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                    nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) return;
    descriptor_ = reinterpret_cast<std::intptr_t>(file);
    OVERLAPPED place{};
    place.Offset = 0xFFFF'FFFE;
    place.OffsetHigh = 0x7FFF'FFFF;
    is_held_ = LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place) != 0 ||
               GetLastError() != ERROR_LOCK_VIOLATION;
}

int FileLock::duplicate() const noexcept {
    return -1;
}

std::filesystem::path FileLock::path_of_file() const {
    return {};
}

bool share_lock(int) noexcept {
    return true;
}

bool is_lock_shared(const std::filesystem::path&) noexcept {
    return false;
}

void FileLock::close() noexcept {
    if (descriptor_ >= 0) CloseHandle(reinterpret_cast<HANDLE>(descriptor_));
    descriptor_ = -1;
}

#else

namespace {

constexpr int kTries = 5;
constexpr timespec kNap{0, 3'000'000};

int open_to_lock(const std::filesystem::path& path) noexcept {
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/// False when others have a lock that does not go together with it.
bool lock(int descriptor, int how) noexcept {
    int result;
    do {
        result = ::flock(descriptor, how | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno != EWOULDBLOCK;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) noexcept : descriptor_(open_to_lock(path)) {
    if (descriptor_ < 0) return;
    const int descriptor = static_cast<int>(descriptor_);
    identity_ = identity_of(descriptor);
    is_held_ = lock(descriptor, LOCK_EX);
    for (int tries = 1; !is_held_ && tries < kTries; ++tries) {
        nanosleep(&kNap, nullptr);
        is_held_ = lock(descriptor, LOCK_EX);
    }
}

std::filesystem::path FileLock::path_of_file() const {
    const int descriptor = static_cast<int>(descriptor_);
    if (descriptor < 0 || identity_of(descriptor) != identity_) return {};
    return path_of_open(descriptor);
}

int FileLock::duplicate() const noexcept {
    const int descriptor = static_cast<int>(descriptor_);
    if (descriptor < 0 || identity_of(descriptor) != identity_) return -1;
    return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

bool share_lock(int descriptor) noexcept {
    return lock(descriptor, LOCK_SH);
}

bool is_lock_shared(const std::filesystem::path& path) noexcept {
    const int descriptor = open_to_lock(path);
    if (descriptor < 0) return false;
    const bool is_shared = lock(descriptor, LOCK_SH) && !lock(descriptor, LOCK_EX);
    ::close(descriptor);
    return is_shared;
}

void FileLock::close() noexcept {
    const int descriptor = static_cast<int>(descriptor_);
    if (descriptor >= 0 && identity_of(descriptor) == identity_) ::close(descriptor);
    descriptor_ = -1;
}

#endif

}  // namespace tracypy::io
