#include "io/local_channel.hpp"

#if !defined(_WIN32)
#include <dirent.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#endif
#if defined(__linux__)
#include <sys/random.h>
#endif

#include "io/native.hpp"

namespace tracypy::io {

void LocalListener::remove_folder() const noexcept {
#if !defined(_WIN32)
    if (folder_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
#endif
}

std::vector<std::string> LocalListener::marks(std::string_view beginning) const {
    [[maybe_unused]] constexpr std::size_t kMost = 16;
    std::vector<std::string> found;
#if !defined(_WIN32)
    std::error_code error;
    std::filesystem::directory_iterator entries(folder_, error);
    while (!error && found.size() < kMost && entries != std::filesystem::directory_iterator()) {
        const std::string name = entries->path().filename().string();
        if (name.starts_with(beginning)) found.push_back(name.substr(beginning.size()));
        entries.increment(error);
    }
#else
    (void)beginning;
#endif
    return found;
}

void LocalListener::abandon() noexcept {
    socket_.close();
    folder_.clear();
}

#if defined(_WIN32)

std::string LocalListener::open() {
    return "this system has no local sockets";
}
LocalListener::Accepted LocalListener::accept() noexcept {
    return {};
}
Socket connect_local(const std::string&) noexcept {
    return Socket();
}
int connect_for_child(const std::string&) noexcept {
    return -1;
}
Socket adopt_connection(int) noexcept {
    return Socket();
}
bool make_secret(std::span<char>) noexcept {
    return false;
}

#else

namespace {

/// Many children may start at once. The system cuts it to what it allows.
constexpr int kBacklog = 4'096;
constexpr int kConnectTries = 200;
constexpr long kConnectNapNs = 2'000'000;
constexpr int kBufferBytes = 1 << 20;
constexpr const char* kFolder = "tracypy-family-";

bool set_address(sockaddr_un& address, const std::string& path) noexcept {
    if (path.size() >= sizeof(address.sun_path)) return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

/// A process that was killed has left its folder behind: nobody listens in it any more.
void remove_if_left_behind(const std::filesystem::path& folder) {
    struct stat found{};
    const std::string path = folder / "s";
    sockaddr_un address{};
    if (lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode) || found.st_uid != geteuid()) return;
    if (!set_address(address, path)) return;
    const Socket socket = native::make_socket(AF_UNIX, SOCK_STREAM);
    const bool is_refused =
        ::connect(native::raw(socket.handle()), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
        native::last_error() == ECONNREFUSED;
    std::error_code ignored;
    if (is_refused) std::filesystem::remove_all(folder, ignored);
}

void remove_left_behind(const std::string& above) {
    constexpr int kMostEntries = 10'000;
    // Not by std::filesystem, which makes a path of each: there may be thousands.
    const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> entries(::opendir(above.c_str()));
    if (entries == nullptr) return;
    for (int i = 0; i < kMostEntries; ++i) {
        const dirent* const entry = ::readdir(entries.get());
        if (entry == nullptr) break;
        if (std::string_view(entry->d_name).starts_with(kFolder)) remove_if_left_behind(above + "/" + entry->d_name);
    }
}

/// Empty if there cannot be one.
std::string make_folder_in(const char* place) {
    if (place == nullptr || *place != '/') return {};
    std::string folder = std::string(place) + "/" + kFolder + "XXXXXX";
    sockaddr_un address{};
    if (!set_address(address, folder + "/s")) return {};
    remove_left_behind(place);
    return mkdtemp(folder.data()) != nullptr ? folder : std::string();
}

std::string make_folder() {
    // A container whose root is read-only has the last one left, as a rule.
    const std::array<const char*, 5> places{std::getenv("XDG_RUNTIME_DIR"), std::getenv("TMPDIR"), "/tmp", "/var/tmp",
                                            "/dev/shm"};
    for (const char* const place : places) {
        std::string folder = make_folder_in(place);
        if (!folder.empty()) return folder;
    }
    return {};
}

LocalPeer peer_of(const Socket& socket) noexcept {
#if defined(__linux__)
    ucred found{};
    socklen_t size = sizeof(found);
    if (getsockopt(native::raw(socket.handle()), SOL_SOCKET, SO_PEERCRED, &found, &size) == 0) {
        return {static_cast<std::uint64_t>(found.pid), found.uid};
    }
#else
    uid_t user = 0;
    gid_t group = 0;
    if (getpeereid(native::raw(socket.handle()), &user, &group) == 0) return {0, user};
#endif
    return {0, UINT64_MAX};
}

}  // namespace

std::string LocalListener::open() {
    folder_ = make_folder();
    if (folder_.empty()) return "no folder can be made for a local socket";
    path_ = folder_ + "/s";
    // It gets its name when it listens: one that nobody answers on is taken for what a killed process has left behind.
    const std::string unfinished = folder_ + "/n";
    sockaddr_un address{};
    set_address(address, unfinished);
    Socket socket = native::make_socket(AF_UNIX, SOCK_STREAM);
    const bool is_open =
        socket.valid() &&
        bind(native::raw(socket.handle()), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
        ::chmod(unfinished.c_str(), S_IRUSR | S_IWUSR) == 0 && ::listen(native::raw(socket.handle()), kBacklog) == 0 &&
        std::rename(unfinished.c_str(), path_.c_str()) == 0;
    if (!is_open) {
        const int error = native::last_error();
        ::unlink(unfinished.c_str());
        return "no local socket can be made: " + native::text_of_error(error);
    }
    socket_ = std::move(socket);
    return {};
}

LocalListener::Accepted LocalListener::accept() noexcept {
    while (socket_.is_own()) {
        Socket socket = native::accept_next(socket_.handle());
        if (!socket.valid()) {
            if (native::interrupted(native::last_error())) continue;
            return {};
        }
        const LocalPeer peer = peer_of(socket);
        if (peer.user != geteuid() && peer.user != 0) continue;
        return {std::move(socket), peer};
    }
    return {};
}

Socket connect_local(const std::string& path) noexcept {
    sockaddr_un address{};
    if (!set_address(address, path)) return Socket();
    Socket socket = native::make_socket(AF_UNIX, SOCK_STREAM);
    if (!socket.valid()) return socket;
    // A short program has handed over all it has before anybody reads it.
    native::set_option(socket.handle(), SOL_SOCKET, SO_SNDBUF, kBufferBytes);
    for (int tries = 0; tries < kConnectTries; ++tries) {
        if (::connect(native::raw(socket.handle()), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
            0) {
            return peer_of(socket).user == geteuid() ? std::move(socket) : Socket();
        }
        const int error = native::last_error();
        if (!native::would_block(error) && !native::interrupted(error)) break;
        const timespec nap{0, kConnectNapNs};
        nanosleep(&nap, nullptr);
    }
    return Socket();
}

int connect_for_child(const std::string& path) noexcept {
    const Socket socket = connect_local(path);
    return socket.valid() ? fcntl(native::raw(socket.handle()), F_DUPFD_CLOEXEC, 3) : -1;
}

Socket adopt_connection(int descriptor) noexcept {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const bool is_ours =
        getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 && address.ss_family == AF_UNIX;
    if (!is_ours) return Socket();
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK);
    return Socket(descriptor);
}

bool make_secret(std::span<char> bytes) noexcept {
#if defined(__linux__)
    if (getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size())) return true;
    const int device = ::open("/dev/urandom", O_RDONLY | O_CLOEXEC);  // a sandbox may have that alone
    const bool is_read =
        device >= 0 && ::read(device, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    if (device >= 0) ::close(device);
    return is_read;
#else
    arc4random_buf(bytes.data(), bytes.size());
    return true;
#endif
}

#endif

}  // namespace tracypy::io
