// Blocks of a file, compressed into a frame of their own: what comes before and after does not matter to them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tracefile/format.hpp"

namespace tracypy::tracefile {

/// Zstandard. One thread at a time.
class FrameCompressor {
public:
    /// A frame of so many blocks comes out 0.9 % larger than one of all.
    static constexpr std::size_t kMostBlocks = 16;

    /// Throws std::bad_alloc.
    explicit FrameCompressor(int level);
    ~FrameCompressor();
    FrameCompressor(FrameCompressor&&) noexcept;
    FrameCompressor& operator=(FrameCompressor&&) noexcept;

    /// Appends a frame to `out` as a file has it: of each block its size, then its bytes. False when it cannot be done.
    /// Of at most kMostBlocks, or it takes longer.
    bool append(std::span<const std::span<const char>> blocks, std::string& out);

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace tracypy::tracefile
