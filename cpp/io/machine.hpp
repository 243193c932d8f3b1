// The processor, as a viewer wants to know it.
#pragma once

#include <string>

#include "base/program_facts.hpp"

namespace tracypy::io {

base::Processor this_processor() noexcept;

/// This machine, from its start on: what has the same one reads the same counters. Empty where that is unknown.
std::string machine_identity();

}  // namespace tracypy::io
