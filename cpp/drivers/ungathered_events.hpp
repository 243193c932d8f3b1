// What a gathered client tells and the recorder has no events for: counted, so that it can be told.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "events/captured.hpp"

namespace tracypy::drivers {

/// One thread.
class UngatheredEvents final : public events::CapturedSink {
public:
    bool take(const events::CapturedGpuBegin&) override { return count("GPU zones"); }
    bool take(const events::CapturedImage&) override { return count("frame images"); }
    bool take(const events::CapturedLockName&) override { return count("names of locks"); }
    bool take(const events::CapturedSample&) override { return count("samples"); }
    bool take(const events::CapturedSwitch&) override { return count("context switches"); }
    bool take(const events::CapturedHardwareSample&) override { return count("hardware samples"); }
    bool take(const events::CapturedCrash&) override { return count("crashes"); }
    bool take(const events::CapturedEnergy&) override { return count("readings of energy"); }
    // Parts of the above, and what viewers know without it.
    bool take(const events::CapturedGpuContext&) override { return true; }
    bool take(const events::CapturedGpuName&) override { return true; }
    bool take(const events::CapturedGpuEnd&) override { return true; }
    bool take(const events::CapturedGpuTime&) override { return true; }
    bool take(const events::CapturedGpuNoteName&) override { return true; }
    bool take(const events::CapturedGpuNote&) override { return true; }
    bool take(const events::CapturedLockEnd&) override { return true; }
    bool take(const events::CapturedLockMark&) override { return true; }
    bool take(const events::CapturedWakeup&) override { return true; }
    bool take(const events::CapturedProcess&) override { return true; }
    bool take(const events::CapturedProcessor&) override { return true; }
    // Of the whole machine: our own built-in plots tell it.
    bool take(const events::CapturedLoad&) override { return true; }

    /// "3 GPU zones, 7 samples"; empty if there were none.
    std::string text() const {
        std::string text;
        for (const auto& [what, count] : counts_) {
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
        }
        return text;
    }

private:
    bool count(std::string_view what) {
        ++counts_[what];
        return true;
    }

    std::map<std::string_view, std::uint64_t> counts_;
};

}  // namespace tracypy::drivers
