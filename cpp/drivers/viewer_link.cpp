#include "drivers/viewer_link.hpp"

#include <utility>

namespace tracypy::drivers {
namespace {

// A multiple of a query's 13 bytes. One reading's answers are at most 64 names of 64 KiB beyond kOutputBytes.
constexpr std::size_t kReadBytes = 64 * protocol::kQueryBytes;
// A peer that never stops talking must not keep the thread to itself.
constexpr int kReadsAtOnce = 64;

}  // namespace

ViewerLink::ViewerLink(io::Socket socket, const base::Names& names, std::int64_t now_ns)
    : socket_(std::move(socket)),
      session_(names),
      peer_(socket_.peer()),
      packing_(socket_.peer_is_this_machine() ? protocol::Packing::Stored : protocol::Packing::Compressed),
      connected_ns_(now_ns),
      last_progress_ns_(now_ns),
      last_sent_ns_(now_ns) {}

void ViewerLink::receive(std::int64_t now_ns) {
    char bytes[kReadBytes];
    for (int reads = 0; reads < kReadsAtOnce && !lost_ && wants_to_read(); ++reads) {
        const io::Transfer got = socket_.receive(bytes);
        if (got.status == io::Transfer::Status::WouldBlock) return;
        if (got.status == io::Transfer::Status::Closed) {
            lost_ = true;
            return;
        }
        heard_anything_ = true;
        last_progress_ns_ = now_ns;
        session_.receive({bytes, got.bytes});
        if (got.bytes < sizeof(bytes)) return;
    }
}

void ViewerLink::send(std::int64_t now_ns) {
    while (!lost_ && wants_to_write()) {
        const io::Transfer sent = socket_.send(session_.output().pending());
        if (sent.status == io::Transfer::Status::WouldBlock) return;
        if (sent.status == io::Transfer::Status::Closed) {
            lost_ = true;
            return;
        }
        session_.output().consume(sent.bytes);
        last_progress_ns_ = last_sent_ns_ = now_ns;
    }
}

void ViewerLink::look_for_progress(std::int64_t now_ns) noexcept {
    const std::size_t bytes = socket_.bytes_under_way();
    if (bytes < under_way_bytes_) last_progress_ns_ = now_ns;
    under_way_bytes_ = bytes;
}

}  // namespace tracypy::drivers
