#include "io/file_lock.hpp"

#include "io/native.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
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

void FileLock::close() noexcept {
    if (descriptor_ >= 0) CloseHandle(reinterpret_cast<HANDLE>(descriptor_));
    descriptor_ = -1;
}

#else

FileLock::FileLock(const std::filesystem::path& path) noexcept
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (descriptor_ < 0) return;
    identity_ = identity_of(static_cast<int>(descriptor_));
    int result;
    do {
        result = ::flock(static_cast<int>(descriptor_), LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    is_held_ = result == 0 || errno != EWOULDBLOCK;
}

void FileLock::close() noexcept {
    const int descriptor = static_cast<int>(descriptor_);
    if (descriptor >= 0 && identity_of(descriptor) == identity_) ::close(descriptor);
    descriptor_ = -1;
}

#endif

}  // namespace tracypy::io
