// A capture from end to end: connects to a program, receives until it ends or is stopped, saves a .tracy file.
//
// Everything happens in the calling thread. While it waits it calls back ten times a second, with how far it is, and
// learns from the answer whether to go on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "protocol/unsupported_events.hpp"

namespace tracypy::drivers {

struct CaptureConfig {
    std::string address = "127.0.0.1";  // or a name
    std::uint16_t port = 8086;
    std::filesystem::path path;
    bool overwrite = false;
    std::uint32_t protocol = 0;             // 0: whichever of ours the program speaks
    std::optional<double> connect_seconds;  // give up when there is no welcome for so long; none: wait for ever
    std::optional<double> seconds;          // receive no longer than this
    std::optional<double> memory_percent;   // of the machine's memory: stop when this process has more
};

struct CaptureProgress {
    enum class Phase : std::uint8_t {
        Connecting,  // no program listens there
        Knocking,    // somebody does, and says nothing: it may be busy with another viewer
        Receiving,
        Stopping,  // the program was asked to come to an end
        Saving,
    };
    Phase phase = Phase::Connecting;
    std::uint64_t zones = 0;
    std::uint64_t frames = 0;          // marks
    std::uint64_t bytes_received = 0;  // compressed, as they came
    std::uint64_t bytes_events = 0;    // what they were
    std::int64_t span_ns = 0;
    double seconds = 0;  // since the welcome
};

enum class CaptureEnd : std::uint8_t {
    Finished,  // the program came to its end
    Stopped,   // by the time limit or by who called
    Memory,    // by the memory limit
    Lost,      // the connection ended before its time
    Failed,    // the program said something that makes no sense
};

struct CaptureResult {
    CaptureEnd end = CaptureEnd::Finished;
    std::string problem;  // one line, when Lost or Failed
    std::string program;
    std::uint32_t protocol = 0;
    CaptureProgress progress;
    std::uint64_t threads = 0;
    std::uint64_t messages = 0;
    std::uint64_t plots = 0;
    std::uint64_t frames = 0;  // marks of the default set
    std::uint64_t file_bytes = 0;
    std::vector<protocol::UnsupportedEvents> unsupported_events;
};

/// No program could be captured: becomes ConnectionError in Python.
class CaptureError : public base::Error {
public:
    using Error::Error;
};

enum class Verdict : std::uint8_t {
    GoOn,
    Stop,   // ask the program to come to an end, and save
    Leave,  // save what is there
};

/// Throws CaptureError when nothing could be received, base::ValueError for an unknown host, base::SystemError when the
/// file cannot be written. The file appears at its place when it is whole; until then it has ".part" behind its name.
CaptureResult capture(const CaptureConfig& config, const std::function<Verdict(const CaptureProgress&)>& call_back);

}  // namespace tracypy::drivers
