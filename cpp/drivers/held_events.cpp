#include "drivers/held_events.hpp"

#include <type_traits>

namespace tracypy::drivers {

void HeldEvents::thread_batch(const events::ThreadBatch& batch) {
    items_.emplace_back(Batch{batch.thread, batch.carrier, batch.words.size()});
    words_.insert(words_.end(), batch.words.begin(), batch.words.end());
}

void HeldEvents::release(events::EventSink& sink) {
    const events::Word* words = words_.data();
    for (const Item& item : items_) {
        std::visit(
            [&](const auto& one) {
                if constexpr (std::is_same_v<std::remove_cvref_t<decltype(one)>, Batch>) {
                    sink.thread_batch({one.thread, {words, one.words}, one.carrier});
                    words += one.words;
                } else {
                    sink.take({&one, 1});
                }
            },
            item);
    }
    constexpr std::size_t kMostKept = std::size_t{1} << 20;
    const bool is_large = bytes() > kMostKept;
    items_.clear();
    words_.clear();
    texts_.clear();
    text_bytes_ = 0;
    if (!is_large) return;
    items_.shrink_to_fit();
    words_.shrink_to_fit();
}

}  // namespace tracypy::drivers
