#include "protocol/decoder.hpp"

#include <array>
#include <string>
#include <utility>

#include "protocol/kinds/skipped.hpp"
#include "protocol/peer_error.hpp"

namespace tracypy::protocol {
namespace {

struct Tailed {
    std::string_view bytes;
    std::size_t size;  // with its length in front
};

PeerError cut_off(WireEvent event) {
    return PeerError("a block that ends in the middle of " + std::string(facts_of(event).name));
}

Tailed tail_of(WireEvent event, Tail kind, bool is_biased, const char* cursor, const char* end) {
    if (kind == Tail::None) return {{}, 0};
    if (kind == Tail::NotOnWire) throw PeerError(std::string(facts_of(event).name) + ", which is never sent");
    const std::size_t width = width_of(kind);
    const auto there = static_cast<std::size_t>(end - cursor);
    if (there < width) throw cut_off(event);
    std::size_t length = 0;
    put_bytes(reinterpret_cast<char*>(&length), cursor, width);
    if (is_biased) length += kLengthBias;
    if (there - width < length) throw cut_off(event);
    return {{cursor + width, length}, width + length};
}

template <typename Kind, WireEvent kEvent>
concept Decodes = requires(Kind& kind, const Incoming<kEvent>& event) { kind.on(event); };

template <WireEvent kEvent, typename... Kinds>
consteval std::size_t decoders_of(std::type_identity<std::tuple<Kinds...>>) {
    return (std::size_t{Decodes<Kinds, kEvent>} + ...);
}

}  // namespace

Decoder::Decoder(const Dialect& dialect, const Welcome& welcome, base::Names& names, PendingQueries& queries,
                 events::EventSink& sink, events::CapturedSink* captured)
    : state_(dialect, welcome, names, queries, sink, captured),
      kinds_([this]<typename... Each>(std::type_identity<std::tuple<Each...>>) {
          return Kinds(Each(state_)...);
      }(std::type_identity<Kinds>{})) {}

template <WireEvent kEvent>
void Decoder::handle(Decoder& decoder, const char* body, std::string_view tail) {
    constexpr std::size_t kDecoders = decoders_of<kEvent>(std::type_identity<Kinds>{});
    constexpr Treatment kTreatment = row_of(kEvent).group.treatment;
    constexpr bool kIsKept = kTreatment == Treatment::Kept;
    constexpr bool kIsCaptured = kTreatment == Treatment::Captured;
    static_assert(kTreatment == Treatment::Silent ? kDecoders <= 1 : kDecoders == (kIsKept || kIsCaptured ? 1 : 0),
                  "one kind decodes what its row says is kept, and none what is not");
    const Incoming<kEvent> event(decoder.state_.dialect, body, tail);
    if constexpr (kDecoders == 1) {
        if (!kIsKept && decoder.state_.captured == nullptr) return kinds::skip(decoder.state_, event);
        const auto offer = [&event](auto& kind) {
            if constexpr (Decodes<decltype(kind), kEvent>) kind.on(event);
        };
        std::apply([&offer](auto&... kinds) { (offer(kinds), ...); }, decoder.kinds_);
    } else {
        kinds::skip(decoder.state_, event);
    }
}

void Decoder::block(std::span<const char> events) {
    try {
        decode(events.data(), events.data() + events.size());
    } catch (const PeerError&) {
        state_.batch.flush();
        throw;
    }
    state_.batch.flush();
}

void Decoder::decode(const char* cursor, const char* end) {
    using Handler = void (*)(Decoder&, const char*, std::string_view);
    static constexpr auto kHandlers = []<std::size_t... kEvents>(std::index_sequence<kEvents...>) {
        return std::array<Handler, kWireEventCount>{&Decoder::handle<static_cast<WireEvent>(kEvents)>...};
    }(std::make_index_sequence<kWireEventCount>{});
    const Dialect& dialect = state_.dialect;
    while (cursor < end) {
        const auto number = static_cast<std::uint8_t>(*cursor);
        if (number >= dialect.event_count) throw PeerError("an event of unknown kind " + std::to_string(number));
        const WireEvent event = dialect.events[number];
        const std::size_t fixed = dialect.fixed_size(event);
        if (static_cast<std::size_t>(end - cursor) < fixed) throw cut_off(event);
        const bool is_biased = dialect.short_strings && is_biased_text(event);
        const Tailed tail = tail_of(event, facts_of(event).tail, is_biased, cursor + fixed, end);
        kHandlers[static_cast<std::size_t>(event)](*this, cursor + 1, tail.bytes);
        cursor += fixed + tail.size;
    }
}

}  // namespace tracypy::protocol
