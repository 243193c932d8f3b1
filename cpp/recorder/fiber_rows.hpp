// Which row a fiber gets, and how that is called.
//
// A row serves one fiber at a time, then another one of the same name: so there are about as many rows as fibers at the
// same time, however many come and go. A name is for good, as viewers ask for it once. What has no number of its own is
// bounded: of rows, and of names. Fibers beyond the names share rows that say so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/thread_names.hpp"
#include "recorder/row_numbers.hpp"

namespace tracypy::recorder {

/// One thread at a time.
class FiberRows {
public:
    static constexpr std::size_t kMost = 1'024;
    /// The last rows are for those that share.
    static constexpr std::size_t kMostNamed = 896;
    static constexpr std::size_t kMostNames = 256;
    static constexpr std::string_view kSharedName = "other tasks";
    /// `worker-1` to `worker-8` have rows of their own; what comes then has the name `worker-*`.
    static constexpr unsigned kMostNumbers = 8;

    FiberRows(RowNumbers& numbers, base::ThreadNames& names) noexcept : numbers_(numbers), names_(names) {}

    /// The name of the row for a fiber that is called `name`. Throws std::bad_alloc, as all that follow.
    std::string name_for(std::string_view name);
    /// A row of that name, which no thread has; None when there is none to be had.
    base::ThreadId take(const std::string& row_name);
    /// Its thread has ended, and all its events are read.
    void give_back(base::ThreadId row, const std::string& row_name) { free_[row_name].push_back(row); }
    void clear() noexcept;

private:
    RowNumbers& numbers_;
    base::ThreadNames& names_;
    std::size_t count_ = 0;
    std::unordered_set<std::string> known_;                 // names
    std::unordered_map<std::string, unsigned> numbers_of_;  // by what stands before the number at the end
    std::unordered_map<std::string, std::vector<base::ThreadId>> free_;
};

}  // namespace tracypy::recorder
