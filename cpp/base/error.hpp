// The errors of cold native code. Translated to Python once, in bindings/bind_errors.cpp.
#pragma once

#include <stdexcept>
#include <string>

namespace tracypy::base {

/// Base of all: becomes RuntimeError.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A call of the operating system failed: becomes OSError with this errno.
class SystemError : public Error {
public:
    SystemError(int code, const std::string& what) : Error(what), code_(code) {}
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// The caller's value cannot be used: becomes ValueError.
class ValueError : public Error {
public:
    using Error::Error;
};

}  // namespace tracypy::base
