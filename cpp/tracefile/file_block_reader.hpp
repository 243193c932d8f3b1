// Compressed blocks in, values out. Any input is safe: what does not decompress or ends too early is a FormatError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "io/byte_stream.hpp"
#include "tracefile/format.hpp"

namespace tracypy::tracefile {

/// One thread.
class FileBlockReader {
public:
    explicit FileBlockReader(io::ByteSource& source);
    ~FileBlockReader();

    template <typename T>
    T get() {
        T value;
        if (available_ - offset_ >= sizeof(T)) [[likely]] {
            std::memcpy(&value, block_ + offset_, sizeof(T));
            offset_ += sizeof(T);
        } else {
            get_bytes(&value, sizeof(T));
        }
        return value;
    }
    void get_bytes(void* to, std::size_t bytes);
    std::string get_text(std::uint64_t bytes);
    void skip(std::uint64_t bytes);
    /// `count` records of `bytes` each; refuses counts that no file can hold.
    void skip(std::uint64_t count, std::size_t bytes);

    /// `bytes` in one piece if they lie in one block, else null: read them with get().
    const char* peek(std::size_t bytes) const noexcept {
        return available_ - offset_ >= bytes ? block_ + offset_ : nullptr;
    }
    void advance(std::size_t bytes) noexcept { offset_ += bytes; }

    std::uint64_t compressed_bytes() const noexcept { return compressed_bytes_; }
    /// How many bytes were taken out, or passed over.
    std::uint64_t position() const noexcept { return before_ + offset_; }
    /// True when no byte is left.
    bool at_end();

private:
    struct Stream;

    /// False at the end of the file.
    bool next_block();
    bool read_exactly(char* to, std::size_t bytes);

    io::ByteSource& source_;
    std::vector<std::unique_ptr<Stream>> streams_;
    std::size_t current_ = 0;
    const char* block_ = nullptr;
    std::size_t available_ = 0;
    std::size_t offset_ = 0;
    std::uint64_t before_ = 0;  // bytes of the blocks before this one
    std::uint64_t compressed_bytes_ = 0;
    std::vector<char> compressed_;
};

}  // namespace tracypy::tracefile
