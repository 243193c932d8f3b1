// Ways past the sections that the model has no tables for. Each returns the number of entries it passed.
#pragma once

#include <cstdint>

#include "tracefile/block_reader.hpp"
#include "tracefile/format.hpp"

namespace tracypy::tracefile {

std::uint64_t skip_topology(BlockReader& in, const Layout& layout);
std::uint64_t skip_sections(BlockReader& in, const Layout& layout);
std::uint64_t skip_locks(BlockReader& in);
std::uint64_t skip_gpu_zones(BlockReader& in, const Layout& layout);
std::uint64_t skip_memory(BlockReader& in);
std::uint64_t skip_call_stacks(BlockReader& in);
std::uint64_t skip_frame_images(BlockReader& in);
std::uint64_t skip_context_switches(BlockReader& in, const Layout& layout);
std::uint64_t skip_symbols(BlockReader& in);
std::uint64_t skip_hardware_samples(BlockReader& in);
std::uint64_t skip_source_files(BlockReader& in);
/// A count, then that many records of `bytes`.
std::uint64_t skip_list(BlockReader& in, std::size_t bytes);

}  // namespace tracypy::tracefile
