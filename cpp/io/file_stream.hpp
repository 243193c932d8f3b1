// Files as byte streams. Errors are base::SystemError with the system's errno, the path in the text.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/error_codes.hpp"
#include "io/byte_stream.hpp"
#include "io/file_identity.hpp"

namespace tracypy::io {

class FileHandle {
public:
    FileHandle(const std::filesystem::path& path, const char* mode);
    /// Of a descriptor, to read; that is its own from then on, also when this throws.
    FileHandle(const std::filesystem::path& path, int descriptor);
    ~FileHandle();
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;

    std::FILE* get() const noexcept { return file_.get(); }
    int descriptor() const noexcept;
    const std::filesystem::path& path() const noexcept { return path_; }
    /// Where files have no identity, they keep their names while they are open.
    bool is_in_place() const noexcept { return identity_of(path_) == identity_; }
    bool is_own() const noexcept;
    /// Throws base::SystemError (EBADF) when the program has closed the descriptor: it may be that of another file.
    void require_own() const;
    /// False when what was still buffered could not be written; errno says why.
    bool close() noexcept { return std::fclose(file_.release()) == 0; }
    /// In a forked child: gives the descriptor back, and nothing is written.
    void abandon() noexcept;
    /// Throws what errno says.
    [[noreturn]] void fail(base::ErrorCode code) const;

private:
    [[noreturn]] void fail_closed() const;
    struct Closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };

    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Closer> file_;
    FileIdentity identity_;
};

class FileSink final : public ByteSink {
public:
    enum class Existing { Refuse, Replace };
    /// None: each write() reaches the system at once, and stays when the process is killed.
    enum class Buffering { Some, None };
    FileSink(const std::filesystem::path& path, Existing existing, Buffering buffering = Buffering::Some);

    void write(std::string_view bytes) override;
    /// Sees to it that the first `bytes` of the file have their place on the disk, whatever fills it up later; the
    /// size of the file does not change. False where the system or the file system has no such thing. Throws when
    /// there is not that much room.
    bool reserve(std::uint64_t bytes);
    /// Without it a full disk may stay unnoticed: the last bytes are still in a buffer. Gives back what was reserved
    /// and not used.
    void close();
    /// The file was not deleted or moved: it is still there under its name.
    bool is_in_place() const noexcept { return file_.is_in_place(); }
    /// Deletes a file that is not in place any more, wherever it is.
    void remove_moved();
    /// Takes over all that `lost` has, a sink of which the file has lost its name, and deletes that file.
    void take_over(FileSink& lost);
    /// In a forked child, in place of anything else: the file is the parent's.
    void abandon() noexcept { file_.abandon(); }

private:
    FileHandle file_;
    std::uint64_t reserved_ = 0;
};

class FileSource final : public SeekableSource {
public:
    /// Also throws for a pipe or a terminal, for which opening it would wait.
    explicit FileSource(const std::filesystem::path& path);
    /// What is open already, by a descriptor that is its own from then on; `path` is for messages.
    FileSource(const std::filesystem::path& path, int descriptor);

    std::size_t read(char* buffer, std::size_t bytes) override;
    void seek(std::uint64_t offset) override;
    std::uint64_t size() override;
    /// The same file once more, to be read by another thread; where the system can do that, also when its name is lost.
    std::unique_ptr<FileSource> again() const;
    bool is_in_place() const noexcept { return file_.is_in_place(); }
    bool is_own() const noexcept { return file_.is_own(); }
    /// In a forked child: gives the descriptor back. Nothing may follow.
    void abandon() noexcept { file_.abandon(); }
    int descriptor() const noexcept { return file_.descriptor(); }

private:
    FileHandle file_;
};

}  // namespace tracypy::io
