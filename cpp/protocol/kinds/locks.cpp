#include "protocol/kinds/locks.hpp"

#include <algorithm>

namespace tracypy::protocol::kinds {

void write_lock_announce(Encoder& encoder, const events::LockAnnounce& lock, std::uint64_t location,
                         base::Ticks start) {
    encoder.write<WireEvent::LockAnnounce>(lock.lock, std::max(lock.made, start), location,
                                           static_cast<std::uint8_t>(lock.is_shared));
}

void write_lock_name(Encoder& encoder, const events::LockName& lock, std::string_view name) {
    encoder.single_string(name);
    encoder.write<WireEvent::LockName>(lock.lock);
}

void write_lock_event(Encoder& encoder, const events::LockEvent& event) {
    using Kind = events::LockEventKind;
    switch (event.kind) {
        case Kind::Wait:
            return encoder.write<WireEvent::LockWait>(event.thread, event.lock, event.ticks);
        case Kind::Obtain:
            return encoder.write<WireEvent::LockObtain>(event.thread, event.lock, event.ticks);
        case Kind::Release:
            return encoder.write<WireEvent::LockRelease>(event.lock, event.ticks);
        case Kind::WaitShared:
            return encoder.write<WireEvent::LockSharedWait>(event.thread, event.lock, event.ticks);
        case Kind::ObtainShared:
            return encoder.write<WireEvent::LockSharedObtain>(event.thread, event.lock, event.ticks);
        case Kind::ReleaseShared:
            return encoder.write<WireEvent::LockSharedRelease>(event.lock, event.ticks, event.thread);
    }
}

}  // namespace tracypy::protocol::kinds
