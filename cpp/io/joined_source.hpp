// Several sources as one, one behind the other.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "io/byte_stream.hpp"

namespace tracypy::io {

/// Each has the size that it had when it was added: what is written to it afterwards is not seen. One thread.
class JoinedSource final : public SeekableSource {
public:
    void add(std::unique_ptr<SeekableSource> source);

    std::size_t read(char* buffer, std::size_t bytes) override;
    void seek(std::uint64_t offset) override;
    std::uint64_t size() override { return size_; }

private:
    struct Part {
        std::unique_ptr<SeekableSource> source;
        std::uint64_t begin, end;
    };

    std::vector<Part> parts_;
    std::uint64_t size_ = 0;
    std::size_t part_ = 0;      // the next read() starts there
    std::uint64_t offset_ = 0;  // at this one of all bytes; the part has been told
};

}  // namespace tracypy::io
