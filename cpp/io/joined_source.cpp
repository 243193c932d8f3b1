#include "io/joined_source.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::io {

void JoinedSource::add(std::unique_ptr<SeekableSource> source) {
    const std::uint64_t bytes = source->size();
    parts_.push_back({std::move(source), size_, size_ + bytes});
    size_ += bytes;
    seek(0);
}

void JoinedSource::seek(std::uint64_t offset) {
    offset_ = offset;
    const auto found = std::upper_bound(parts_.begin(), parts_.end(), offset,
                                        [](std::uint64_t at, const Part& part) { return at < part.end; });
    part_ = static_cast<std::size_t>(found - parts_.begin());
    if (part_ < parts_.size()) parts_[part_].source->seek(offset - parts_[part_].begin);
}

std::size_t JoinedSource::read(char* buffer, std::size_t bytes) {
    std::size_t done = 0;
    while (done < bytes && part_ < parts_.size()) {
        Part& part = parts_[part_];
        const std::uint64_t left = part.end - offset_;
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes - done, left));
        const std::size_t size = part.source->read(buffer + done, wanted);
        done += size;
        if (size < wanted) break;  // it has become shorter
        seek(offset_ + size);
    }
    return done;
}

}  // namespace tracypy::io
