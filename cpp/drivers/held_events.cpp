#include "drivers/held_events.hpp"

#include <type_traits>

namespace tracypy::drivers {

void HeldEvents::thread_batch(const events::ThreadBatch& batch) {
    items_.emplace_back(Batch{batch.thread, batch.carrier, batch.words.size()});
    words_.insert(words_.end(), batch.words.begin(), batch.words.end());
    bytes_ += sizeof(Item) + batch.words.size_bytes();
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
    items_.clear();
    words_.clear();
    texts_.clear();
    bytes_ = 0;
}

}  // namespace tracypy::drivers
