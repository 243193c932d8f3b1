// How a recording is saved while it goes on, as Python says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/recording_config.hpp"

namespace tracypy::process {

struct SavingOptions {
    std::optional<double> last_seconds;
    std::optional<std::uint64_t> last_bytes;
    std::optional<double> slower;
    std::vector<std::pair<std::string, double>> slower_named;
    int signal = 0;
    std::string signal_name;

    void apply_to(drivers::RecordingConfig& config) const;
};

}  // namespace tracypy::process
