// A signal of the program that raises a flag of ours and does nothing else.
#pragma once

#include <string>

namespace tracypy::io {

/// One thread at a time. One for each signal.
class SignalFlag {
public:
    /// Takes the signal; `name` is for messages. Throws base::Error when something else has it,
    /// base::SystemError when the system has no such signal.
    SignalFlag(int signal, const std::string& name);
    /// Gives it back.
    ~SignalFlag() { release(); }
    SignalFlag(const SignalFlag&) = delete;
    SignalFlag& operator=(const SignalFlag&) = delete;

    /// Whether it has come since the last call.
    bool take() noexcept;
    /// Gives it back as it was. False when the program has taken it meanwhile, which is left alone. In a forked child
    /// as well.
    bool release() noexcept;

private:
    [[maybe_unused]] int signal_;
};

}  // namespace tracypy::io
