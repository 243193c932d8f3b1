// Fills in what the welcome message, and what a trace file says about machine and process.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/server_config.hpp"
#include "model/trace_info.hpp"
#include "protocol/handshake.hpp"

namespace tracypy::drivers {

/// `epoch_seconds`: when the program started. Takes up to 20 ms the first time, for the length of a tick.
protocol::Welcome gather_welcome(const ServerConfig& config, std::uint64_t epoch_seconds);

/// What a trace is called; `epoch_seconds`: when it began.
std::string capture_name(const std::string& program_name, std::uint64_t epoch_seconds);

/// Whose ticks those of a program on this machine are: of the processor's counter, or of the system's clock.
std::string counter_identity(bool is_processors);

/// What is known of the program, for a recording that begins now; what can be known only at its end is left out.
model::TraceInfo gather_trace_info(const std::string& program_name, const std::string& host_info);

}  // namespace tracypy::drivers
