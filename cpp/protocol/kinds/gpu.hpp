// Zones of GPUs.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_set>

#include "events/event_sink.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// What goes to one viewer. One thread.
class GpuWriter {
public:
    /// Nothing of the session is older than `start`.
    GpuWriter(Encoder& encoder, base::Ticks start) noexcept : encoder_(encoder), start_(start) {}
    void set_scale(double ns_per_tick) noexcept { ns_per_tick_ = ns_per_tick; }

    /// Makes it known, once.
    void context(const events::GpuContext& context, std::string_view name);
    /// Of what the viewer does not have nothing is written. `location`: by its number on the wire, of a begin.
    void step(const events::GpuStep& step, std::uint64_t location);

    void note(const events::GpuNote& note);
    void note_name(const events::GpuNoteName& name, std::string_view text);

private:
    struct Context {
        base::Ticks made;      // or the begin of the session, if that is later
        std::int64_t last_ns;  // the last time that was sent
        base::StringId name;
        bool has_owner;  // one row for all zones: of their ends a viewer wants to know no thread

        base::ThreadId row_of(base::ThreadId thread) const noexcept { return has_owner ? base::ThreadId{0} : thread; }
    };

    static constexpr std::uint32_t key(std::uint8_t context, std::uint16_t query) noexcept {
        return std::uint32_t{context} << 16 | query;
    }
    std::uint8_t kind_of(events::GpuKind kind) const noexcept;
    void times(const events::GpuStep& step, Context& context);
    void time(std::uint8_t number, Context& context, std::uint16_t query, base::Ticks tick);
    /// Of the session: what viewers take for the GPU's clock.
    std::int64_t ns_at(base::Ticks tick) const noexcept;

    Encoder& encoder_;
    base::Ticks start_;
    double ns_per_tick_ = 1;
    std::map<std::uint8_t, Context> contexts_;
    std::unordered_set<std::uint32_t> waiting_;  // queries that have no time yet
};

}  // namespace tracypy::protocol::kinds
