#include "tracefile/zone_blocks.hpp"

#include <zstd.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.hpp"

namespace tracypy::tracefile {

BlockStore::BlockStore(const std::filesystem::path& folder, int level)
    : file_(folder), level_(level), compressor_(level) {}

std::uint32_t BlockStore::put(std::span<const std::span<const char>> blocks) {
    const std::uint32_t first = blocks_;
    blocks_ += static_cast<std::uint32_t>(blocks.size());
    while (!blocks.empty()) {
        const auto run = blocks.first(std::min(blocks.size(), FrameWorkers::kRunBlocks));
        blocks = blocks.subspan(run.size());
        if (workers_) {
            char* at = room_;
            for (const std::span<const char> block : run) at = std::copy(block.begin(), block.end(), at);
            char* const next = workers_->room();
            workers_->put(static_cast<std::size_t>(at - room_));
            room_ = next;
            continue;
        }
        output_.clear();
        if (!compressor_.append(run, output_))
            throw base::Error(base::problem<base::ErrorCode::TraceNotWritten>("Zstandard cannot compress a block"));
        write(output_);
    }
    return first;
}

void BlockStore::write(std::string_view frame) {
    const std::uint64_t offset = file_.size();
    for (std::size_t start = 0; start < frame.size();) {
        std::uint32_t size = 0;
        std::memcpy(&size, frame.data() + start, sizeof(size));
        size += sizeof(size);
        places_.push_back({offset + start, size});
        start += size;
    }
    file_.append(frame);
}

void BlockStore::start_workers(std::uint64_t bytes) {
    const unsigned workers = useful_workers(bytes);
    if (workers == 0 || workers_) return;
    io::ByteSink& sink = *this;
    workers_ = std::make_unique<FrameWorkers>(sink, level_, workers, 0);
    room_ = workers_->room();
}

void BlockStore::finish_workers() {
    if (workers_) workers_->drain();
    workers_.reset();
}

namespace {

/// Blocks of one list, in its order, back to what they were.
class Decompressor {
public:
    void put_contents(std::string_view blocks, FileBlockWriter& out) {
        while (!blocks.empty()) {
            std::uint32_t size = 0;
            std::memcpy(&size, blocks.data(), sizeof(size));
            ZSTD_inBuffer from{blocks.data() + sizeof(size), size, 0};
            ZSTD_outBuffer to{content_.get(), kBlockBytes, 0};
            if (ZSTD_isError(ZSTD_decompressStream(context_.get(), &to, &from)) != 0 || to.pos != kBlockBytes) {
                throw base::Error(
                    base::problem<base::ErrorCode::TraceNotWritten>("a block of zones was changed while it was kept"));
            }
            out.put_bytes({content_.get(), to.pos});
            blocks.remove_prefix(sizeof(size) + size);
        }
    }

private:
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
    std::unique_ptr<char[]> content_ = std::make_unique_for_overwrite<char[]>(kBlockBytes);
};

}  // namespace

void BlockStore::get(std::uint64_t offset, std::size_t bytes, std::string& out) const {
    out.resize(bytes);
    file_.read(offset, out.data(), bytes);
}

std::size_t ZoneBlocks::memory_bytes() const noexcept {
    return capacity_ + held_.size() * (kBlockBytes + sizeof(Held)) + open_.capacity() * sizeof(Open) +
           stored_.capacity() * (sizeof(stored_[0]) + sizeof(BlockStore::Place)) + sizeof(ZoneBlocks);
}

// A thread with a few calls takes little; from a block on, what is beyond it starts the next.
void ZoneBlocks::make_room() {
    if (used_ >= kBlockBytes) {
        put_aside_last();
        return;
    }
    constexpr std::size_t kMost = kBlockBytes + 2 * FileBlockWriter::kMaxRecord;
    const std::size_t capacity = std::min(kMost, std::max(kFirstBytes, 2 * capacity_));
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (used_ != 0) std::memcpy(larger.get(), buffer_.get(), used_);
    buffer_ = std::move(larger);
    capacity_ = capacity;
}

/// How many zones are open whose late fields lie, in part at least, in the last block.
std::size_t ZoneBlocks::open_in_last() const noexcept {
    std::size_t count = first_ == 0 ? 1 : 0;  // the length of the list is the last thing to be known
    for (std::size_t i = open_.size(); i > 0; --i) {
        const std::uint64_t fields = open_[i - 1].position + kExtraOffset;
        if (fields + kLateBytes <= first_) break;
        if (fields < first_ + kBlockBytes) ++count;
    }
    return count;
}

void ZoneBlocks::put_aside_last() {
    const std::size_t open_zones = open_in_last();
    const std::size_t excess = used_ - kBlockBytes;
    auto next = std::make_unique_for_overwrite<char[]>(capacity_);
    std::memcpy(next.get(), buffer_.get() + kBlockBytes, excess);
    held_.push_back({first_ / kBlockBytes, std::move(buffer_), open_zones});
    stored_.push_back(kHeld);
    ready_ += open_zones == 0 ? 1 : 0;
    buffer_ = std::move(next);
    used_ = excess;
    first_ += kBlockBytes;
    if (ready_ >= run_length()) compress_ready();
}

void ZoneBlocks::complete(const Open& zone) {
    char fields[kLateBytes];
    put(put(fields, zone.extra), zone.children);
    patch(zone.position + kExtraOffset, fields, sizeof(fields));
}

void ZoneBlocks::patch(std::uint64_t position, const char* bytes, std::size_t size) {
    while (size != 0 && position < first_) {
        const std::uint64_t number = position / kBlockBytes;
        const std::size_t at = static_cast<std::size_t>(position % kBlockBytes);
        const std::size_t part = std::min(size, kBlockBytes - at);
        const auto held =
            std::lower_bound(held_.begin(), held_.end(), number,
                             [](const Held& block, std::uint64_t wanted) { return block.number < wanted; });
        std::memcpy(held->bytes.get() + at, bytes, part);
        if (--held->open_zones == 0) ++ready_;
        position += part;
        bytes += part;
        size -= part;
    }
    if (size != 0) std::memcpy(buffer_.get() + (position - first_), bytes, size);
}

/// Compresses what has no open zone any more, neighbours together.
void ZoneBlocks::compress_ready() {
    std::vector<std::span<const char>> run;
    const auto end_run = [&](std::uint64_t next_number) {
        const auto first = stored_.begin() + static_cast<std::ptrdiff_t>(next_number - run.size());
        if (!run.empty()) std::iota(first, first + static_cast<std::ptrdiff_t>(run.size()), store_.put(run));
        run.clear();
    };
    std::uint64_t next = 0;
    for (const Held& block : held_) {
        if (block.open_zones != 0) continue;
        if (block.number != next) end_run(next);
        run.emplace_back(block.bytes.get(), kBlockBytes);
        next = block.number + 1;
    }
    end_run(next);
    std::erase_if(held_, [](const Held& block) { return block.open_zones == 0; });
    ready_ = 0;
}

void ZoneBlocks::finish() {
    if (std::exchange(is_finished_, true)) return;
    if (used_ >= kBlockBytes) put_aside_last();
    char length[sizeof(roots_)];
    put(length, roots_);
    patch(0, length, sizeof(length));
}

void ZoneBlocks::write(FileBlockWriter& out, bool is_aligned) const {
    constexpr std::size_t kPiece = 1024 * 1024;
    Decompressor decompressor;
    std::string bytes;
    auto held = held_.begin();
    for (std::size_t i = 0; i < stored_.size();) {
        if (stored_[i] == kHeld) {
            out.put_bytes({(held++)->bytes.get(), kBlockBytes});
            ++i;
            continue;
        }
        const std::uint64_t offset = store_.place(stored_[i]).offset;
        std::size_t size = store_.place(stored_[i]).bytes;
        std::size_t count = 1;
        // Neighbours in the list are neighbours in the store, but for those that had to wait.
        while (i + count < stored_.size() && stored_[i + count] == stored_[i] + count && size < kPiece) {
            size += store_.place(stored_[i + count++]).bytes;
        }
        store_.get(offset, size, bytes);
        if (is_aligned) {
            out.put_blocks(bytes, count);
        } else {
            decompressor.put_contents(bytes, out);
        }
        i += count;
    }
    out.put_bytes({buffer_.get(), used_});
}

}  // namespace tracypy::tracefile
