// One viewer's connection: from its welcome to its leave, or to the end of the program.
//
//     Recording --viewer leaves, drops the line or errs--> over
//         | wind_up(): the program is about to end
//     Emptying   what was recorded so far is on its way
//         | nothing left: every zone is ended, Terminate sent
//     Parting --the viewer has asked for all it misses--> over
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "drivers/program.hpp"
#include "drivers/viewer_link.hpp"

namespace tracypy::drivers {

/// One thread. Times are base::monotonic_ns().
class ViewerConnection {
public:
    enum class Outcome : std::uint8_t {
        Ongoing,
        Complete,  // the viewer has everything and has taken its leave
        Left,      // it went away before that
        Stuck,     // it has taken nothing for too long
    };

    /// The session of `link` has been welcomed. `attached`: program.attach() was called and said yes.
    ViewerConnection(Program& program, std::unique_ptr<ViewerLink> link, bool attached);
    /// Detaches and forgets what is left; call end() first where exceptions may pass.
    ~ViewerConnection();
    ViewerConnection(const ViewerConnection&) = delete;
    ViewerConnection& operator=(const ViewerConnection&) = delete;

    ViewerLink& link() noexcept { return *link_; }

    /// Moves whatever can be moved. True when there is more to do at once.
    bool step(std::int64_t now_ns);

    /// Stops recording and sees to it that the viewer gets the rest.
    void wind_up(std::int64_t now_ns);
    bool is_recording() const noexcept { return phase_ == Phase::Recording; }

    /// `patience_ns`: how long a viewer that has to take the rest may do nothing. While recording, for ever.
    Outcome outcome(std::int64_t now_ns, std::int64_t patience_ns) noexcept;

    /// Stops recording and says in the log what is to be said.
    void end(Outcome outcome);

private:
    enum class Phase : std::uint8_t { Recording, Emptying, Parting };

    bool drain();
    void notice_congestion(std::int64_t now_ns);
    void detach();

    Program& program_;
    std::unique_ptr<ViewerLink> link_;
    Phase phase_ = Phase::Recording;
    bool attached_;
    std::int64_t congested_since_ns_ = 0;  // 0: not now
    std::int64_t wound_up_ns_ = 0;
};

}  // namespace tracypy::drivers
