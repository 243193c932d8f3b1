// Call stacks, functions, code and sources of a captured program, in.
#pragma once

#include <string>

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

/// One thread. Throws PeerError on answers that were not asked for, and on stacks that nothing was sent for.
class CallstackDecoder {
public:
    explicit CallstackDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::CallstackPayload>& event) { state_.callstacks.add(event.tail()); }
    void on(const Incoming<WireEvent::CallstackAllocPayload>& event) { state_.callstacks.add_told(event.tail()); }
    void on(const Incoming<WireEvent::Callstack>&) { for_row(); }
    void on(const Incoming<WireEvent::CallstackAlloc>&) { for_row(); }
    void on(const Incoming<WireEvent::CallstackSerial>&) { state_.serial_callstack = state_.callstacks.take(); }

    void on(const Incoming<WireEvent::SecondStringData>& event) { state_.send_second_ahead(event.tail()); }
    void on(const Incoming<WireEvent::SecondStringData8>& event) { state_.send_second_ahead(event.tail()); }
    void on(const Incoming<WireEvent::CallstackFrameSize>& event) {
        const std::string image = state_.take_text("a call stack");
        state_.callstacks.address_answered(event.get<"pointer">(), event.get<"size">(), image);
    }
    void on(const Incoming<WireEvent::CallstackFrame>& event) {
        const std::string function = state_.take_text("a call"), file = state_.take_second_text("a call");
        state_.callstacks.call_answered({event.get<"line">(), event.get<"symbol">(), event.get<"length">()}, function,
                                        file);
    }
    void on(const Incoming<WireEvent::SymbolInformation>& event) {
        const std::string file = state_.take_text("a function");
        state_.callstacks.symbol_answered(event.get<"symbol">(), event.get<"line">(), file);
    }
    void on(const Incoming<WireEvent::SymbolCode>& event) {
        state_.callstacks.code_answered(event.get<"pointer">(), event.tail());
    }
    void on(const Incoming<WireEvent::AckSymbolCodeNotAvailable>&) { state_.queries.code_not_available(); }
    void on(const Incoming<WireEvent::SourceCode>& event) {
        state_.names.sources().answered(static_cast<std::uint32_t>(event.get<"pointer">()), event.tail());
    }
    void on(const Incoming<WireEvent::AckSourceCodeNotAvailable>& event) {
        state_.names.sources().not_available(event.get<"id">());
    }
    void on(const Incoming<WireEvent::AckServerQueryNoop>&) { state_.queries.acknowledged(); }

private:
    void for_row() { state_.current("a call stack").next_callstack = state_.callstacks.take(); }

    DecoderState& state_;
};

}  // namespace tracypy::protocol::kinds
