// Files as byte streams. Errors are base::SystemError with the system's errno, the path in the text.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>

#include "io/byte_stream.hpp"

namespace tracypy::io {

class FileHandle {
public:
    FileHandle(const std::filesystem::path& path, const char* mode);

    std::FILE* get() const noexcept { return file_.get(); }
    /// False when what was still buffered could not be written; errno says why.
    bool close() noexcept { return std::fclose(file_.release()) == 0; }
    [[noreturn]] void fail(const char* what) const;

private:
    struct Closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Closer> file_;
};

class FileSink final : public ByteSink {
public:
    enum class Existing { Refuse, Replace };
    FileSink(const std::filesystem::path& path, Existing existing);

    void write(std::string_view bytes) override;
    /// Without it a full disk may stay unnoticed: the last bytes are still in a buffer.
    void close();

private:
    FileHandle file_;
};

class FileSource final : public ByteSource {
public:
    explicit FileSource(const std::filesystem::path& path) : file_(path, "rb") {}

    std::size_t read(char* buffer, std::size_t bytes) override;

private:
    FileHandle file_;
};

}  // namespace tracypy::io
