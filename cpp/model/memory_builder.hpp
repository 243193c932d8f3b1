// Steps of memory in, blocks by pool out.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "events/live_blocks.hpp"
#include "model/memory.hpp"

namespace tracypy::model {

/// One thread. Times stay ticks.
class MemoryBuilder {
public:
    /// Where a step was made, as indices.
    struct Place {
        std::uint32_t thread, callstack;
    };
    /// False: the step fits nothing, and is left out.
    bool take(const events::MemoryStep& step, base::Ticks tick, Place place, std::vector<MemoryPool>& pools);

    /// By index of the pool.
    const std::vector<base::StringId>& names() const noexcept { return names_; }

private:
    events::LiveBlocks blocks_;  // values: places in their pools
    std::unordered_map<base::StringId, std::size_t> pools_;
    std::vector<base::StringId> names_;
};

}  // namespace tracypy::model
