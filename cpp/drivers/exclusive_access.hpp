// One program, and several drivers that would like its events: one at a time has exclusive access.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "drivers/program.hpp"

namespace tracypy::drivers {

/// Any thread. The order of what was recorded is kept by whoever takes and leaves: the next one sees all that the last
/// one did.
class ExclusiveAccess {
public:
    bool take(const Program* driver) noexcept {
        const Program* nobody = nullptr;
        return holder_.compare_exchange_strong(nobody, driver, std::memory_order_acq_rel) || nobody == driver;
    }
    void leave(const Program* driver) noexcept {
        holder_.compare_exchange_strong(driver, nullptr, std::memory_order_acq_rel);
    }
    bool is_held_by(const Program* driver) const noexcept { return holder_.load(std::memory_order_acquire) == driver; }
    /// In a forked child, where none of the drivers runs.
    void clear() noexcept { holder_.store(nullptr, std::memory_order_release); }

private:
    std::atomic<const Program*> holder_{nullptr};
};

/// The program as one of several drivers sees it. Without access there is nothing to attach to, and nothing to drain.
class ExclusiveProgram final : public Program {
public:
    /// `refusal`: what the log says when this driver finds the access taken; empty for nothing.
    ExclusiveProgram(Program& program, ExclusiveAccess& access, std::string refusal = {})
        : program_(program), access_(access), refusal_(std::move(refusal)) {}

    bool attach() override;
    void detach() override;
    std::size_t drain(events::EventSink& sink, std::size_t max_words) override;
    void release() override {
        if (access_.is_held_by(this)) program_.release();
        access_.leave(this);
    }
    void add_handles(io::Poller& poller) override { program_.add_handles(poller); }
    void attend() override { program_.attend(); }
    std::uint64_t frames_so_far() const override { return program_.frames_so_far(); }
    std::int64_t sampling_period() override { return program_.sampling_period(); }
    std::string name() const override { return program_.name(); }
    std::string take_process_name() override { return program_.take_process_name(); }
    protocol::AnswerProvider* answer_provider() noexcept override { return program_.answer_provider(); }
    std::uint64_t dropped_zones() const override { return program_.dropped_zones(); }

private:
    Program& program_;
    ExclusiveAccess& access_;
    std::string refusal_;
};

}  // namespace tracypy::drivers
