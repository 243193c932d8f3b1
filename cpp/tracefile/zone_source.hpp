// Where the zones of a file come from: a model in memory, or something that makes them as it goes.
//
// The numbers are asked for before the zones, since a file states them first; a thread's zones are asked for once, one
// thread after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/trace.hpp"
#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile {

class ZoneSource {
public:
    virtual ~ZoneSource() = default;

    virtual std::uint64_t zones_of(std::size_t thread) const = 0;
    virtual std::uint64_t zones_at(model::LocationIndex location) const = 0;
    /// How many of all zones have children.
    virtual std::uint64_t parents() const = 0;
    /// Writes all zones of that thread.
    virtual void write(std::size_t thread, FileBlockWriter& out, std::span<const std::int16_t> numbers) = 0;

    /// A thread whose list is to start at the start of a block, if there is one, because it is there in blocks.
    virtual std::optional<std::size_t> aligned_thread() const { return std::nullopt; }
    /// How long that thread's list is in the file, uncompressed; asked of those before aligned_thread().
    virtual std::uint64_t bytes_of(std::size_t) const { return 0; }
};

/// So many threads' zones, in all.
std::uint64_t zones_of_all(const ZoneSource& zones, std::size_t threads);

/// `trace` must outlive it.
class TableZones final : public ZoneSource {
public:
    explicit TableZones(const model::Trace& trace);

    std::uint64_t zones_of(std::size_t thread) const override { return trace_.threads[thread].zones.size(); }
    std::uint64_t zones_at(model::LocationIndex location) const override { return zones_at_[location]; }
    std::uint64_t parents() const override { return parents_; }
    void write(std::size_t thread, FileBlockWriter& out, std::span<const std::int16_t> numbers) override;

private:
    const model::Trace& trace_;
    std::vector<std::uint64_t> zones_at_;
    std::uint64_t parents_ = 0;
};

}  // namespace tracypy::tracefile
