#include "io/error_place.hpp"

#include <filesystem>
#include <utility>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

ErrorPlace::ErrorPlace() noexcept = default;
ErrorPlace::ErrorPlace(int, std::string) noexcept {}
void ErrorPlace::write(std::string_view) const noexcept {}

#else

ErrorPlace::ErrorPlace() noexcept {
    struct stat status{};
    if (fstat(STDERR_FILENO, &status) != 0) return;
    if (S_ISREG(status.st_mode)) file_ = STDERR_FILENO;
    char name[256];
    if (S_ISCHR(status.st_mode) && ttyname_r(STDERR_FILENO, name, sizeof(name)) == 0) terminal_ = name;
}

ErrorPlace::ErrorPlace(int file, std::string terminal) noexcept
    : file_(file),
      terminal_(std::move(terminal)),
      identity_(terminal_.empty() ? FileIdentity{} : identity_of(std::filesystem::path(terminal_))) {}

void ErrorPlace::write(std::string_view text) const noexcept {
    if (file_ >= 0) {
        (void)!::write(file_, text.data(), text.size());
        return;
    }
    if (terminal_.empty()) return;
    const int descriptor = ::open(terminal_.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return;
    if (identity_of(descriptor) == identity_) (void)!::write(descriptor, text.data(), text.size());
    ::close(descriptor);
}

#endif

}  // namespace tracypy::io
