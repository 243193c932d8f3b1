// Bytes on their way to the viewer: appended at the end by a session, taken from the front by a driver.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace tracypy::protocol {

/// One thread. Grows to what was once needed and stays: no allocation in steady state. Who fills it looks at size()
/// and stops; nothing here limits it.
class OutputBuffer {
public:
    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }
    std::span<const char> pending() const noexcept { return {bytes_.get() + begin_, size()}; }

    void consume(std::size_t bytes) noexcept {
        begin_ += bytes;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    /// Room for `bytes` more; valid until the next call. `append_prepared` says how many were used.
    char* prepare(std::size_t bytes) {
        if (capacity_ - end_ < bytes) make_room(bytes);
        return bytes_.get() + end_;
    }
    void append_prepared(std::size_t bytes) noexcept { end_ += bytes; }

    void append(const void* bytes, std::size_t size) {
        char* const room = prepare(size);
        if (size != 0) std::memcpy(room, bytes, size);
        append_prepared(size);
    }

    void clear() noexcept { begin_ = end_ = 0; }

private:
    void make_room(std::size_t bytes) {
        const std::size_t used = size();
        if (used + bytes > capacity_ - capacity_ / 4) {
            const std::size_t capacity = 2 * (used + bytes);
            std::unique_ptr<char[]> larger(new char[capacity]);
            if (used != 0) std::memcpy(larger.get(), bytes_.get() + begin_, used);
            bytes_ = std::move(larger);
            capacity_ = capacity;
        } else if (used != 0) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, used);
        }
        begin_ = 0;
        end_ = used;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace tracypy::protocol
