// Takes in a journal that another process writes: its names become those of tables that many share.
#pragma once

#include <string_view>

#include "base/names.hpp"

namespace tracypy::journal {

/// One thread.
class Adopter {
public:
    virtual ~Adopter() = default;

    /// Where texts, locations and call stacks go. What they have no room for counts as something else, as ever.
    virtual base::Names& names() = 0;
    /// Which row is the one that has that number in the journal; None when there is none to be had.
    virtual base::ThreadId row_of(base::ThreadId number) = 0;
    virtual void name_row(base::ThreadId number, std::string_view name) = 0;
};

}  // namespace tracypy::journal
