#include "io/file_lock.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace tracypy::io {

#if defined(_WIN32)

FileLock::FileLock(const std::filesystem::path&) noexcept {}
void FileLock::close() noexcept {}

#else

FileLock::FileLock(const std::filesystem::path& path) noexcept
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) return;
    int result;
    do {
        result = ::flock(descriptor_, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    is_held_ = result == 0 || errno != EWOULDBLOCK;
}

void FileLock::close() noexcept {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

#endif

}  // namespace tracypy::io
