#include "io/scratch_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.hpp"

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <process.h>
#include <sys/stat.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace tracypy::io {
namespace {

[[noreturn]] void fail(int error, base::ErrorCode code) {
    throw base::SystemError(error, {code, {std::generic_category().message(error)}});
}

#ifdef _WIN32

int open_unnamed(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / ("tracypy-" + std::to_string(_getpid()) + ".scratch");
    // Temporary: goes away with its last descriptor.
    return _wopen(path.c_str(), _O_RDWR | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT | _O_TEMPORARY,
                  _S_IREAD | _S_IWRITE);
}

long long write_some(int descriptor, const char* bytes, std::size_t size, std::uint64_t offset) {
    if (_lseeki64(descriptor, static_cast<long long>(offset), SEEK_SET) < 0) return -1;
    return _write(descriptor, bytes, static_cast<unsigned>(size));
}

long long read_some(int descriptor, char* bytes, std::size_t size, std::uint64_t offset) {
    if (_lseeki64(descriptor, static_cast<long long>(offset), SEEK_SET) < 0) return -1;
    return _read(descriptor, bytes, static_cast<unsigned>(size));
}

void close_descriptor(int descriptor) noexcept {
    _close(descriptor);
}

#else

int open_unnamed(const std::filesystem::path& folder) {
#ifdef O_TMPFILE
    const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) return descriptor;
#endif
    // Not every file system has files without a name: this one loses its own at once.
    std::string path = (folder / ".tracypy-XXXXXX").native();
    const int named = ::mkstemp(path.data());
    if (named < 0) return named;
    ::unlink(path.c_str());
    ::fcntl(named, F_SETFD, FD_CLOEXEC);
    return named;
}

long long write_some(int descriptor, const char* bytes, std::size_t size, std::uint64_t offset) {
    return ::pwrite(descriptor, bytes, size, static_cast<off_t>(offset));
}

long long read_some(int descriptor, char* bytes, std::size_t size, std::uint64_t offset) {
    return ::pread(descriptor, bytes, size, static_cast<off_t>(offset));
}

void close_descriptor(int descriptor) noexcept {
    ::close(descriptor);
}

#endif

}  // namespace

ScratchFile::ScratchFile(const std::filesystem::path& folder) : descriptor_(open_unnamed(folder)) {
    if (descriptor_ < 0) fail(errno, base::ErrorCode::ScratchNotMade);
    identity_ = identity_of(descriptor_);
}

void ScratchFile::require_own() const {
    if (descriptor_ < 0 || !(identity_of(descriptor_) == identity_)) fail(EBADF, base::ErrorCode::ScratchClosed);
}

void ScratchFile::append(std::string_view bytes) {
    require_own();
    while (!bytes.empty()) {
        const long long written = write_some(descriptor_, bytes.data(), bytes.size(), size_);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail(written < 0 ? errno : EIO, base::ErrorCode::ScratchNotWritten);
        size_ += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void ScratchFile::read(std::uint64_t offset, char* buffer, std::size_t bytes) const {
    require_own();
    while (bytes != 0) {
        const long long found = read_some(descriptor_, buffer, bytes, offset);
        if (found < 0 && errno == EINTR) continue;
        if (found <= 0) fail(found < 0 ? errno : EIO, base::ErrorCode::ScratchNotRead);
        offset += static_cast<std::uint64_t>(found);
        buffer += found;
        bytes -= static_cast<std::size_t>(found);
    }
}

void ScratchFile::abandon() noexcept {
    if (descriptor_ >= 0 && identity_of(descriptor_) == identity_) close_descriptor(descriptor_);
    descriptor_ = -1;
}

}  // namespace tracypy::io
