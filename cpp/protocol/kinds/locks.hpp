// Locks: announced, waited for, obtained, released.
#pragma once

#include <string_view>

#include "events/event_sink.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// `location`: by its number on the wire. `start`: of the session, before which nothing lies.
void write_lock_announce(Encoder& encoder, const events::LockAnnounce& lock, std::uint64_t location, base::Ticks start);
void write_lock_name(Encoder& encoder, const events::LockName& lock, std::string_view name);
/// Of one that was announced.
void write_lock_event(Encoder& encoder, const events::LockEvent& event);

}  // namespace tracypy::protocol::kinds
