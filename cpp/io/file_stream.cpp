#include "io/file_stream.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "io/file_errors.hpp"

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#else
#if defined(__linux__)
#include <stdio_ext.h>
#endif
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace tracypy::io {
namespace {

// A file is never for the children of the program.
#ifdef _WIN32
std::FILE* open_file(const std::filesystem::path& path, std::string_view mode) {
    // Not _wfopen(): not every C library there knows "x".
    const bool is_read = mode.starts_with('r');
    const int how = is_read ? _O_RDONLY : _O_RDWR | _O_CREAT | (mode.ends_with('x') ? _O_EXCL : _O_TRUNC);
    const int descriptor = _wopen(path.c_str(), how | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE);
    return descriptor < 0 ? nullptr : _wfdopen(descriptor, is_read ? L"rb" : L"w+b");
}
#else
std::FILE* open_file(const std::filesystem::path& path, std::string_view mode) {
    return std::fopen(path.c_str(), std::string(mode).append("e").c_str());
}
#endif

const std::filesystem::path& without_waiting(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_fifo(status) || std::filesystem::is_character_file(status)) {
        throw base::SystemError(ESPIPE, base::problem<base::ErrorCode::NotAFile>(text_of(path)));
    }
    return path;
}

int descriptor_of(std::FILE* file) noexcept {
#ifdef _WIN32
    return _fileno(file);
#else
    return fileno(file);
#endif
}

/// The C library would write it at the program's end.
void forget_buffered(std::FILE* file) noexcept {
#if defined(__linux__)
    __fpurge(file);
#elif defined(__APPLE__)
    fpurge(file);
#else
    (void)file;
#endif
}

std::FILE* open_descriptor(int descriptor) {
#ifdef _WIN32
    std::FILE* const file = _fdopen(descriptor, "rb");
    if (file == nullptr && descriptor >= 0) _close(descriptor);
#else
    std::FILE* const file = ::fdopen(descriptor, "rb");
    if (file == nullptr && descriptor >= 0) ::close(descriptor);
#endif
    return file;
}

enum class Reserved { Yes, No, Failed };

/// The process may not write files as large as that (ulimit -f): reserving does not ask, writing does.
bool is_too_large(std::uint64_t bytes) noexcept {
#ifdef _WIN32
    (void)bytes;
    return false;
#else
    rlimit limit{};
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur;
#endif
}

#if defined(__linux__)
Reserved reserve_blocks(std::FILE* file, std::uint64_t bytes) noexcept {
    int result;
    do {
        result = fallocate(fileno(file), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes));
    } while (result != 0 && errno == EINTR);
    if (result == 0) return Reserved::Yes;
    return errno == EOPNOTSUPP || errno == ENOSYS ? Reserved::No : Reserved::Failed;
}
#elif defined(__APPLE__)
Reserved reserve_blocks(std::FILE* file, std::uint64_t bytes) noexcept {
    // It adds to what the file has already: 512 bytes are a block, whatever the file system.
    struct stat status{};
    if (fstat(fileno(file), &status) != 0) return Reserved::Failed;
    const off_t missing = static_cast<off_t>(bytes) - static_cast<off_t>(status.st_blocks) * 512;
    if (missing <= 0) return Reserved::Yes;
    fstore_t store{F_ALLOCATEALL, F_PEOFPOSMODE, 0, missing, 0};
    if (fcntl(fileno(file), F_PREALLOCATE, &store) != -1) return Reserved::Yes;
    return errno == ENOTSUP ? Reserved::No : Reserved::Failed;
}
#else
Reserved reserve_blocks(std::FILE*, std::uint64_t) noexcept {
    return Reserved::No;
}
#endif

/// Gives back the blocks behind the end of the file.
bool trim(std::FILE* file) noexcept {
#ifdef _WIN32
    (void)file;
    return true;
#else
    const off_t end = ftello(file);
    return end >= 0 && ftruncate(fileno(file), end) == 0;
#endif
}

}  // namespace

FileHandle::FileHandle(const std::filesystem::path& path, const char* mode)
    : path_(path), file_(open_file(path, mode)) {
    if (!file_) fail(base::ErrorCode::CannotOpen);
    identity_ = identity_of(descriptor());
}

FileHandle::FileHandle(const std::filesystem::path& path, int descriptor)
    : path_(path), file_(open_descriptor(descriptor)) {
    if (!file_) fail(base::ErrorCode::CannotOpen);
    identity_ = identity_of(descriptor);
}

int FileHandle::descriptor() const noexcept {
    return descriptor_of(file_.get());
}

FileHandle::~FileHandle() {
    if (file_ && !is_own()) forget_buffered(file_.release());
}

bool FileHandle::is_own() const noexcept {
    return identity_of(descriptor()) == identity_;
}

void FileHandle::require_own() const {
    if (is_own()) return;
    fail_closed();
}

void FileHandle::fail_closed() const {
    throw base::SystemError(EBADF, base::problem<base::ErrorCode::ClosedByProgram>(text_of(path_)));
}

void FileHandle::fail(base::ErrorCode code) const {
    const int error = errno;
    if (error == EBADF) fail_closed();  // just now: the look before did not see it
    throw base::SystemError(error, {code, {text_of(path_), std::generic_category().message(error)}});
}

// Not by fclose(): a thread that the child does not have may hold the lock of the stream.
void FileHandle::abandon() noexcept {
    if (!file_ || !is_own()) return;
    std::FILE* const file = file_.release();
#ifdef _WIN32
    (void)file;
#else
    ::close(fileno(file));
#endif
}

// "x" is the C library's exclusive mode: testing first whether the file exists would be a race. "+": what was written
// to a file that has lost its name can only be had through it.
FileSink::FileSink(const std::filesystem::path& path, Existing existing, Buffering buffering)
    : file_(path, existing == Existing::Refuse ? "w+bx" : "w+b") {
    if (buffering == Buffering::None) std::setvbuf(file_.get(), nullptr, _IONBF, 0);
}

void FileSink::write(std::string_view bytes) {
    file_.require_own();
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
        file_.fail(base::ErrorCode::CannotWrite);
}

bool FileSink::reserve(std::uint64_t bytes) {
    if (bytes <= reserved_) return true;
    file_.require_own();
    if (is_too_large(bytes)) {
        errno = EFBIG;
        file_.fail(base::ErrorCode::CannotReserve);
    }
    const Reserved result = reserve_blocks(file_.get(), bytes);
    if (result == Reserved::Failed) file_.fail(base::ErrorCode::CannotReserve);
    if (result == Reserved::Yes) reserved_ = bytes;
    return result == Reserved::Yes;
}

void FileSink::close() {
    file_.require_own();
    const bool flushed = std::fflush(file_.get()) == 0;
    if (!flushed || (reserved_ != 0 && !trim(file_.get()))) file_.fail(base::ErrorCode::CannotWrite);
    if (!file_.close()) file_.fail(base::ErrorCode::CannotWrite);
}

void FileSink::take_over(FileSink& lost) {
    lost.file_.require_own();
    std::FILE* const from = lost.file_.get();
    if (std::fflush(from) != 0) lost.file_.fail(base::ErrorCode::CannotWrite);
    std::rewind(from);
    std::vector<char> buffer(std::size_t{1} << 20);
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), from)) write({buffer.data(), size});
    if (std::ferror(from) != 0) lost.file_.fail(base::ErrorCode::CannotRead);
    lost.remove_moved();
}

void FileSink::remove_moved() {
    if (file_.is_own()) (void)remove_wherever_it_is(file_.descriptor());
}

FileSource::FileSource(const std::filesystem::path& path) : file_(without_waiting(path), "rb") {}

FileSource::FileSource(const std::filesystem::path& path, int descriptor) : file_(path, descriptor) {
    seek(0);
}

std::unique_ptr<FileSource> FileSource::again() const {
    const bool has_lost_name = !file_.is_in_place() && file_.is_own();
    const std::filesystem::path place = has_lost_name ? path_of_open(file_.descriptor()) : file_.path();
    return std::make_unique<FileSource>(place.empty() ? file_.path() : place);
}

std::size_t FileSource::read(char* buffer, std::size_t bytes) {
    file_.require_own();
    std::clearerr(file_.get());  // it may have grown since its end was reached
    const std::size_t size = std::fread(buffer, 1, bytes, file_.get());
    if (size < bytes && std::ferror(file_.get()) != 0) file_.fail(base::ErrorCode::CannotRead);
    return size;
}

void FileSource::seek(std::uint64_t offset) {
#ifdef _WIN32
    const int result = _fseeki64(file_.get(), static_cast<long long>(offset), SEEK_SET);
#else
    const int result = fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET);
#endif
    if (result != 0) file_.fail(base::ErrorCode::CannotRead);
}

std::uint64_t FileSource::size() {
#ifdef _WIN32
    const long long bytes = _filelengthi64(_fileno(file_.get()));
    if (bytes < 0) file_.fail(base::ErrorCode::CannotRead);
    return static_cast<std::uint64_t>(bytes);
#else
    struct stat status{};
    if (fstat(fileno(file_.get()), &status) != 0) file_.fail(base::ErrorCode::CannotRead);
    return static_cast<std::uint64_t>(status.st_size);
#endif
}

}  // namespace tracypy::io
