// Fills in what the welcome message says about machine and process.
#pragma once

#include <cstdint>

#include "drivers/server_config.hpp"
#include "protocol/handshake.hpp"

namespace tracypy::drivers {

/// `epoch_seconds`: when the program started. Takes up to 20 ms the first time, for the length of a tick.
protocol::ProgramFacts gather_facts(const ServerConfig& config, std::uint64_t epoch_seconds);

}  // namespace tracypy::drivers
