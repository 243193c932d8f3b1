// Ways past the sections that the model has no tables for. Each returns the number of entries it passed.
#pragma once

#include <cstdint>

#include "tracefile/file_block_reader.hpp"
#include "tracefile/format.hpp"

namespace tracypy::tracefile {

std::uint64_t skip_topology(FileBlockReader& in, const Layout& layout);
std::uint64_t skip_sections(FileBlockReader& in, const Layout& layout);
std::uint64_t skip_locks(FileBlockReader& in);
std::uint64_t skip_gpu_zones(FileBlockReader& in, const Layout& layout);
std::uint64_t skip_memory(FileBlockReader& in);
std::uint64_t skip_call_stacks(FileBlockReader& in);
std::uint64_t skip_frame_images(FileBlockReader& in);
std::uint64_t skip_context_switches(FileBlockReader& in, const Layout& layout);
std::uint64_t skip_symbols(FileBlockReader& in);
std::uint64_t skip_hardware_samples(FileBlockReader& in);
std::uint64_t skip_source_files(FileBlockReader& in);
/// A count, then that many records of `bytes`.
std::uint64_t skip_list(FileBlockReader& in, std::size_t bytes);

}  // namespace tracypy::tracefile
