#include "io/poller.hpp"

#include <vector>

#include "io/native.hpp"

namespace tracypy::io {

#if defined(_WIN32)
using PollEntry = WSAPOLLFD;
static int poll_entries(PollEntry* entries, std::size_t count, int timeout_ms) noexcept {
    if (count == 0) {  // an error for WSAPoll, which would not wait
        Sleep(timeout_ms < 0 ? INFINITE : static_cast<DWORD>(timeout_ms));
        return 0;
    }
    return WSAPoll(entries, static_cast<ULONG>(count), timeout_ms);
}
#else
using PollEntry = pollfd;
static int poll_entries(PollEntry* entries, std::size_t count, int timeout_ms) noexcept {
    return ::poll(entries, static_cast<nfds_t>(count), timeout_ms);
}
#endif

struct Poller::Entries {
    std::vector<PollEntry> list;
};

Poller::Poller() : entries_(new Entries) {}

Poller::~Poller() = default;

void Poller::clear() noexcept {
    entries_->list.clear();
}

std::size_t Poller::add(Handle handle, bool read, bool write) {
    PollEntry entry{};
    entry.fd = native::raw(handle);
    entry.events = static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
    entries_->list.push_back(entry);
    return entries_->list.size() - 1;
}

void Poller::wait(int timeout_ms) noexcept {
    if (poll_entries(entries_->list.data(), entries_->list.size(), timeout_ms) > 0) return;
    for (PollEntry& entry : entries_->list) entry.revents = 0;
}

bool Poller::readable(std::size_t index) const noexcept {
    return (entries_->list[index].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

bool Poller::writable(std::size_t index) const noexcept {
    return (entries_->list[index].revents & (POLLOUT | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace tracypy::io
