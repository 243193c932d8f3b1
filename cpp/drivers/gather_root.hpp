// The Tracy clients that this process gathers: what they record joins what this process records.
//
// To each of them this process is a viewer. Whoever drains this program drains them, too, as its family
// (family_root.hpp).
// Must not know: Python, where events go.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>

#include "drivers/gather_link.hpp"

namespace tracypy::drivers {

/// Any thread; `mutex_` guards all.
class GatherRoot {
public:
    GatherRoot(base::Names& names, FamilyNumbers& numbers) : names_(names), numbers_(numbers) {}

    /// From the next moment on. False: it is gathered already. Throws base::ValueError for an unknown host.
    bool add(const std::string& address, std::uint16_t port);
    /// False: it is not gathered.
    bool remove(const std::string& address, std::uint16_t port);

    void begin_session();
    /// drain() goes on to return something until all have said what is left, or do not.
    void end_session();
    /// As drivers::Program.
    std::size_t drain(events::EventSink& sink, std::size_t max_words);

    /// In a forked child: it gathers nobody. The descriptors go, all else stays as it is and is never used again.
    void abandon() noexcept;

private:
    enum class Phase : std::uint8_t { Idle, Recording, Ending };

    base::Names& names_;
    FamilyNumbers& numbers_;
    std::mutex mutex_;
    std::list<GatherLink> links_;
    Phase phase_ = Phase::Idle;
    std::int64_t end_ns_ = 0, progress_ns_ = 0;
    std::int32_t last_group_ = 0;
};

}  // namespace tracypy::drivers
