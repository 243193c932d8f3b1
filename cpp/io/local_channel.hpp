// A local socket that only processes of this user reach: a stream, in a folder of its own that is closed to others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/socket.hpp"

namespace tracypy::io {

/// The process that has made a connection, as the system says.
struct LocalPeer {
    std::uint64_t process = 0;
    std::uint64_t user = 0;
};

/// One thread at a time. What does not work on this system never opens.
class LocalListener {
public:
    LocalListener() noexcept = default;
    ~LocalListener() { remove_folder(); }
    LocalListener(const LocalListener&) = delete;
    LocalListener& operator=(const LocalListener&) = delete;

    /// Makes the folder and listens. Empty, or what is in the way.
    std::string open();
    bool is_open() const noexcept { return socket_.valid(); }
    const std::string& path() const noexcept { return path_; }
    const std::string& folder() const noexcept { return folder_; }
    Handle handle() const noexcept { return socket_.handle(); }

    /// What of that kind others have left in the folder, without the beginning: names of files, with nothing in them.
    std::vector<std::string> marks(std::string_view beginning) const;

    struct Accepted {
        Socket socket;  // invalid: nobody waits
        LocalPeer peer;
    };
    /// Those of other users are turned away here, should the system let them come so far.
    Accepted accept() noexcept;

    /// Who is connected stays so.
    void remove_folder() const noexcept;
    /// In a forked child: the folder is the parent's.
    void abandon() noexcept;

private:
    std::string folder_, path_;
    Socket socket_;
};

/// Invalid when nobody listens there, or another user does, who has made a folder of the same name. Waits a moment when
/// many connect at once.
Socket connect_local(const std::string& path) noexcept;

/// A connection for a child that cannot find the socket itself; -1 for none. The caller closes it.
int connect_for_child(const std::string& path) noexcept;
/// A connection that somebody has made for this process; not inherited further. Invalid if it is no such thing.
Socket adopt_connection(int descriptor) noexcept;

/// Fills with what nobody can guess. False where the system has no such thing.
bool make_secret(std::span<char> bytes) noexcept;

}  // namespace tracypy::io
