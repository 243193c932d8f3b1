#include "io/file_stream.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace tracypy::io {
namespace {

std::FILE* open_file(const std::filesystem::path& path, const char* mode) {
#ifdef _WIN32
    return _wfopen(path.c_str(), std::filesystem::path(mode).c_str());
#else
    return std::fopen(path.c_str(), mode);
#endif
}

}  // namespace

FileHandle::FileHandle(const std::filesystem::path& path, const char* mode)
    : path_(path), file_(open_file(path, mode)) {
    if (!file_) fail("cannot open");
}

void FileHandle::fail(const char* what) const {
    const int code = errno;
    throw base::SystemError(code,
                            std::string(what) + " " + path_.string() + ": " + std::generic_category().message(code));
}

// "x" is the C library's exclusive mode: testing first whether the file exists would be a race.
FileSink::FileSink(const std::filesystem::path& path, Existing existing)
    : file_(path, existing == Existing::Refuse ? "wbx" : "wb") {}

void FileSink::write(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) file_.fail("cannot write to");
}

void FileSink::close() {
    if (!file_.close()) file_.fail("cannot write to");
}

std::size_t FileSource::read(char* buffer, std::size_t bytes) {
    const std::size_t size = std::fread(buffer, 1, bytes, file_.get());
    if (size < bytes && std::ferror(file_.get()) != 0) file_.fail("cannot read");
    return size;
}

}  // namespace tracypy::io
