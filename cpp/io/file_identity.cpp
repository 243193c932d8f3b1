#include "io/file_identity.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
#if defined(__APPLE__)
#include <sys/param.h>
#endif

#include <string>
#include <system_error>

namespace tracypy::io {

#if defined(_WIN32)
FileIdentity identity_of(int) noexcept {
    return {};
}
FileIdentity identity_of(const std::filesystem::path&) noexcept {
    return {};
}
#else
namespace {

FileIdentity identity_in(const struct stat& status) noexcept {
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

}  // namespace

FileIdentity identity_of(const std::filesystem::path& path) noexcept {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0) return {};
    return identity_in(status);
}

FileIdentity identity_of(int descriptor) noexcept {
    if (descriptor < 0) return {};  // errno says why there is none, and goes on saying it
    struct stat status{};
    if (fstat(descriptor, &status) != 0) return {};
    return identity_in(status);
}
#endif

#if defined(__linux__)
std::filesystem::path path_of_open(int descriptor) {
    return "/proc/self/fd/" + std::to_string(descriptor);
}
#else
std::filesystem::path path_of_open(int) {
    return {};
}
#endif

#if defined(__linux__)
std::filesystem::path remove_wherever_it_is(int descriptor) {
    std::error_code ignored;
    std::filesystem::path place = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored);
    if (place.empty() || identity_of(place) != identity_of(descriptor)) return {};
    std::filesystem::remove(place, ignored);
    return place;
}
#elif defined(__APPLE__)
std::filesystem::path remove_wherever_it_is(int descriptor) {
    char text[MAXPATHLEN];
    if (fcntl(descriptor, F_GETPATH, text) == -1) return {};
    std::filesystem::path place(text);
    if (identity_of(place) != identity_of(descriptor)) return {};
    std::error_code ignored;
    std::filesystem::remove(place, ignored);
    return place;
}
#else
std::filesystem::path remove_wherever_it_is(int) {
    return {};
}
#endif

}  // namespace tracypy::io
