// Files that take long to read: Ctrl-C ends the reading.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "bindings/interruption.hpp"
#include "cpython/gil.hpp"
#include "io/file_stream.hpp"

namespace tracypy::bindings {

/// Looks for a signal now and then, but seldom: other threads may be busy, and slow to give the GIL away.
class InterruptibleFile final : public io::SeekableSource {
public:
    struct Interrupted {};

    InterruptibleFile(const std::filesystem::path& path, Interruption& interruption)
        : file_(path), interruption_(interruption) {}

    std::size_t read(char* buffer, std::size_t bytes) override {
        const auto now = std::chrono::steady_clock::now();
        if (now - last_look_ > std::chrono::milliseconds(20)) {
            last_look_ = now;
            if (!interruption_.look()) throw Interrupted();
        }
        return file_.read(buffer, bytes);
    }
    void seek(std::uint64_t offset) override { file_.seek(offset); }
    std::uint64_t size() override { return file_.size(); }

private:
    io::FileSource file_;
    Interruption& interruption_;
    std::chrono::steady_clock::time_point last_look_ = std::chrono::steady_clock::now();
};

/// What `read(source)` returns, which is called without the GIL; or the error of a signal's handler.
template <typename Read>
auto read_interruptibly(const std::filesystem::path& path, Read&& read) {
    Interruption interruption;
    try {
        const cpython::GilReleased released;
        InterruptibleFile source(path, interruption);
        return read(source);
    } catch (const InterruptibleFile::Interrupted&) {
        interruption.raise_if_come();
        throw;
    }
}

}  // namespace tracypy::bindings
