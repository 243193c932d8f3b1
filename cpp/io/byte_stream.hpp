// Where bytes go to and come from, for what is written and read from end to end: files, and memory in the tests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tracypy::io {

/// One thread.
class ByteSink {
public:
    virtual ~ByteSink() = default;
    /// All of `bytes`, or an exception.
    virtual void write(std::string_view bytes) = 0;
};

/// One thread.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Up to `bytes`; fewer only at the end.
    virtual std::size_t read(char* buffer, std::size_t bytes) = 0;
};

/// One whose bytes can be read in any order.
class SeekableSource : public ByteSource {
public:
    /// The next read() starts at `offset`, which may lie beyond the end.
    virtual void seek(std::uint64_t offset) = 0;
    virtual std::uint64_t size() = 0;
};

class MemorySink final : public ByteSink {
public:
    void write(std::string_view bytes) override { bytes_ += bytes; }
    const std::string& bytes() const noexcept { return bytes_; }

private:
    std::string bytes_;
};

/// Does not own its bytes.
class MemorySource final : public SeekableSource {
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes), rest_(bytes) {}

    std::size_t read(char* buffer, std::size_t bytes) override {
        const std::size_t size = std::min(bytes, rest_.size());
        if (size != 0) std::memcpy(buffer, rest_.data(), size);
        rest_.remove_prefix(size);
        return size;
    }
    void seek(std::uint64_t offset) override {
        rest_ = bytes_.substr(static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size())));
    }
    std::uint64_t size() override { return bytes_.size(); }

private:
    std::string_view bytes_;
    std::string_view rest_;
};

}  // namespace tracypy::io
