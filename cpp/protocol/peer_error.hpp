// What a captured program said makes no sense: the conversation ends, what it said before stays good.
#pragma once

#include "base/error.hpp"

namespace tracypy::protocol {

class PeerError : public base::Error {
public:
    using Error::Error;
};

}  // namespace tracypy::protocol
