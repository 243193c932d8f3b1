#include "tracefile/frame_compressor.hpp"

#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <new>

namespace tracypy::tracefile {

struct FrameCompressor::Context {
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd{ZSTD_createCCtx(), ZSTD_freeCCtx};
};

FrameCompressor::FrameCompressor(int level) : context_(std::make_unique<Context>()) {
    if (!context_->zstd) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_->zstd.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context_->zstd.get(), ZSTD_c_contentSizeFlag, 0);
}

FrameCompressor::~FrameCompressor() = default;
FrameCompressor::FrameCompressor(FrameCompressor&&) noexcept = default;
FrameCompressor& FrameCompressor::operator=(FrameCompressor&&) noexcept = default;

bool FrameCompressor::append(std::span<const std::span<const char>> blocks, std::string& out) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const std::size_t start = out.size();
        out.resize(start + sizeof(std::uint32_t) + ZSTD_COMPRESSBOUND(kBlockBytes));
        ZSTD_inBuffer from{blocks[i].data(), blocks[i].size(), 0};
        ZSTD_outBuffer to{out.data(), out.size(), start + sizeof(std::uint32_t)};
        const ZSTD_EndDirective end = i + 1 == blocks.size() ? ZSTD_e_end : ZSTD_e_flush;
        if (ZSTD_compressStream2(context_->zstd.get(), &to, &from, end) != 0) return false;
        const auto size = static_cast<std::uint32_t>(to.pos - start - sizeof(std::uint32_t));
        std::memcpy(out.data() + start, &size, sizeof(size));
        out.resize(to.pos);
    }
    return true;
}

}  // namespace tracypy::tracefile
