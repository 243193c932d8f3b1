#include "io/file_identity.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)
FileIdentity identity_of(int) noexcept {
    return {};
}
#else
FileIdentity identity_of(int descriptor) noexcept {
    struct stat status{};
    if (fstat(descriptor, &status) != 0) return {};
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}
#endif

}  // namespace tracypy::io
