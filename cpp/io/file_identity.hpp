// A program may close descriptors that are not its own (daemons close all), and the system gives their numbers to the
// next files that it opens: nothing of ours may be written, read or closed there then.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tracypy::io {

struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t number = 0;

    bool operator==(const FileIdentity&) const = default;
};

/// Which file is open there; of none, the empty one. Where files have no such numbers, always that.
FileIdentity identity_of(int descriptor) noexcept;
/// Of what has that name, be it a link.
FileIdentity identity_of(const std::filesystem::path& path) noexcept;

/// By which an open file can be opened once more, with a place of its own in it, whatever has become of its name. Empty
/// where the system has no such thing.
std::filesystem::path path_of_open(int descriptor);

/// Deletes an open file, wherever the program has moved it meanwhile, and says where that was. Nothing, and an empty
/// path, where the system does not tell.
std::filesystem::path remove_wherever_it_is(int descriptor);

}  // namespace tracypy::io
