// What a captured program said makes no sense: the conversation ends, what it said before stays good.
#pragma once

#include <string>
#include <utility>

#include "base/error.hpp"

namespace tracypy::protocol {

class PeerError : public base::Error {
public:
    explicit PeerError(std::string problem)
        : Error(base::problem<base::ErrorCode::PeerMakesNoSense>(std::move(problem))) {}
};

}  // namespace tracypy::protocol
