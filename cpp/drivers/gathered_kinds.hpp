// What a gathered client tells in terms of its own (events/captured.hpp), as events of the vocabulary, still with its
// ids.
//
// Times of a GPU are nanoseconds since the client's start, pictures count the client's frames, and of a GPU zone the
// thread is the system's number: GatheredEvents knows what these are here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "events/captured.hpp"
#include "events/event_sink.hpp"

namespace tracypy::drivers {

/// One thread. False: it fits nothing that came before.
class GatheredKinds final : public events::CapturedSink {
public:
    explicit GatheredKinds(events::EventSink& sink) : sink_(sink) {}

    bool take(const events::CapturedGpuContext& event) override;
    bool take(const events::CapturedGpuName& event) override;
    bool take(const events::CapturedGpuBegin& event) override;
    bool take(const events::CapturedGpuEnd& event) override;
    bool take(const events::CapturedGpuTime& event) override;
    bool take(const events::CapturedGpuNoteName& event) override;
    bool take(const events::CapturedGpuNote& event) override;
    bool take(const events::CapturedImage& event) override;
    bool take(const events::CapturedParameter& event) override;
    // Of the whole machine: our own built-in plots tell it.
    bool take(const events::CapturedLoad&) override { return true; }

    bool take(const events::LockName& event) override { return hand_on(event); }
    bool take(const events::LockEnd& event) override { return hand_on(event); }
    bool take(const events::LockMark& event) override { return hand_on(event); }
    bool take(const events::Sample& event) override { return hand_on(event); }
    bool take(const events::ContextSwitch& event) override { return hand_on(event); }
    bool take(const events::ThreadWakeup& event) override { return hand_on(event); }
    bool take(const events::HardwareSample& event) override { return hand_on(event); }
    bool take(const events::ThreadProcess& event) override { return hand_on(event); }
    bool take(const events::ProcessorPlace& event) override { return hand_on(event); }
    bool take(const events::CrashReport& event) override { return hand_on(event); }
    bool take(const events::EnergyReading& event) override { return hand_on(event); }

    /// Parameters go on as soon as `is_known(name)`: nothing that comes before one matters to it, and a viewer's user
    /// may want to set it at once. The names of machine code may take seconds.
    template <typename IsKnown>
    void hand_on_parameters(events::EventSink& sink, const IsKnown& is_known) {
        std::erase_if(parameters_, [&](const events::Parameter& parameter) {
            if (!is_known(parameter.name)) return false;
            sink.take({&parameter, 1});
            return true;
        });
    }

    /// What is remembered of GPUs, roughly.
    std::size_t bytes() const noexcept;

private:
    struct GpuZone {
        std::uint16_t begin_query, end_query = 0;
        std::uint32_t thread;
        bool has_begun = false;  // on the GPU
        std::int64_t gpu_begin = 0;
    };
    struct Gpu {
        events::GpuContext about;
        bool is_told = false;
        std::map<std::uint32_t, std::vector<std::uint64_t>> open;     // zones, by thread; 0 for all of the owner's
        std::unordered_map<std::uint16_t, std::uint64_t> of_queries;  // zones
        std::unordered_map<std::uint64_t, GpuZone> zones;             // by their numbers
        std::uint64_t last_zone = 0;
    };

    template <typename Event>
    bool hand_on(const Event& event) {
        sink_.take({&event, 1});
        return true;
    }
    Gpu* gpu(std::uint8_t context) noexcept { return gpus_[context].get(); }
    void tell(Gpu& gpu);

    events::EventSink& sink_;
    std::array<std::unique_ptr<Gpu>, 256> gpus_;
    std::vector<events::Parameter> parameters_;  // that wait for their names
    base::Ticks last_ticks_ = 0;
};

}  // namespace tracypy::drivers
