// Events of another program for which its names are still to come: kept until these are known.
//
// A client sends an event first, and what the numbers in it mean when it is asked. Who writes a journal, or answers a
// viewer, has to know it before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "events/event_sink.hpp"

namespace tracypy::drivers {

/// One thread.
class HeldEvents final : public events::UniformSink<HeldEvents> {
public:
    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (const Event& event : events) {
            items_.emplace_back(event);
            each_field(std::get<Event>(items_.back()), [this](auto& field) {
                if constexpr (events::layout::kIsText<std::remove_reference_t<decltype(field)>>) {
                    text_bytes_ += field.size() + sizeof(std::string);
                    field = texts_.emplace_back(field);
                }
            });
        }
    }

    /// What it takes, with the room for more.
    std::size_t bytes() const noexcept {
        return items_.capacity() * sizeof(Item) + words_.capacity() * sizeof(events::Word) + text_bytes_;
    }
    /// Hands on all that there is, in its order. Of much room for more nothing is kept.
    void release(events::EventSink& sink);

private:
    struct Batch {
        base::ThreadId thread, carrier;
        std::size_t words;  // the next so many
    };
#define TRACYPY_ITEM(number, name, fields) , events::name
    using Item = std::variant<Batch TRACYPY_SHARED_EVENTS(TRACYPY_ITEM, ) TRACYPY_DEFINITIONS(TRACYPY_ITEM, )>;
#undef TRACYPY_ITEM

    std::vector<Item> items_;
    std::vector<events::Word> words_;
    std::deque<std::string> texts_;
    std::size_t text_bytes_ = 0;
};

}  // namespace tracypy::drivers
