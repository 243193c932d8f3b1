// The calling thread at work on its buffer, whether it holds the interpreter or has never seen one.
#pragma once

#include "cpython/thread_state.hpp"

namespace tracypy::cpython::native {

/// While it lives, whoever stops the world waits for this thread, which waits for nothing long.
class Stay {
public:
    Stay() noexcept : buffer_(enter()) {}
    ~Stay() {
        if (buffer_ != nullptr) recorder::WriterGate::leave(buffer_->gate_mark());
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

    /// False: there is no session, or there is no memory for a buffer.
    explicit operator bool() const noexcept { return buffer_ != nullptr; }
    recorder::ThreadBuffer& operator*() const noexcept { return *buffer_; }
    recorder::ThreadBuffer* operator->() const noexcept { return buffer_; }

private:
    static recorder::ThreadBuffer* enter() noexcept {
        recorder::ThreadBuffer* const buffer = t_buffer;
        if (is_ready(buffer)) [[likely]] {
            recorder::WriterGate::Mark& mark = buffer->gate_mark();
            // A signal's handler, on top of what the thread does in there: that is not to be disturbed.
            if (mark.load(std::memory_order_relaxed)) [[unlikely]] {
                return nullptr;
            }
            process_recorder().gate().enter(mark);
            if (is_ready(buffer)) [[likely]] {  // still
                return buffer;
            }
            recorder::WriterGate::leave(mark);
        }
        return enter_slow();
    }

    recorder::ThreadBuffer* const buffer_;
};

}  // namespace tracypy::cpython::native
