// Whether two traces say the same, whatever the numbers of their texts and locations.
#pragma once

#include "model/trace.hpp"

namespace tracypy::native_tests {

bool same_zones(const model::Trace& left, const model::Trace& right);
bool same_messages(const model::Trace& left, const model::Trace& right);
bool same_app_info(const model::Trace& left, const model::Trace& right);
bool same_frames(const model::Trace& left, const model::Trace& right);

}  // namespace tracypy::native_tests
