#pragma once

// Errors of the CA: one line for the person who runs the program, naming the file or the step and the cause (OpenSSL's
// or the system's own words included). Nothing branches on them, so they are text and not an enum.

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

/// A success that is itself text. A ca_error can be made of text too, so a bare one would be ambiguous.
template <class T>
ca_result<T> text_result(T text) {
  return ca_result<T>(boost::system::in_place_value, std::move(text));
}

/// "<what>: <reason>", the reason taken from this thread's OpenSSL error queue, which is empty afterwards.
ca_error openssl_error(std::string_view what);

/// "<what>: <strerror(code)>".
ca_error system_error(std::string_view what, int code);

/// The same of a file, with its owner, its mode and the command that mends it where these are the cause.
ca_error file_error(const std::filesystem::path& path, int code, std::string_view what = {});

/// result::value() of an error.
[[noreturn]] inline void throw_exception_from_error(const ca_error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

}  // namespace mitm
