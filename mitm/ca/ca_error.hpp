#pragma once

// CA errors: one line for the person who runs the program, with the file or step and the cause (including OpenSSL's or
// the system's message). No code branches on them, so they are text, not an enum.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace mitm {

struct ca_error {
  std::string message;
};

template <class T>
using ca_result = boost::system::result<T, ca_error>;

/// Wraps a successful text result. A ca_error can be made from text too, so a bare string would be ambiguous.
template <class T>
ca_result<T> text_result(T text) {
  return ca_result<T>(boost::system::in_place_value, std::move(text));
}

/// "<what>: <reason>". Takes the reason from this thread's OpenSSL error queue and empties the queue.
ca_error openssl_error(std::string_view what);

/// "<what>: <strerror(code)>".
ca_error system_error(std::string_view what, int code);

/// The same for a file. If owner or mode are the cause, names them and the command that fixes it.
ca_error file_error(const std::filesystem::path& path, int code, std::string_view what = {});

/// Called by result::value() on an error.
[[noreturn]] inline void throw_exception_from_error(const ca_error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

}  // namespace mitm
