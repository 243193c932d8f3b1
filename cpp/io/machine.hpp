// The processor, as a viewer wants to know it.
#pragma once

#include "base/program_facts.hpp"

namespace tracypy::io {

base::Processor this_processor() noexcept;

}  // namespace tracypy::io
