#include "recorder/writer_gate.hpp"

#include <chrono>
#include <thread>

namespace tracypy::recorder {

void WriterGate::expect_writers() noexcept {
    if (has_writers_.load(std::memory_order_relaxed)) return;
    base::prepare_fences();
    has_writers_.store(true, std::memory_order_seq_cst);  // before the first writer looks whether the gate is closed
    base::heavy_fence();
}

bool WriterGate::close() noexcept {
    closed_.fetch_add(1, std::memory_order_seq_cst);
    if (!has_writers_.load(std::memory_order_seq_cst)) return false;
    base::heavy_fence();
    return true;
}

void WriterGate::pause() noexcept {
    std::this_thread::sleep_for(std::chrono::microseconds(20));
}

}  // namespace tracypy::recorder
